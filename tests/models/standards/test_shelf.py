"""Versions of standards: drafts, signatures that hold, and which one is in force."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from features.errors import PersonError, ReleaseRefused
from features.standards.errors import StandardsError
from models.people import People, Person, PersonKey
from models.standards.shelf import Shelf, Status
from tests.standards import difference, library

DAY = date(2026, 6, 1)
MADE = "2026-01-02T00:00:00Z"


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, PersonKey]:
    """Three people, one of whom makes the versions."""
    people, keys = People(), {}
    for name in ("Li", "Wang", "maker"):
        keys[name] = PersonKey.generate()
        person = Person(name=name, account=name.lower(), key=keys[name].public, since=MADE)
        people = people.joined_by(person)
    people.save(tmp_path)
    return keys


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A shelf with one draft."""
    shelf = Shelf(tmp_path, "tiny")
    shelf.put(library(), difference(library()))
    return shelf


def signed(shelf: Shelf, version: int, keys: dict[str, PersonKey], *names: str) -> None:
    for name in names:
        shelf.sign(version, keys[name], MADE)


def test_a_version_comes_into_force_by_two_signatures(
    shelf: Shelf, keys: dict[str, PersonKey]
) -> None:
    assert (shelf.status(1, DAY), shelf.in_force(DAY)) == (Status.DRAFT, None)
    signed(shelf, 1, keys, "Li")
    assert shelf.status(1, DAY) is Status.DRAFT
    signed(shelf, 1, keys, "Wang")
    assert shelf.status(1, DAY) is Status.IN_FORCE
    assert shelf.in_force(DAY) == library()
    assert shelf.status(1, date(2025, 12, 31)) is Status.SIGNED
    assert shelf.status(1, date(2027, 1, 1)) is Status.EXPIRED


def test_a_later_version_supersedes_and_the_old_one_stays(
    shelf: Shelf, keys: dict[str, PersonKey]
) -> None:
    signed(shelf, 1, keys, "Li", "Wang")
    second = library(version=2, start="2026-05-01")
    shelf.put(second, difference(second, library()))
    assert shelf.in_force(DAY) == library()  # a draft replaces nothing
    signed(shelf, 2, keys, "Li", "Wang")
    assert [shelf.status(number, DAY) for number in (1, 2)] == ["superseded", "in_force"]
    assert shelf.status(1, date(2026, 4, 30)) is Status.IN_FORCE
    assert shelf.library(1) == library()
    assert shelf.difference(2).before_digest == library().digest


def test_neither_the_maker_nor_one_person_twice_may_sign(
    shelf: Shelf, keys: dict[str, PersonKey]
) -> None:
    with pytest.raises(ReleaseRefused, match="another person than the maker"):
        shelf.sign(1, keys["maker"], MADE)
    signed(shelf, 1, keys, "Li")
    with pytest.raises(ReleaseRefused, match="different people"):
        shelf.sign(1, keys["Li"], MADE)
    with pytest.raises(PersonError, match="listed person"):
        shelf.sign(1, PersonKey.generate(), MADE)


def test_what_was_altered_after_signing_is_not_in_force(
    shelf: Shelf, keys: dict[str, PersonKey]
) -> None:
    signed(shelf, 1, keys, "Li", "Wang")
    file = shelf.folder / "1" / "library.json"
    file.write_text(file.read_text().replace("170.0", "999.0"))
    again = Shelf(shelf.home, "tiny")
    assert again.status(1, DAY) is Status.DRAFT
    with pytest.raises(StandardsError, match="it was altered"):
        again.approval(1)


def test_a_made_up_signature_counts_for_nothing(shelf: Shelf, keys: dict[str, PersonKey]) -> None:
    signed(shelf, 1, keys, "Li", "Wang")
    file = shelf.folder / "1" / "approval.json"
    assert shelf.status(1, DAY) is Status.IN_FORCE  # the control
    file.write_text(file.read_text().replace(MADE, "2026-01-03T00:00:00Z"))
    assert Shelf(shelf.home, "tiny").status(1, DAY) is Status.DRAFT


def test_versions_are_numbered_once(shelf: Shelf) -> None:
    with pytest.raises(StandardsError, match="which is there"):
        shelf.put(library(), difference(library()))
    with pytest.raises(StandardsError, match="expected a version of the standards of tiny: 1"):
        shelf.library(7)
