"""What is asked of a bearer token: its issuer, its audience, and which role its words mean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from serving.access.caller import Grant, Role, parse_grant
from serving.errors import AccessError
from serving.settings_file import settings_file

Name = Annotated[str, Field(min_length=1, max_length=500)]


class TokenSettings(BaseModel):
    """How tokens of an OpenID Connect issuer are read.

    jwks: the file with the issuer's public keys. role_claim: where a token names its roles; a dot
    leads into an object. roles: from the issuer's word to the role here; `department` alone takes
    the code from `department_claim`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Name
    audience: Name
    jwks: Path
    role_claim: Name = "roles"
    roles: Mapping[str, str] = Field(min_length=1)
    department_claim: Name | None = None

    @field_validator("roles")
    @classmethod
    def _known(cls, roles: Mapping[str, str]) -> Mapping[str, str]:
        for role in roles.values():
            if role != Role.DEPARTMENT.value:
                try:
                    parse_grant(role)
                except AccessError as error:
                    raise ValueError(str(error)) from error
        return roles

    def model_post_init(self, context: Any, /) -> None:
        """Refuse a role that no token could fill."""
        if Role.DEPARTMENT.value in self.roles.values() and self.department_claim is None:
            raise ValueError("the role department, without a code, needs a department_claim")

    def grant_of(self, claims: Mapping[str, Any]) -> Grant:
        """The one role that a token's claims give.

        Raises:
            AccessError: when they give none, or several between which nobody can choose.
        """
        words = _claim(claims, self.role_claim)
        named = words if isinstance(words, list) else [words]
        roles = {self.roles[word] for word in named if isinstance(word, str) and word in self.roles}
        if len(roles) != 1:
            got = "several" if roles else "none"
            raise AccessError(f"The token must give one role of this service; it gives {got}.")
        (role,) = roles
        if role != Role.DEPARTMENT.value:
            return parse_grant(role)
        code = _claim(claims, self.department_claim or "")
        try:
            return parse_grant(f"{role}:{code if isinstance(code, str) else ''}")
        except AccessError as error:
            raise AccessError("The token does not say which department it is of.") from error


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by the way to it through objects; None where there is none."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def token_settings(file: Path) -> TokenSettings:
    """The settings in a YAML file; its `jwks` is looked for beside it.

    Raises:
        ServiceError: when it cannot be read, or does not say what is needed.
    """
    settings = settings_file(file, TokenSettings, "settings of tokens", "docs/access.md")
    return settings.model_copy(update={"jwks": file.parent / settings.jwks})
