"""The main path: documents in, explained scores out; and what would be if."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from features.errors import ProjectError
from serving.appraisal import answered_heads, appraise, appraise_batch
from serving.wording.envelope import encoded
from tests.serving.conftest import what_if
from tests.small_model import small, small_document

RELEASE = small().release


def _document(number: int = 1, **changes: Any) -> dict[str, Any]:
    document = small_document(np.random.default_rng(number), number, 2025)
    return {**document, "level": "city", "mandatory": False, "people": 100} | changes


def test_a_document_is_answered() -> None:
    answer = appraise(_document(), RELEASE)
    assert (answer["project_id"], answer["year"], answer["status"]) == ("P1", 2025, "rated")


def test_a_wrong_document_is_refused_with_every_fault() -> None:
    with pytest.raises(ProjectError, match="colour") as caught:
        appraise(_document(colour="red", level="town"), RELEASE)
    assert {fault.field for fault in caught.value.faults} == {"colour", "level"}


def test_a_batch_answers_in_order_and_a_bad_one_spoils_no_other() -> None:
    documents = [_document(1), {"code": 3}, _document(2), None, _document(3)]
    answers = appraise_batch(documents, RELEASE)
    assert [isinstance(answer, ProjectError) for answer in answers] == [
        False, True, False, True, False,
    ]  # fmt: skip
    for place in (0, 2, 4):
        alone = appraise(documents[place], RELEASE)
        assert encoded(answers[place]) == encoded(alone)


def test_a_batch_of_bad_ones_or_of_none_is_answered_too() -> None:
    assert appraise_batch([], RELEASE) == []
    assert all(isinstance(a, ProjectError) for a in appraise_batch([1, {}], RELEASE))


def test_what_if_tells_before_after_and_the_difference() -> None:
    asked = what_if(_document(), {"level": "alp", "mandatory": True}, RELEASE)
    assert asked["before"] == appraise(_document(), RELEASE)
    assert asked["after"] == appraise(_document(level="alp", mandatory=True), RELEASE)
    difference = asked["difference"]
    assert set(difference) == {"necessity", "importance", "cost", "risk"}
    before, after = asked["before"]["priority"], asked["after"]["priority"]
    change = after["necessity"]["score"] - before["necessity"]["score"]
    assert difference["necessity"]["change"] == pytest.approx(change)
    assert change > 5
    assert difference["cost"]["factor"] == 1.0  # neither fact feeds the cost
    moved = {reason["indicator"] for reason in difference["necessity"]["reasons"]}
    assert moved & {"level", "joint_effect"}


def test_what_if_nothing_changes_nothing_moves() -> None:
    difference = what_if(_document(), {}, RELEASE)["difference"]
    assert all(found["reasons"] == [] for found in difference.values())
    assert {found.get("change", 0) for found in difference.values()} == {0}


def test_a_field_may_be_taken_away() -> None:
    asked = what_if(_document(), {"type": None}, RELEASE)
    assert asked["after"]["status"] == "not_rated"
    assert asked["difference"] == {}


@pytest.mark.parametrize(
    ("document", "changes", "field"),
    [(_document(), [1], "changes"), ([1], {}, None), (None, {}, None)],
)
def test_what_is_no_object_is_named_by_its_own_name(
    document: Any, changes: Any, field: str | None
) -> None:
    with pytest.raises(ProjectError, match="expected an object of fields") as caught:
        what_if(document, changes, RELEASE)
    assert caught.value.faults[0].field == field


def test_a_change_that_does_not_meet_the_catalogue_is_refused() -> None:
    with pytest.raises(ProjectError, match="level: expected one of zoo, city, alp"):
        what_if(_document(), {"level": "town"}, RELEASE)


def test_every_head_of_an_answer_is_found_once() -> None:
    names = [name for name, _ in answered_heads(appraise(_document(), RELEASE))]
    assert names == ["necessity", "importance", "cost", "risk"]
