"""Experts judge cases unseen, compare what the models said, and follow findings to their end."""
