"""A source of a paper: a document as it is kept, and the values that stand in it.

A value is never taken without the place where it stands, so that whoever reads a paper can look it
up: the source's place and digest, and a JSON Pointer into it (RFC 6901).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Step = str | int


@dataclass(frozen=True)
class Evidence:
    """Where a value stands: the name of a source, and the pointer into its document."""

    source: str
    pointer: str


@dataclass(frozen=True)
class Given:
    """A value with its evidence; None without any where it is not there."""

    value: Any = None
    evidence: Evidence | None = None

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None


@dataclass(frozen=True)
class Source:
    """A document that is kept somewhere.

    place: where, as told from the working folder, or the id of a record. digest: of the bytes
    there. document: as JSON. within: the pointer of the part that `document` is, where it is one.
    """

    name: str
    place: str
    digest: str
    document: Any
    within: str = ""

    def at(self, *steps: Step) -> Given:
        """What stands at the end of those steps; nothing where one of them leads nowhere."""
        found = self.document
        for step in steps:
            there = isinstance(step, int) and isinstance(found, Sequence) and step < len(found)
            if not there and not (isinstance(found, Mapping) and step in found):
                return Given()
            found = found[step]
        if found is None:
            return Given()
        return Given(found, Evidence(self.name, self.within + pointer(*steps)))

    def each(self, *steps: Step) -> Sequence[Step]:
        """The next steps from there: the keys of an object, the places of an array, or none."""
        found = self.at(*steps).value
        if isinstance(found, Mapping):
            return tuple(found)
        if isinstance(found, Sequence) and not isinstance(found, str):
            return tuple(range(len(found)))
        return ()


def pointer(*steps: Step) -> str:
    """The JSON Pointer of a way through a document."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
