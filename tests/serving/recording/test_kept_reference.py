"""The standards that a record was checked with are found again by their digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.catalogue import load_catalogue
from features.checks.reference import NOTHING
from features.errors import RuleError
from features.standards.line_standards import LineStandards
from models.standards.shelf import Shelf
from serving.recording.kept_reference import reference_in_force, reference_named
from tests.serving.conftest import CATALOGUE
from tests.standards import TODAY, difference, learned, library, sign

TINY = load_catalogue(CATALOGUE)
FIRST = library(**TODAY)
SECOND = library(version=2, **TODAY, learned=(learned(ceiling=200.0),))


def test_the_version_in_force_is_compared_with_and_earlier_ones_are_found(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "tiny")
    shelf.put(FIRST, difference(FIRST))
    assert reference_in_force(tmp_path, TINY) == NOTHING  # a draft
    shelf.put(SECOND, difference(SECOND, FIRST))
    sign(shelf, 1, 2)
    now = reference_in_force(tmp_path, TINY).standards
    assert isinstance(now, LineStandards)
    assert now.digest == SECOND.digest
    then = reference_named(tmp_path, TINY, {"standards": FIRST.digest}).standards
    assert isinstance(then, LineStandards)
    assert then.library == FIRST
    assert reference_named(tmp_path, TINY, {}) == NOTHING


def test_standards_that_are_not_here_any_more_are_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="standards as recorded"):
        reference_named(tmp_path, TINY, {"standards": FIRST.digest})
