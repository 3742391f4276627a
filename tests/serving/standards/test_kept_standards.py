"""The standards that a record was checked with are found again by their digest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from features.catalogue import load_catalogue
from features.checks.reference import NOTHING
from features.errors import RuleError
from features.standards.checked_limits import CheckedLimits
from models.people import People, Person, PersonKey
from models.standards.shelf import Shelf
from serving.recording.kept_standards import reference_in_force, reference_named
from tests.serving.conftest import CATALOGUE
from tests.standards import difference, learned, library

TINY = load_catalogue(CATALOGUE)
MADE = "2026-01-02T00:00:00Z"
NOW = datetime.now(UTC).date()
FIRST = library(start=NOW.isoformat(), end=(NOW + timedelta(days=9)).isoformat())
SECOND = library(version=2, start=FIRST.start, end=FIRST.end, learned=(learned(ceiling=200.0),))


def put_in_force(home: Path, shelf: Shelf) -> None:
    """Both versions, signed by two people: the second replaces the first."""
    people, keys = People(), [PersonKey.generate() for _ in range(2)]
    for number, key in enumerate(keys):
        person = Person(name=f"N{number}", account=f"a{number}", key=key.public, since=MADE)
        people = people.joined_by(person)
    people.save(home)
    shelf.put(SECOND, difference(SECOND, FIRST))
    for version in (1, 2):
        for key in keys:
            shelf.sign(version, key, MADE)


def test_the_version_in_force_is_compared_with_and_earlier_ones_are_found(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "tiny")
    shelf.put(FIRST, difference(FIRST))
    assert reference_in_force(tmp_path, TINY) is NOTHING  # a draft
    put_in_force(tmp_path, shelf)
    now = reference_in_force(tmp_path, TINY).standards
    assert isinstance(now, CheckedLimits)
    assert now.digest == SECOND.digest
    then = reference_named(tmp_path, TINY, {"standards": FIRST.digest}).standards
    assert isinstance(then, CheckedLimits)
    assert then.library == FIRST
    assert reference_named(tmp_path, TINY, {}) is NOTHING


def test_standards_that_are_not_here_any_more_are_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="standards as recorded"):
        reference_named(tmp_path, TINY, {"standards": FIRST.digest})
