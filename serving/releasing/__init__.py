"""Releases over HTTP: which there are, what the gates say, and the acts of people."""
