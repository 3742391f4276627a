"""Where MLflow's alias `champion` is, read from MLflow's own SQLite file, without MLflow.

What serves follows the registry's list of releases and never the alias. That somebody moved it is
seen here by whoever serves, who needs no MLflow for that and connects to no server.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from models.releases import Releases

STORE = "mlflow.db"
CHAMPION = "champion"
_PATIENCE = 0.2
_WHERE = """
SELECT (SELECT value FROM model_version_tags AS tag
         WHERE tag.name = alias.name AND tag.version = alias.version
           AND tag.key = 'lingji.version'),
       (SELECT value FROM model_version_tags AS tag
         WHERE tag.name = alias.name AND tag.version = alias.version
           AND tag.key = 'lingji.digest')
  FROM registered_model_aliases AS alias
 WHERE alias.name = ? AND alias.alias = ?
"""


def model_name(catalogue: str) -> str:
    """What MLflow calls a catalogue's model."""
    return f"lingji-{catalogue}"


class AliasState(StrEnum):
    """How the alias stands to the list of releases.

    AGREES: it is at what serves. BEHIND: at what served earlier, such as after a release by the
    API, which does not know MLflow. ELSEWHERE: at what nobody released. NONE: there is no alias, or
    no store. UNKNOWN: the store cannot be read.
    """

    AGREES = "agrees"
    BEHIND = "behind"
    ELSEWHERE = "elsewhere"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Alias:
    """Where the alias is.

    version: our number of the version that it is at, None where it is at none of ours. there:
    whether there is an alias at all. unknown: why nothing can be told; None where it can.
    """

    version: int | None = None
    digest: str | None = None
    there: bool = False
    unknown: str | None = None

    def beside(self, releases: Releases) -> AliasState:
        """How it stands to the releases."""
        if self.unknown is not None:
            return AliasState.UNKNOWN
        if not self.there:
            return AliasState.NONE
        at, serving = (self.version, self.digest), releases.in_service
        if serving is not None and at == (serving.version, serving.digest):
            return AliasState.AGREES
        earlier = {(entry.version, entry.digest) for entry in releases.entries}
        return AliasState.BEHIND if at in earlier else AliasState.ELSEWHERE

    @classmethod
    def at(cls, number: str | None, digest: str | None) -> Alias:
        """The alias at an MLflow version with these tags of ours, None for one without."""
        if number is None or not number.isdecimal():
            return cls(there=True)
        return cls(int(number), digest, there=True)


NOT_THERE = Alias()


def alias_of(home: Path, catalogue: str) -> Alias:
    """Where the alias of a catalogue's model is in the working folder's store; raises nothing."""
    path = home / STORE
    if not path.is_file():
        return NOT_THERE
    try:
        with closing(sqlite3.connect(_read_only(path), timeout=_PATIENCE, uri=True)) as store:
            found = store.execute(_WHERE, (model_name(catalogue), CHAMPION)).fetchone()
    except sqlite3.Error as error:
        return Alias(unknown=f"{STORE}: {type(error).__name__}")
    if found is None:
        return NOT_THERE
    return Alias.at(*found)


def _read_only(path: Path) -> str:
    return f"{path.absolute().as_uri()}?mode=ro"
