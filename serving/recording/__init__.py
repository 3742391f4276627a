"""What is kept of an answer before it is given, and what can be made of it again."""
