"""A record's bytes are canonical, its private values are committed to, and nonsense is refused."""

from __future__ import annotations

import json
import re
import time
import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from serving.records.errors import RecordRefused
from serving.records.record import Record, new_record_id, rfc3339
from serving.records.verification import commitment, private_findings

ID = "01890000-0000-7000-8000-000000000001"
NOON = datetime(2026, 1, 31, 16, 0, tzinfo=timezone(timedelta(hours=8)))


def test_the_leaf_is_canonical_json() -> None:
    record = Record(
        "score",
        "platform",
        {"分": 78.20, "b": 1e21, "a": [True, None]},
        about=(ID,),
        project_id="P-1",
        department="财政",
        record_id=ID,
        time=NOON,
    )
    assert record.sealed().leaf.decode() == (
        f'{{"about":["{ID}"],"actor":"platform","content":{{"a":[true,null],"b":1e+21,"分":78.2}},'
        '"department":"财政","format":1,"kind":"score","on_behalf_of":null,"private":{},'
        f'"project_id":"P-1","record_id":"{ID}","time":"2026-01-31T08:00:00.000000Z"}}'
    )


def test_private_values_are_in_the_leaf_as_salted_commitments_only() -> None:
    record = Record("score", "platform", {}, private={"phone": "13800000000"})
    first, second = record.sealed(), record.sealed()
    kept = first.private["phone"]
    assert kept.value == b'"13800000000"'
    assert len(kept.salt) == 32
    assert b"13800000000" not in first.leaf
    # A second salt: equal values cannot be recognised, and guessing a value proves nothing.
    assert first.leaf != second.leaf
    assert private_findings(first.leaf, "phone", kept.salt, kept.value) == []
    assert kept.commitment == commitment(kept.salt, kept.value)
    for salt, value in [
        (second.private["phone"].salt, kept.value),
        (kept.salt, b'"13800000001"'),
    ]:
        found = private_findings(first.leaf, "phone", salt, value, "record 0")
        assert [finding.message()[:40] for finding in found] == [
            f"record 0: expected phone to hash to {kept.commitment.hex()[:4]}"
        ]
    assert private_findings(first.leaf, "name", kept.salt, kept.value)[0].got == "name"


def test_record_ids_are_uuids_of_version_7_in_the_order_of_time() -> None:
    before = time.time_ns() // 1_000_000
    found = uuid.UUID(new_record_id())
    assert (found.version, found.variant) == (7, uuid.RFC_4122)
    assert before <= found.int >> 80 <= time.time_ns() // 1_000_000
    assert len({new_record_id() for _ in range(1000)}) == 1000


def test_time_is_told_in_utc() -> None:
    assert rfc3339(NOON) == "2026-01-31T08:00:00.000000Z"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", rfc3339(datetime.now(UTC)))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"kind": "Score!"}, "kind: expected a short word"),
        ({"record_id": "1"}, "record_id: expected a UUID of version 7; got '1'"),
        ({"record_id": str(uuid.uuid4())}, "record_id: expected a UUID of version 7"),
        ({"about": ("x",)}, "about: expected a UUID of version 7; got 'x'"),
        ({"time": datetime(2026, 1, 1)}, "time: expected a time with its zone"),
        ({"actor": ""}, "actor: expected 1 to 256 characters without NUL; got nothing"),
        ({"department": "x" * 257}, "department: .*got 257 characters"),
        ({"project_id": "a\0b"}, "project_id: .*without NUL"),
    ],
)
def test_what_cannot_be_a_record_is_refused(changes: dict[str, Any], match: str) -> None:
    with pytest.raises(RecordRefused, match=match):
        Record(**({"kind": "score", "actor": "platform", "content": {}} | changes))


@pytest.mark.parametrize("value", [float("nan"), 2**60, {1: 2}, {"a": object()}, "\ud800"])
def test_what_cannot_be_json_is_refused(value: Any) -> None:
    with pytest.raises(RecordRefused, match="content: expected a value in JSON"):
        Record("score", "platform", {"value": value}).sealed()
    with pytest.raises(RecordRefused, match="phone: expected a value in JSON"):
        Record("score", "platform", {}, private={"phone": value}).sealed()


def test_a_leaf_is_read_back_as_it_was() -> None:
    content = {"cost": {"low": 1850000, "share": 0.1 + 0.2}, "texts": ["零基", "a\nb"]}
    assert json.loads(Record("score", "platform", content).sealed().leaf)["content"] == content
