"""`lingji audit` with all its commands, those that read what records hold among them."""

from __future__ import annotations

from serving.command_line.audit_commands import AUDIT
from serving.command_line.diff_commands import diff
from serving.command_line.private_commands import erase, rotate_key
from serving.command_line.replay_commands import replay

__all__ = ["AUDIT"]

AUDIT.command(name=replay.__name__)(replay)
AUDIT.command(name=diff.__name__)(diff)
AUDIT.command(name=erase.__name__)(erase)
AUDIT.command(name="rotate-key")(rotate_key)
