"""Results of the search for duplicates, as they are kept and signed."""
