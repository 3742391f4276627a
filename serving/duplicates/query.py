"""Which pairs somebody wants to see, as the address of a page says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from features.duplicates.kinds import KINDS
from features.errors import Fault
from serving.wording.envelope import Refusal

_PATTERNS: Mapping[str, tuple[str, str]] = {
    "year": ("a year of four digits", "[12][0-9]{3}"),
    "kind": (f"one of {', '.join(KINDS)}", "|".join(KINDS)),
    "dismissed": ("1 to show dismissed pairs as well", "1"),
    "after": ("how many pairs are before the page", "[0-9]{1,6}"),
}
PARAMETERS: Mapping[str, dict[str, Any]] = {
    name: {"description": expected, "pattern": f"^({pattern})?$"}
    for name, (expected, pattern) in _PATTERNS.items()
}
"""What an address may ask for, and the JSON Schema of each text; an empty one asks for nothing."""


@dataclass(frozen=True)
class PairQuery:
    """Which pairs: of a round, of a kind, dismissed ones or not, from which one on."""

    year: int | None = None
    kind: str = ""
    dismissed: bool = False
    after: int = 0

    @property
    def address(self) -> dict[str, str]:
        """The same as an address says it, without the page."""
        told = {"year": self.year, "kind": self.kind, "dismissed": int(self.dismissed)}
        return {name: str(value) for name, value in told.items() if value}


def pair_query(given: Iterable[tuple[str, str]]) -> PairQuery:
    """The query that the parameters of an address make.

    Raises:
        Refusal: 422, naming every parameter that is not known, comes twice or is not what it must
            be. No value is shown.
    """
    asked: dict[str, str] = {}
    faults: list[Fault] = []
    for name, text in given:
        if name == "lang" or not text:
            continue
        if name not in _PATTERNS:
            expected = f"one of {', '.join(_PATTERNS)}"
            faults.append(Fault(None, name[:64], expected, "another parameter"))
        elif name in asked:
            faults.append(Fault(None, name, "this parameter once", "it twice"))
        elif not re.fullmatch(_PATTERNS[name][1], text, re.ASCII):
            faults.append(Fault(None, name, _PATTERNS[name][0], "another value"))
        else:
            asked[name] = text
    if faults:
        raise Refusal(422, "The address does not say what this page takes.", faults)
    year = int(asked["year"]) if "year" in asked else None
    return PairQuery(
        year, asked.get("kind", ""), "dismissed" in asked, int(asked.get("after", "0"))
    )
