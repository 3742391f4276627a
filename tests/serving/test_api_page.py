"""The page about the API tells of every path, error, field and setting that there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from serving.routes import ROUTES
from serving.settings import MEBIBYTE, Limits, ServiceSettings
from serving.wording.envelope import CODES, SPECIAL
from tests.serving.conftest import Caller, tiny_project

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_path_is_told() -> None:
    told = set(re.findall(r"^\| `(?:GET|POST) (/[a-z_./{}]*?)(?:/…)?`", PAGE, re.MULTILINE))
    assert told == set(ROUTES)


def test_every_error_is_told() -> None:
    told = set(re.findall(r"^\| (\d{3}) \| `(\w+)`", PAGE, re.MULTILINE))
    usual = {(str(status), code) for status, (code, _) in CODES.items()}
    assert told == usual | {(str(status), code) for code, (status, _) in SPECIAL.items()}


def test_every_field_of_an_answer_is_told(service: Caller) -> None:
    answer = service.post("/score", {"project": tiny_project()}).json()
    heads = [answer["priority"]["necessity"], answer["cost"], *answer["risk"].values()]
    names = {*answer, *answer["model"], *answer["priority"]}
    names |= {name for head in heads for name in head}
    assert len(names) > 30
    assert [name for name in sorted(names) if f"`{name}`" not in PAGE] == []


def test_the_shown_error_is_what_the_service_answers(service: Caller) -> None:
    (shown,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (body,) = re.findall(r"was the answer to the body `(.*)`\.", PAGE)
    assert service.post("/score", body.encode()).json() == json.loads(shown)


def test_the_limits_and_defaults_are_those_of_the_code() -> None:
    limits, usual = Limits(), ServiceSettings()
    for said in (
        f"{limits.body_bytes // MEBIBYTE} MiB",
        f"{limits.batch_bytes // MEBIBYTE} MiB",
        f"{limits.batch_projects:,} projects",
        f"{limits.read_seconds:g} seconds",
        f"longer than {limits.answer_seconds:g} seconds",
        f"longer than {limits.batch_seconds:g}",
        f"`{usual.host}`",
        f"`{usual.port}`",
        f"`{usual.catalogue}`",
    ):
        assert said in PAGE
