"""docs/papers.md tells every rule and every statement, and its example can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.papers.papers import PAPERS
from models.papers.statements import Statements, statements_source
from serving.papers.answers import PAPER_PATHS
from tests.models.papers.looked_up import RULES

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / name for name in ("papers.md", "papers.zh-CN.md")]
_YAML = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=["en", "zh"])
def test_the_page_tells_every_rule_statement_and_path(page: Path) -> None:
    told = set(re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8")))
    names = {re.split(r"[:<]", each)[0] for each in told}
    assert set(RULES) <= names
    assert set(Statements.model_fields) <= told
    assert set(PAPER_PATHS) <= told
    assert set(PAPER_PATHS.values()) == set(PAPERS)


@pytest.mark.parametrize("page", PAGES, ids=["en", "zh"])
def test_the_example_of_statements_is_read(page: Path, tmp_path: Path) -> None:
    (example,) = _YAML.findall(page.read_text(encoding="utf-8"))
    (tmp_path / "papers.yaml").write_text(example, encoding="utf-8")
    source = statements_source(tmp_path)
    assert source is not None
    assert source.at("organisation", "zh").value == "某市财政局"
