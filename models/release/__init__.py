"""What a release asks for: a comparison, gates, a review, and a statement that people sign."""
