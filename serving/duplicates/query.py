"""Which pairs somebody wants to see, as the address of a page says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from features.duplicates.kinds import KINDS
from serving.address_parameter import Parameter, one_of, read_parameters

_PARAMETERS: Mapping[str, Parameter] = {
    "year": Parameter("a year of four digits", "[12][0-9]{3}", int),
    "kind": one_of(KINDS),
    "dismissed": Parameter("1 to show dismissed pairs as well", "1", bool),
    "after": Parameter("how many pairs are before the page", "[0-9]{1,6}", int),
}
PARAMETERS: Mapping[str, dict[str, Any]] = {
    name: parameter.schema for name, parameter in _PARAMETERS.items()
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
    return PairQuery(**read_parameters(given, _PARAMETERS))
