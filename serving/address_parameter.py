"""What an address of a page may ask for: texts under names, each read once and strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from features.errors import Fault
from features.identity_number import holds_identity_number
from serving.wording.envelope import Refusal

_LONGEST = 100


@dataclass(frozen=True)
class Parameter:
    """A parameter of an address: what is expected, the whole of it as a pattern, how it is read."""

    expected: str
    pattern: str
    made: Callable[[str], Any]
    longest: int | None = None

    @property
    def schema(self) -> dict[str, Any]:
        """What it may be, as JSON Schema says it; the empty text asks for nothing."""
        most = {} if self.longest is None else {"maxLength": self.longest}
        return {"description": self.expected, "pattern": f"^({self.pattern})?$", **most}

    def read(self, text: str) -> Any:
        """What a text asks for: empty for nothing, None where it cannot be meant."""
        if self.longest is not None and len(text) > self.longest:
            return None
        return self.made(text) if re.fullmatch(self.pattern, text) else None


def one_of(values: Iterable[str]) -> Parameter:
    """A parameter that is one of some words."""
    words = tuple(values)
    return Parameter(f"one of {', '.join(words)}", "|".join(words), str)


def _sought(text: str) -> str | None:
    """A short text; numbers of citizens are refused: what is sought is recorded."""
    return None if holds_identity_number(text) else text.strip()


TEXT = Parameter(
    f"a text of at most {_LONGEST} characters without citizen identity numbers",
    # No control characters, nor what turns the direction of a line or breaks it.
    r"[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufffe\uffff]+",
    _sought,
    _LONGEST,
)
"""A text that is sought."""
YEAR = Parameter("a year of four digits", "[0-9]{4}", int)


def read_parameters(
    given: Iterable[tuple[str, str]], known: Mapping[str, Parameter]
) -> dict[str, Any]:
    """What the parameters of an address ask for, by name; nothing for those that are empty.

    Raises:
        Refusal: 422, naming every parameter that is not known, comes twice or is not what it must
            be. No value is shown.
    """
    faults: list[Fault] = []
    asked: dict[str, str] = {}
    for name, text in given:
        if name == "lang" or not text:
            continue
        if name not in known:
            expected = f"one of {', '.join(known)}"
            faults.append(Fault(None, name[:64], expected, "another parameter"))
        elif name in asked:
            faults.append(Fault(None, name, "this parameter once", "it twice"))
        else:
            asked[name] = text
    read: dict[str, Any] = {}
    for name, text in asked.items():
        value = known[name].read(text)
        if value is None:
            faults.append(Fault(None, name, known[name].expected, "another value"))
        elif value != "":
            read[name] = value
    if faults:
        raise Refusal(422, "The address does not say what this page takes.", faults)
    return read
