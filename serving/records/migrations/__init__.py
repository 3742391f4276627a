"""How the record database came to look as it does: one file for each change, applied in order."""
