"""Versions of the expenditure-standard library: kept, signed, in force."""
