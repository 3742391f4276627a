"""A pilot: a challenger that serves named regions until a day, by an approval of its own.

What people sign is what they sign for a release, with the regions and the end besides; a signature
under one of the two counts for nothing under the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator

from features.catalogue import Catalogue
from features.errors import Fault, ReleaseRefused
from features.field import Kind
from features.form import Form, Moment
from features.value_parser import ValueParser
from models.approval import Approval, Statement

_SIGNED_AS = b"lingji pilot approval 1\n"
_ANY = "*"
MOST_CODES = 500
Code = Annotated[str, StringConstraints(pattern=r"^[^\s,=*]{1,64}\*?$")]
Indicator = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class Regions(Form):
    """Which projects a pilot serves: those of which an indicator has one of the codes.

    A code that ends with * stands for all that begin with what is before it: 3301* is a city with
    its counties.
    """

    indicator: Indicator
    codes: Annotated[tuple[Code, ...], Field(min_length=1, max_length=MOST_CODES)]

    @classmethod
    def of(cls, text: str) -> Regions:
        """The regions that `region_code=330106,330108` names.

        Raises:
            ReleaseRefused: when it names none.
        """
        indicator, _, codes = text.partition("=")
        try:
            return cls(indicator=indicator.strip(), codes=tuple(sorted(_listed(codes))))
        except ValueError as error:
            raise ReleaseRefused(
                f"expected an indicator and its codes, such as region_code=330106,3302*; got {text}"
            ) from error

    def hold(self, value: object) -> bool:
        """Whether a project whose indicator has that value is served."""
        return isinstance(value, str) and any(
            value.startswith(code[:-1]) if code.endswith(_ANY) else value == code
            for code in self.codes
        )

    def require_in(self, catalogue: Catalogue) -> None:
        """Return when the catalogue has the indicator as a given fact, with such codes.

        Raises:
            ReleaseRefused: otherwise.
        """
        found = next((each for each in catalogue.given if each.name == self.indicator), None)
        if found is None or found.kind not in (Kind.CATEGORY, Kind.TEXT):
            names = [e.name for e in catalogue.given if e.kind is Kind.CATEGORY]
            named = catalogue.columns.region
            have = ", ".join([*([named] if named else []), *names])
            raise ReleaseRefused(f"expected a given fact with codes ({have}); got {self.indicator}")
        known = found.codes or {}
        unknown = [c for c in self.codes if known and not any(map(_matcher(c), known))]
        if unknown:
            raise ReleaseRefused(
                f"expected codes of {self.indicator} ({', '.join(known)}); got {', '.join(unknown)}"
            )

    def __str__(self) -> str:
        return f"{self.indicator}={','.join(self.codes)}"


def _now() -> datetime:
    return datetime.now(UTC)


def _listed(codes: str) -> set[str]:
    return {code.strip() for code in codes.split(",") if code.strip()}


def _matcher(code: str) -> Any:
    return Regions(indicator="code", codes=(code,)).hold


class RegionReader:
    """Reads from a document, before anything else of it, whether a pilot's regions hold it."""

    def __init__(self, regions: Regions, catalogue: Catalogue) -> None:
        self._regions = regions
        self._parser = ValueParser(catalogue.by_name[regions.indicator])

    def holds(self, document: Any) -> bool:
        """Whether the document's project is in the regions; what cannot be read is not."""
        if not isinstance(document, Mapping):
            return False
        value = self._parser.parse(document.get(self._regions.indicator), cell=False)
        return not isinstance(value, Fault) and self._regions.hold(value)


class PilotStatement(Statement):
    """What is signed for a pilot: a release's statement, the regions, and the end."""

    regions: Regions
    until: Moment

    @field_validator("until")
    @classmethod
    def _moment(cls, until: str) -> str:
        datetime.fromisoformat(until)
        return until

    def to_sign(self, name: str, made: str) -> bytes:
        """The bytes that a person signs; no release's are ever the same."""
        return _SIGNED_AS + self.to_bytes() + f"{name}\n{made}\n".encode()

    @property
    def ends(self) -> datetime:
        """When the pilot ends by itself."""
        return datetime.fromisoformat(self.until)

    def over(self, at: datetime | None = None) -> bool:
        """Whether the pilot has ended."""
        return (at or _now()) >= self.ends


class PilotApproval(Approval):
    """A pilot's statement with the signatures under it."""

    statement: PilotStatement
