"""What is known of a declared project before any model."""
