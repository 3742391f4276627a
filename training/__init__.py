"""How a model is made and compared."""
