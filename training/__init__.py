"""How a model is made and released."""
