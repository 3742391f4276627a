"""Files of rules are read strictly: every fault by file, line and code, and conflicts by name."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from features.checks.rule_book import RuleBook
from features.checks.rule_files import kept_rule_book, read_rule_book, rule_texts
from features.errors import RuleError
from tests.features.checks.rule_texts import CATALOGUE, HEAD, OWN, RULE, another, book_of


def test_the_rules_that_ship_are_right_and_each_does_what_its_examples_say() -> None:
    book = read_rule_book(rule_texts("zero_base"), CATALOGUE)
    assert len(book.rules) >= 25
    assert {rule.severity for rule in book.rules} == {"block", "warn", "note"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("severity: warn", "severity: grave", r"line 11, OWN-01\.severity: expected input should"),
        ("severity: warn", "severty: warn", r"line 11, OWN-01\.severty: .*not permitted"),
        (
            "    dimension: compliance\n",
            "",
            r"OWN-01\.dimension: expected one of necessity, .*None",
        ),
        ("dimension: compliance", "dimension: spending", r"line 10, OWN-01\.dimension: .*spending"),
        ("at_most: [cost_lines.price, 550]", "at_mst: [cost_lines.price, 550]", r"at_most"),
        ("cost_lines.price, 550", "cost_lines.prise, 550", r"line 14, OWN-01\.require\.at_most\.0"),
        ("cost_lines.price, 550", "cost_lines.price", r"two values"),
        ("cost_lines.price, 550", "cost_lines.task, 550", r"expected a number; got the text"),
        ("cost_lines.price, 550", "kpi.weight, 550", r"one value \(each: kpi"),
        ("cost_lines.price, 550", "contact_phone, 550", r"a field that is not personal"),
        ("each: cost_lines", "each: lines", r"a part of zero_base"),
        ('prefixes: ["30216"]', "prefixes: codes", r"a table of the book \(none\)"),
        ('prefixes: ["30216"]', "prefixes: [30216]", r"texts in quotes"),
        ("prefixes:", "words:", r"the option prefixes; got none"),
        ("超出{excess}", "超出{more}", r"line 17, OWN-01\.finding\.zh: expected one of item"),
        ("超出{excess}", "超出{task.__class__}", r"got \{task\.__class__\}"),
        ("until: 2026-12-31", "until: 2023-12-31", r"comes before since"),
        ("excess: 50", "excess: 60", r"OWN-01\.examples\.fails\[1\]: expected a finding of"),
        ("price: 500}]}}]", "price: 600}]}}]", r"passes\[1\]: expected passed; got finding"),
        ("fails:", "fails: []\n      fals:", r"fals"),
        ("price: 600", "price: many", r"fails\[1\]: cost_lines\[1\]\.price: expected an amount"),
        ("name: own", "name: own\nname: own", r"line 3: expected each key once"),
        ("rules_for: zero_base", "rules_for: japan_review", r"expected rules for zero_base"),
        ("rules:\n", "replaces: [OWN-09]\nrules:\n", r"expected the code of a rule; got OWN-09"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(old: str, new: str, said: str) -> None:
    assert OWN.count(old) == 1
    with pytest.raises(RuleError, match=said):
        book_of(OWN.replace(old, new))


def test_control_the_file_itself_is_right() -> None:
    (rule,) = book_of(OWN).rules
    assert rule.code == "OWN-01"


SAME = ("price: 500", "price: 500")


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (RULE, "OWN-01: expected each code once; got 2 rules"),
        (another("OWN-02"), "OWN-01 and OWN-02: expected each condition once"),
        (
            another("OWN-02", ("severity: warn", "severity: block")),
            "OWN-01 and OWN-02: expected one severity; got warn and block",
        ),
        (
            another("OWN-02", ("price, 550", "price, 590"), ("threshold: 550", "threshold: 590"),
                    ("excess: 50", "excess: 10")),
            "expected one threshold for one severity; got 550 .warn. and 590 .warn.",
        ),
        (
            another("OWN-02", ("price, 550", "price, 520"), ("threshold: 550", "threshold: 520"),
                    ("excess: 50", "excess: 80"), ("severity: warn", "severity: block")),
            "expected a graver finding beyond the lighter one; got 550 .warn. and 520 .block.",
        ),
        (
            another("OWN-02", ("at_most", "at_least"), ("price, 550", "price, 560"),
                    ("price: 500", "price: 900"), ("price: 600", "price: 100"),
                    ("threshold: 550", "threshold: 560"), ("actual: 600", "actual: 100"),
                    ("excess: 50", "excess: 460")),
            "expected limits that a project can meet together; got at least 560 and at most 550",
        ),
    ],
)  # fmt: skip
def test_rules_that_contradict_each_other_are_refused_by_name(other: str, said: str) -> None:
    with pytest.raises(RuleError, match=said):
        book_of(HEAD + RULE + other)


@pytest.mark.parametrize(
    "apart",
    [
        ("effective: {since: 2024-01-01, until: 2026-12-31}", "effective: {since: 2027-01-01}"),
        ("severity: warn", 'severity: warn\n    scope: {mof_div_code: ["9902"]}'),
    ],
)
def test_control_rules_that_never_meet_do_not_contradict(apart: tuple[str, str]) -> None:
    examples = re.search(r"    examples:.*", RULE, re.DOTALL)
    assert examples is not None
    one = RULE.replace("severity: warn", 'severity: warn\n    scope: {mof_div_code: ["9901"]}')
    other = another("OWN-02", apart)
    if "2027" in apart[1]:
        one = RULE
    assert len(book_of(HEAD + one + other, examples=False).rules) == 2


def test_a_graver_rule_beyond_a_lighter_one_is_no_contradiction() -> None:
    graver = another(
        "OWN-02",
        ("severity: warn", "severity: block"),
        ("price, 550", "price, 590"),
        ("threshold: 550", "threshold: 590"),
        ("excess: 50", "excess: 10"),
    )
    assert [rule.severity for rule in book_of(HEAD + RULE + graver).rules] == ["warn", "block"]


def test_a_file_of_ones_own_replaces_rules_that_ship() -> None:
    texts = rule_texts("zero_base")
    own = OWN.replace("rules:\n", "replaces: [LIM-02, OWN-01]\nrules:\n")
    shipped = read_rule_book(texts, CATALOGUE, examples=False)
    book = read_rule_book(texts | {"own": own}, CATALOGUE)
    assert {rule.code for rule in book.rules} == {
        *(rule.code for rule in shipped.rules if rule.code != "LIM-02"),
        "OWN-01",
    }
    assert book.digest != shipped.digest


def test_own_rules_are_a_file_or_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(OWN, encoding="utf-8")
    by_file, by_folder = (rule_texts("zero_base", p) for p in (tmp_path / "a.yaml", tmp_path))
    assert by_file == by_folder
    with pytest.raises(RuleError, match="a YAML file of rules, or a folder"):
        rule_texts("zero_base", tmp_path / "none.yaml")


def test_a_book_is_kept_and_read_again_as_it_was() -> None:
    book = book_of(OWN)
    again = kept_rule_book(book.to_bytes(), book.digest)
    assert again.files == book.files
    assert again.to_bytes() == book.to_bytes()
    dumped = yaml.safe_dump(book.files[0].model_dump(mode="json"), allow_unicode=True)
    assert book_of(dumped).files == book.files


def test_a_kept_book_stays_what_it_was_though_this_code_would_write_it_otherwise() -> None:
    book = book_of(OWN)
    older = book.to_bytes().replace(b'"scope":{},', b"")  # from before there were scopes
    digest = f"sha256:{sha256(older).hexdigest()}"
    again = kept_rule_book(older, digest)
    assert (again.files, again.digest) == (book.files, digest)
    assert again.digest != book.digest  # the control: written anew it would be another


def test_control_another_book_has_another_digest() -> None:
    book, other = book_of(OWN), book_of(OWN.replace("name: {zh: 培训单价", "name: {zh: 单价"))
    assert book.digest != other.digest
    with pytest.raises(RuleError, match="expected the rules of sha256:"):
        kept_rule_book(other.to_bytes(), book.digest)
    with pytest.raises(RuleError, match="a kept rule book"):
        kept_rule_book(b"{}", book.digest)


def test_comments_and_layout_do_not_change_the_version() -> None:
    assert book_of("# about training\n" + OWN).digest == book_of(OWN).digest


def test_there_is_no_book_without_files() -> None:
    with pytest.raises(RuleError, match="expected files of rules; got none"):
        read_rule_book({}, CATALOGUE)
    assert isinstance(book_of(OWN), RuleBook)
