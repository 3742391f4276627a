"""Rule files for tests: small, right, and made wrong in one place at a time."""

from __future__ import annotations

from features.catalogue import Catalogue, load_catalogue
from features.checks.checks import Checks
from features.checks.rule_book import RuleBook
from features.checks.rule_files import read_rule_book

CATALOGUE: Catalogue = load_catalogue("zero_base")

HEAD = """\
rules_for: zero_base
name: own
version: "1"
example: {pro_code: P1, fiscal_year: 2025, pro_name: 培训项目, apply_amt: 1000}
rules:
"""

RULE = """\
  - code: OWN-01
    name: {zh: 培训单价, en: Price of training}
    basis: {kind: bureau, title: {zh: 本级规定, en: our own order}, document: 湾财〔2025〕1号}
    effective: {since: 2024-01-01, until: 2026-12-31}
    dimension: compliance
    severity: warn
    each: cost_lines
    where: {begins_with: cost_lines.dep_bgt_eco_code, prefixes: ["30216"]}
    require: {at_most: [cost_lines.price, 550]}
    shown: {kind: money, unit: {zh: 元, en: yuan}}
    finding:
      zh: 第{item}行“{task}”{actual}，高于{threshold}，超出{excess}。
      en: "Line {item}, {task}: {actual}, {excess} above {threshold}."
    examples:
      passes: [{project: {cost_lines: [{task: 培训, dep_bgt_eco_code: "30216", price: 500}]}}]
      fails:
        - project: {cost_lines: [{task: 培训, dep_bgt_eco_code: "30216", price: 600}]}
          finding: {item: 1, threshold: 550, actual: 600, excess: 50}
      not_applicable: [{}]
"""

OWN = HEAD + RULE


def book_of(*texts: str, examples: bool = True) -> RuleBook:
    """The book that some files make."""
    named = {f"file{number}.yaml": text for number, text in enumerate(texts, start=1)}
    return read_rule_book(named, CATALOGUE, examples=examples)


def checks_of(*texts: str) -> Checks:
    """The checks of some files."""
    return Checks(book_of(*texts), CATALOGUE)


def another(code: str, *changes: tuple[str, str]) -> str:
    """The rule under another code and changed: the text to be put in place of another."""
    text = RULE.replace("OWN-01", code)
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text
