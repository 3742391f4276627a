"""What an auditor does with the record log: search, look, replay, verify, compare, export."""
