"""A list that is text already: whoever looks into it finds a list."""

from __future__ import annotations

import pytest

from serving.wording.envelope import encoded
from serving.wording.written import Written

ITEMS = [{"text": {"zh": "名", "en": 'a "name"'}, "part": -1.5}, {"part": 2.0}]


def _written() -> Written:
    return Written.of([encoded(item) for item in ITEMS])


def test_it_reads_as_the_list_that_was_written() -> None:
    written = _written()
    assert written == ITEMS
    assert written != ITEMS[::-1]  # control
    assert (len(written), written[1], written[:1]) == (2, ITEMS[1], ITEMS[:1])
    assert list(written) == ITEMS
    assert repr(written) == repr(ITEMS)
    assert written == _written()
    assert Written.of([]) == []


def test_what_is_read_stays_the_same_objects_and_does_not_reach_the_text() -> None:
    written = _written()
    written[1]["part"] = "spoilt"
    assert written[1] == {"part": "spoilt"}
    assert encoded(written) == encoded(ITEMS)


@pytest.mark.parametrize("beside", ["a name", "half a character \ud800"])
def test_it_goes_into_an_answer_as_it_is(beside: str) -> None:
    assert encoded({"name": beside, "list": _written()}) == encoded({"name": beside, "list": ITEMS})


def test_anything_else_that_is_not_json_is_refused() -> None:
    with pytest.raises(TypeError, match="set is not JSON"):
        encoded({"a": {1}})
