"""How expenditure standards are learned, compared with the version before, and watched."""
