"""How points for resemblances are calibrated, and how well duplicates are found."""
