"""What findings and verified facts come to, dimension by dimension, by a published ruler."""
