"""A form: data of one fixed shape, kept as JSON, of which anything else is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from features.errors import Fault, FormError
from features.strict_json import NotJson, read_json

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
"""The SHA-256 of bytes, as `sha256:` and 64 hexadecimal digits."""
Moment = Annotated[
    str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
]
"""A time as RFC 3339 writes it, with its zone."""
Words = Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True)]
"""What a person wrote."""
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Form(BaseModel):
    """The root of forms: frozen, no unknown key, no number for a text, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @classmethod
    def parse(cls, content: bytes, origin: str) -> Self:
        """The form that JSON holds.

        Raises:
            FormError: naming every place where it is of another shape.
        """
        try:
            text = content.decode("utf-8")
            read = read_json(text)
        except UnicodeDecodeError as error:
            raise FormError([Fault(None, None, "UTF-8 text", "other bytes")], origin) from error
        except NotJson as error:
            raise FormError([error.fault], origin) from error
        if read.faults:
            raise FormError(read.faults, origin)
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise FormError(form_faults(error), origin) from error

    @classmethod
    def read(cls, path: Path) -> Self:
        """The form in a file.

        Raises:
            FormError: when there is no such file, or it is of another shape.
        """
        return cls.parse(form_bytes(path), str(path))

    def to_bytes(self) -> bytes:
        """The form as it is kept: the same form is always the same bytes."""
        plain = self.model_dump(mode="json")
        text = json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
        return text.encode() + b"\n"

    @property
    def file_digest(self) -> str:
        """The digest of the form as it is kept."""
        return digest_of(self.to_bytes())


def form_bytes(path: Path) -> bytes:
    """What is in a file.

    Raises:
        FormError: when there is no such file.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        got = f"none that can be read ({error.strerror})"
        raise FormError([Fault(None, None, "a file", got)], str(path)) from error


def form_faults(error: ValidationError) -> Iterator[Fault]:
    """What a validation found, as faults; values are not repeated."""
    for item in error.errors(include_url=False, include_input=False):
        place = ".".join(str(step) for step in item["loc"])
        message = item["msg"].removeprefix("Value error, ")
        yield Fault(None, place or None, message[:1].lower() + message[1:], "another value")


def digest_of(content: bytes) -> str:
    """The SHA-256 of bytes, as it is written everywhere."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
