"""Checks before a project enters the library of projects: the answer and the page."""
