"""The guide to rules does what it says, and a rule is added by editing one file as it shows."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from features.catalogue import load_catalogue
from features.checks.dimensions.ruler import (
    Band,
    Deducted,
    IndicatorScale,
    RuledDimension,
    Ruler,
    Section,
)
from features.checks.operator_table import operator_table
from features.checks.rule import BasisKind, Rule, Severity
from features.checks.rule_book import RuleFile
from features.checks.rule_files import read_rule_book, rule_texts
from features.errors import RuleError
from serving.command_line.program import PROGRAM

ROOT = Path(__file__).parent.parent
OWN = ROOT / "docs" / "examples" / "rules" / "wantou.yaml"
GUIDE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
CHINESE_GUIDE = (ROOT / "docs" / "rules.zh-CN.md").read_text(encoding="utf-8")
GUIDES = pytest.mark.parametrize("guide", [GUIDE, CHINESE_GUIDE], ids=["en", "zh"])


def blocks(language: str, guide: str = GUIDE) -> list[str]:
    """The fenced blocks of a guide in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)


def run(line: str) -> Result:
    return CliRunner().invoke(PROGRAM, shlex.split(line)[1:])


def test_every_command_of_the_guide_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("project.json", "project_weak.json"):
        target = tmp_path / "docs" / "examples" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / "docs" / "examples" / name).read_bytes())
    (tmp_path / "docs" / "examples" / "rules").mkdir()
    (tmp_path / "docs" / "examples" / "rules" / "wantou.yaml").write_bytes(OWN.read_bytes())
    monkeypatch.chdir(tmp_path)
    lines = [
        line for block in blocks("sh") for line in block.splitlines() if line.startswith("lingji ")
    ]
    assert len(lines) == 7
    for line in lines:
        result = run(line)
        assert result.exit_code == 0, (line, result.output)
    assert "ECO-03:cost_lines[2]" in (tmp_path / "findings.csv").read_text(encoding="utf-8-sig")


def test_a_rule_is_added_by_editing_one_file(tmp_path: Path) -> None:
    """As the guide shows: the file of one's own, then a project that the new rule finds."""
    (own,) = blocks("yaml")
    assert own == OWN.read_text(encoding="utf-8")
    file, project = tmp_path / "own.yaml", tmp_path / "project.json"
    file.write_text(own, encoding="utf-8")
    document = json.loads((ROOT / "docs" / "examples" / "project.json").read_text(encoding="utf-8"))
    document["cost_lines"][0] |= {"dep_bgt_eco_code": "30216", "unit": "人天", "price": 500}
    project.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    def found(*options: str) -> dict[str, int]:
        words = ["check", str(project), "--json", *options]
        result = CliRunner().invoke(PROGRAM, words)
        assert result.exit_code == 0, result.output
        return dict(json.loads(result.stdout)["rules"]["projects_with_finding"])

    assert found("--rules", str(file))["WTQ-01"] == 1
    assert "WTQ-01" not in found()  # the control
    for old, new in (
        ("price, 480]", "price, 520]"),
        ("threshold: 480", "threshold: 520"),
        ("excess: 120", "excess: 80"),
    ):
        own = own.replace(old, new)
    file.write_text(own, encoding="utf-8")
    assert "WTQ-01" not in found("--rules", str(file))


@GUIDES
def test_the_tables_are_the_closed_lists(guide: str) -> None:
    assert operator_table().rstrip() in guide
    assert operator_table().replace("at_most", "at_mst") not in guide  # the control


@GUIDES
def test_every_key_of_a_file_is_explained(guide: str) -> None:
    keys = {*RuleFile.model_fields, *Rule.model_fields}
    forms = (Ruler, RuledDimension, Section, IndicatorScale, Band, Deducted)
    keys |= {name for form in forms for name in form.model_fields}
    words = {word.value for words in (BasisKind, Severity) for word in words}
    for word in sorted(keys | words):
        assert f"`{word}`" in guide, word


@GUIDES
def test_the_shown_fault_is_what_a_wrong_file_gets(guide: str) -> None:
    (shown,) = blocks("text", guide)
    wrong = OWN.read_text(encoding="utf-8").replace("price, 480", "prise, 480")
    texts = rule_texts("zero_base") | {"docs/examples/rules/wantou.yaml": wrong}
    with pytest.raises(RuleError) as refused:
        read_rule_book(texts, load_catalogue("zero_base"))
    faults = str(refused.value).splitlines()
    assert faults == shown.splitlines()


def test_the_chinese_guide_goes_the_same_way() -> None:
    assert blocks("sh", CHINESE_GUIDE) == blocks("sh")
    assert blocks("yaml", CHINESE_GUIDE) == blocks("yaml")
