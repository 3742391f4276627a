"""Two scores side by side: the parts add up as shown, and the changed inputs are named."""

from __future__ import annotations

import html
import re
from decimal import Decimal

import pytest

from serving.recording.score_difference import STEPS
from tests.serving.audit.conftest import Audited
from tests.serving.test_bad_requests import assert_refused

CHANGES = {"area": 2400.0, "policy": "none", "executed_share": 0.5}


@pytest.fixture
def pair(audited: Audited) -> tuple[str, str]:
    """A score of the first version, and one of the second of a changed project."""
    return audited.score(first=True), audited.score(**CHANGES)


def test_the_parts_add_up_for_machines(audited: Audited, pair: tuple[str, str]) -> None:
    told = audited.json("auditor", f"/audit/difference?a={pair[0]}&b={pair[1]}")
    assert (told["a"], told["b"]) == pair
    assert [step["step"] for step in told["steps"]] == list(STEPS)
    assert {each["field"]: (each["before"], each["after"]) for each in told["documents"]} == {
        "area": (1200, 2400),
        "policy": ("province", "none"),
        "executed_share": (0.9, 0.5),
    }
    for name, whole in told["difference"].items():
        parts = [step["heads"][name] for step in told["steps"]]
        assert parts[0]["before"] == whole["before"]
        assert parts[-1]["after"] == whole["after"]
        if "change" in whole:
            moved = sum(Decimal(str(part["change"])) for part in parts)
            assert moved == Decimal(str(whole["change"])) != 0
            for part in parts:
                named = sum(Decimal(str(each["contribution"])) for each in part["indicators"])
                assert not part["indicators"] or named == Decimal(str(part["change"]))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_waterfalls_add_up_as_shown(audited: Audited, pair: tuple[str, str], lang: str) -> None:
    page = audited.page("auditor", f"/audit/difference?a={pair[0]}&b={pair[1]}&lang={lang}")
    heads = re.findall(r'<section class="head difference".*?</section>', page, re.DOTALL)
    assert len(heads) == 4
    added = 0
    for head in heads:
        numbers = [
            html.unescape(found).replace("−", "-").replace("±", "")
            for found in re.findall(r'<span class="number[^"]*">([^<]*)</span>', head)
        ]
        if "×" in "".join(numbers):
            continue
        first, last = (float(numbers[n].rstrip("%")) for n in (2, -1))
        moved = sum(float(found) for found in numbers[3:-1:2])
        assert first + moved == pytest.approx(last, abs=1e-9)
        added += 1
    assert added == 3


def test_control_the_same_record_twice_differs_in_nothing(audited: Audited) -> None:
    record_id = audited.score()
    told = audited.json("auditor", f"/audit/difference?a={record_id}&b={record_id}")
    assert told["documents"] == []
    assert {whole.get("change", 0) for whole in told["difference"].values()} == {0}


def test_grade_and_rank_score_are_those_of_the_records(
    audited: Audited, pair: tuple[str, str]
) -> None:
    page = audited.page("auditor", f"/audit/difference?a={pair[0]}&b={pair[1]}&lang=en")
    told = [audited.json("auditor", f"/audit/records/{each}")["answer"] for each in pair]
    for answer in told:
        said = (
            f"Grade {answer['priority']['grade']} · Rank score {answer['priority']['rank_score']}"
        )
        assert said in page
    shown = re.search(r'<table class="axes standing">.*?</table>', page, re.DOTALL)
    assert shown is not None
    for answer in told:
        assert f">{answer['priority']['rank_score']:.2f}<" in shown[0]


def test_two_records_are_asked_for(audited: Audited) -> None:
    record_id = audited.score()
    for query in ("", f"a={record_id}", f"a={record_id}&b="):
        assert_refused(audited.keyed.call("auditor", "GET", f"/audit/difference?{query}"), 422)
    missing = f"a={record_id}&b=01a21a8f-ef4d-71c4-a301-18841ddcaf30"
    assert_refused(audited.keyed.call("auditor", "GET", f"/audit/difference?{missing}"), 404)


def test_ordered_categories_are_told_by_their_names(
    audited: Audited, pair: tuple[str, str]
) -> None:
    page = audited.page("auditor", f"/audit/difference?a={pair[0]}&b={pair[1]}&lang=en")
    changed = page[page.index('id="changes-1"') :]
    assert "<td>2</td><td>0</td>" not in changed
