"""The command `lingji`."""

from serving.command_line.program import main

__all__ = ["main"]
