"""Who asked for an answer, for whom and how: what its record keeps of the caller."""

from __future__ import annotations

from dataclasses import dataclass

from models.people import account
from serving.access.caller import Caller


@dataclass(frozen=True)
class Asker:
    """Who asked.

    actor: the name that the record keeps, never a secret. department: the one it was asked for, or
    None. way: the call or the command.
    """

    actor: str
    role: str
    way: str
    department: str | None = None

    @classmethod
    def of(cls, caller: Caller, way: str) -> Asker:
        """The caller of the service."""
        return cls(caller.name, caller.role.value, way, caller.department)

    @classmethod
    def at_command_line(cls, way: str) -> Asker:
        """Whoever runs the command, as this machine knows them."""
        return cls(f"os:{account()}", "command_line", way)
