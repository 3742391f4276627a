"""What becomes of a finding, worked out by hand: states, times, and what is carried over."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from serving.asker import Asker
from serving.recording.handling import (
    MATTER,
    NEXT,
    Handled,
    Matter,
    found_in,
    handled,
    handling_act,
    warned_of,
)
from serving.records.record import new_record_id
from serving.wording.envelope import Refusal

HERE = Handled(new_record_id(), "P1", "D1", 2025, "2026-03-01T08:00:00Z")
OVER = Matter("AMT-02:lines[1]", "[100.0,130.0,30.0,null]")
ASKER = Asker("k-1", "expert", "POST /record/{id}/handling")


def act(state: str, at: str, matter: Matter = OVER, of: Handled = HERE, **more: Any) -> Any:
    """A leaf of what somebody said."""
    content = {"finding": matter.id, "state": state, "comment": "seen", "measure": matter.measure}
    content |= {"year": of.year, "found": HERE.found} | more
    return {
        "record_id": f"a-{at}",
        "time": f"2026-03-{at}T08:00:00Z",
        "actor": "k-1",
        "about": [of.record_id],
        "project_id": of.project_id,
        "department": of.department,
        "content": content,
    }


def state(acts: list[Any], subject: Handled = HERE, matter: Matter = OVER) -> str:
    [course] = handled(subject, [matter], acts)
    return str(course["state"])


def test_states_and_times_are_those_of_the_acts() -> None:
    acts = [act("violation", "02"), act("violation", "03"), act("rectified", "05")]
    [course] = handled(HERE, [OVER], acts)
    assert (course["state"], course["since"]) == ("rectified", "2026-03-05T08:00:00Z")
    assert [step["state"] for step in course["history"]] == ["violation", "violation", "rectified"]
    day = 86_400
    assert (course["seconds_to_decision"], course["seconds_to_rectified"]) == (day, 4 * day)
    [untouched] = handled(HERE, [OVER], [])
    assert (untouched["state"], untouched["since"]) == ("suspected", HERE.found)
    assert untouched["seconds_to_decision"] is None


def test_what_is_said_is_carried_over_to_the_same_and_to_nothing_else() -> None:
    acts = [act("normal", "02")]
    later = replace(HERE, record_id="r-2", found="2026-04-01T08:00:00Z")
    assert state(acts, later) == "normal"
    [course] = handled(later, [OVER], acts)
    assert (course["found"], course["seconds_to_decision"]) == (HERE.found, 86_400)
    for other in (
        replace(later, project_id="P2"),
        replace(later, department="D2"),
        replace(later, department=None),
        replace(later, year=2026),
    ):
        assert state(acts, other) == "suspected", other
    for matter in (
        replace(OVER, measure="[100.0,130.5,30.5,null]"),
        replace(OVER, id="AMT-02:lines[2]"),
        replace(OVER, id="AMT-02"),
    ):
        assert state(acts, later, matter) == "suspected", matter


def test_words_from_before_hold_for_their_own_record() -> None:
    old = act("violation", "02")
    for name in ("measure", "year", "found"):
        del old["content"][name]
    assert state([old]) == "violation"
    assert state([old], replace(HERE, record_id="r-2")) == "suspected"
    done = handling_act(HERE, [OVER], [old], {"finding": OVER.id, "state": "rectified"}, ASKER)
    content = json.loads(done.leaf)["content"]
    assert (content["was"], content["measure"]) == ("violation", OVER.measure)


def test_an_act_keeps_what_it_is_about() -> None:
    body = {"finding": OVER.id, "state": "normal", "comment": "seen"}
    matter = replace(OVER, standards="sha256:0")
    leaf = json.loads(handling_act(HERE, [matter], [], body, ASKER).leaf)
    assert leaf["content"] == body | {
        "was": "suspected",
        "year": 2025,
        "measure": OVER.measure,
        "found": HERE.found,
        "standards": "sha256:0",
        "asked": {"role": "expert", "way": ASKER.way},
    }
    assert (leaf["about"], leaf["project_id"], leaf["department"]) == ([HERE.record_id], "P1", "D1")


@pytest.mark.parametrize(("before", "after"), [(b, a) for b in NEXT for a in NEXT])
def test_only_what_may_follow_is_taken(before: str, after: str) -> None:
    ways = {"suspected": [], "normal": ["normal"], "violation": ["violation"]}
    ways["rectified"] = ["violation", "rectified"]
    acts = [act(each, f"0{n + 2}") for n, each in enumerate(ways[before])]
    body = {"finding": OVER.id, "state": after, "comment": "seen"}
    if after in NEXT[before]:
        assert handling_act(HERE, [OVER], acts, body, ASKER)
        return
    with pytest.raises(Refusal) as refused:
        handling_act(HERE, [OVER], acts, body, ASKER)
    assert (refused.value.status, refused.value.code) == (409, "state_conflict")


def test_findings_are_read_with_what_they_were_held_against() -> None:
    content = {
        "findings": ["AMT-02:lines[1]", "POL-01"],
        "checks": {"measures": "[[100,130.0,30.0,null],[null,null,null,null]]"},
    }
    assert found_in(content) == [
        Matter("AMT-02:lines[1]", "[100,130.0,30.0,null]"),
        Matter("POL-01", "[null,null,null,null]"),
    ]
    assert found_in({"findings": []}) == found_in({}) == []


def test_warnings_that_somebody_looked_into_are_found_once_each() -> None:
    warning = Matter("prohibited/NO-GRAVEL:lines[1]", "[0.0,5.0,5.0,null]")
    elsewhere = replace(HERE, project_id="P2")
    acts = [
        act("violation", "02", warning),
        act("rectified", "03", warning),
        act("normal", "04"),
        act("normal", "05", replace(warning, id="over_scale/EXECUTED"), elsewhere),
    ]
    assert warned_of(HERE, acts) == [warning]


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        *(("POL-01", True), ("AMT-02:cost_lines[3]", True), ("over_scale/TP-SCALE", True)),
        ("over_standard/L-31006-平方米-all:cost_lines[12]", True),
        *(("pol-01", False), ("lines[1]", False), ("over_scale/", False), ("other/A", False)),
        *(("over_scale/a/b", False), ("POL-01:lines[]", False), ("over_scale/a\nb", False)),
    ],
)
def test_what_is_looked_into_has_a_name_of_a_form(name: str, sound: bool) -> None:
    assert bool(re.fullmatch(MATTER, name)) is sound


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(Refusal) as refused:
        handling_act(HERE, [], [], {"finding": "A-1", "state": "normal"}, ASKER)
    assert refused.value.status == 404
