"""What becomes of the model in service."""
