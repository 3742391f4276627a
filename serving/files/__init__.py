"""Files of projects scored by processes, in record batches."""
