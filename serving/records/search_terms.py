"""What a record is found by, beside its own columns: who did it, with which model, about what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NAMED = ("model", "after", "version")
"""Where a record's content names the version that it concerns: a score's, a release's, a stop's."""


@dataclass(frozen=True)
class SearchTerms:
    """Who did what a record tells, the version of the model that it names, and the records that
    it is about. All of it stands in the leaf, and can be read from it again."""

    actor: str
    model_version: str | None
    about: tuple[str, ...]

    @classmethod
    def of(cls, leaf: Mapping[str, Any]) -> SearchTerms:
        """The terms of a leaf; what a damaged one does not say is left out."""
        about = leaf.get("about")
        return cls(
            str(leaf.get("actor") or "unknown"),
            _version(leaf.get("content")),
            tuple(dict.fromkeys(map(str, about))) if isinstance(about, list) else (),
        )

    def row(self) -> dict[str, Any]:
        """The columns of `record_search` that are not the record's place."""
        return {"actor": self.actor, "model_version": self.model_version}

    def links(self) -> list[dict[str, Any]]:
        """The same of each row of `record_link`."""
        return [{"about": about} for about in self.about]


def _version(content: Any) -> str | None:
    if not isinstance(content, Mapping):
        return None
    for name in _NAMED:
        named = content.get(name)
        if isinstance(named, Mapping) and isinstance(named.get("version"), int | str):
            return str(named["version"])
    return None
