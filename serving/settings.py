"""What the service is told when it starts: where its files are, where it listens, its limits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from serving.access.browser import is_this_machine
from serving.errors import ServiceError
from serving.record_address import record_address
from serving.records.receipt import KEEP_ANSWERS

MEBIBYTE = 1 << 20
DEFAULT_HOME = Path("var")
LONGEST_ANSWER = 240.0
"""Seconds; the framework's own limit is above it, so that ours is the one that is met."""

_VARIABLES = {
    "LINGJI_HOME": "home",
    "LINGJI_CATALOGUE": "catalogue",
    "LINGJI_HOST": "host",
    "LINGJI_PORT": "port",
    "LINGJI_TOKENS": "tokens",
    "LINGJI_WHAT_IFS": "what_ifs_a_day",
    "LINGJI_RECORDS": "records",
    "LINGJI_ANSWERS_DAYS": "answers_days",
    "LINGJI_REASONS": "reasons",
    "LINGJI_RULES": "rules",
}

Seconds = Annotated[float, Field(gt=0, le=LONGEST_ANSWER)]
Count = Annotated[int, Field(gt=0)]


class Limits(BaseModel):
    """How much one caller, and all of them together, may ask of the service."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    body_bytes: Count = 8 * MEBIBYTE
    batch_bytes: Count = 64 * MEBIBYTE
    batch_projects: Count = 1_000
    depth: Count = 24
    read_seconds: Seconds = 15
    answer_seconds: Seconds = 15
    batch_seconds: Seconds = 120
    at_once: Count = 64
    # Batches work in threads beside the loop that answers single projects: more of them slow it.
    batches_at_once: Annotated[int, Field(gt=0, le=3)] = 2
    batches_waiting: Annotated[int, Field(ge=0)] = 32
    shutdown_seconds: Seconds = 20
    follow_seconds: Seconds = 1


class ServiceSettings(BaseModel):
    """Where the working folder is, which catalogue is served, and where the service listens.

    port: 0 takes any free one. tokens: a file that says which bearer tokens are taken.
    what_ifs_a_day: how often a department may ask what a change of one project would do, and
    how many versions of it it may have scored. records: the address of the record database.
    answers_days: how long an answer is given again under its Idempotency-Key. reasons: a file with
    the reasons for which people may overrule. rules: a file, or a folder of them, with rules of the
    bureau's own beside those that ship.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = DEFAULT_HOME
    catalogue: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")] = "zero_base"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    tokens: Path | None = None
    # Enough to understand a score, too few to search for a better one.
    what_ifs_a_day: Annotated[int, Field(ge=0)] = 20
    records: SecretStr | None = None
    answers_days: Annotated[int, Field(gt=0, le=3_660)] = KEEP_ANSWERS.days
    reasons: Path | None = None
    rules: Path | None = None
    limits: Limits = Limits()

    @property
    def record_address(self) -> str:
        """The address of the record database, which may hold a password."""
        given = None if self.records is None else self.records.get_secret_value()
        return record_address(given, self.home)


def service_settings(environment: Mapping[str, str], **given: Any) -> ServiceSettings:
    """The settings from the environment's LINGJI_ variables; what is `given` (not None) wins.

    Raises:
        ServiceError: when a value is not possible.
    """
    values: dict[str, Any] = {
        name: environment[variable]
        for variable, name in _VARIABLES.items()
        if variable in environment
    }
    values |= {name: value for name, value in given.items() if value is not None}
    try:
        settings = ServiceSettings(**values)
    except ValidationError as error:
        wrong = "; ".join(_said(item) for item in error.errors(include_url=False))
        raise ServiceError(f"settings of the service: {wrong}") from error
    return settings


def _said(item: Mapping[str, Any]) -> str:
    place = ".".join(map(str, item["loc"]))
    return f"{place}: {item['msg'][:1].lower()}{item['msg'][1:]}; got {item['input']!r}"


def require_this_machine(host: str) -> None:
    """Return when the host is a loopback address.

    Raises:
        ServiceError: when others could reach it: without access keys nobody can tell who asks.
    """
    if not is_this_machine(host):
        raise ServiceError(
            f"expected a loopback host such as 127.0.0.1; got {host}; there are no access keys, "
            "and without them nobody else may reach the service: leave --host out, or make a key "
            "first: lingji keys create --role admin --label NAME --days 90"
        )
