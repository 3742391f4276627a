"""Who calls: a role, perhaps a department, and the name that a record will keep."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import Enum

from serving.errors import AccessError

SCOPE_KEY = "lingji.caller"
"""Where a request's scope carries its caller."""

_LONGEST_DEPARTMENT = 64


class Role(Enum):
    """What somebody is to the service."""

    PLATFORM = "platform"
    DEPARTMENT = "department"
    EXPERT = "expert"
    APPROVER = "approver"
    TRAINER = "trainer"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True)
class Grant:
    """A role as it is given: of a department it is that department's, of the others nobody's."""

    role: Role
    department: str | None = None

    def __post_init__(self) -> None:
        if (self.role is Role.DEPARTMENT) != bool(self.department):
            raise AccessError("expected a code with the role department, and with no other role")

    def __str__(self) -> str:
        name = self.role.value
        return name if self.department is None else f"{name}:{self.department}"


@functools.lru_cache(maxsize=4_096)
def parse_grant(text: str) -> Grant:
    """The grant that `platform`, `department:109001` and the like say.

    Raises:
        AccessError: for another role, or a department without a code.
    """
    name, colon, code = text.partition(":")
    sound = code.isprintable() and code == code.strip() and len(code) <= _LONGEST_DEPARTMENT
    known = name in {role.value for role in Role}
    if known and sound and bool(colon) == bool(code) == (name == Role.DEPARTMENT.value):
        return Grant(Role(name), code or None)
    named = (f"{r.value}:CODE" if r is Role.DEPARTMENT else r.value for r in Role)
    raise AccessError(f"expected a role, one of {', '.join(named)}; got {text[:80]!r}")


@dataclass(frozen=True)
class Caller:
    """Who sends a request.

    name: the id of the key, or the issuer's name for the person; kept with what is answered, and
    never a secret. unseen: projects that an expert is to judge unseen: nothing recorded of them is
    shown.
    """

    grant: Grant
    name: str
    unseen: frozenset[str] = frozenset()

    @property
    def role(self) -> Role:
        """What the caller is to the service."""
        return self.grant.role

    @property
    def department(self) -> str | None:
        """The department that the caller is, or None when it is none."""
        return self.grant.department


LOCAL_ADMIN = Caller(Grant(Role.ADMIN), "local")
"""Whoever calls from this machine while there are neither keys nor tokens."""


def visible(caller: Caller, department: str | None) -> bool:
    """Whether a caller may see what belongs to a department.

    What is not visible is answered as what does not exist: with the same 404.
    """
    return caller.department is None or caller.department == department
