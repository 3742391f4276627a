"""The examples of rules: what each says of itself is tried before the book is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from features.catalogue import Catalogue
from features.checks.checked import CheckResult, Finding, Outcome
from features.checks.compiled_rule import CompiledRule
from features.checks.reference import NOTHING
from features.checks.rule import Example, Rule
from features.checks.rule_book import RuleBook, RuleFile
from features.checks.subject import Subject
from features.declared_project import parse_project
from features.errors import Fault, ProjectError

_MEASURES = ("item", "threshold", "actual", "excess", "proposed")


def example_faults(book: RuleBook, catalogue: Catalogue) -> Iterator[Fault]:
    """Every example that does not come to what it says."""
    used = {id(rule) for rule in book.rules}
    for file in book.files:
        for rule in file.rules:
            if id(rule) in used:
                yield from _rule_faults(rule, file, book, catalogue)


def _rule_faults(
    rule: Rule, file: RuleFile, book: RuleBook, catalogue: Catalogue
) -> Iterator[Fault]:
    compiled = CompiledRule(rule, catalogue, book.tables)
    groups = (
        ("passes", Outcome.PASSED, rule.examples.passes),
        ("fails", Outcome.FINDING, rule.examples.fails),
        ("not_applicable", Outcome.NOT_APPLICABLE, rule.examples.not_applicable),
    )
    for name, expected, examples in groups:
        for number, example in enumerate(examples, start=1):
            place = f"{rule.code}.examples.{name}[{number}]"
            try:
                result = example_result(compiled, file, example, catalogue)
            except ProjectError as error:
                for fault in error.faults:
                    yield Fault(None, f"{place}: {fault.field}", fault.expected, fault.got)
                continue
            if result.outcome is not expected and not compiled.needs_reference:
                yield Fault(None, place, expected.value, told(result))
            elif result.findings:
                yield from _measured(place, example, result.findings)


def example_result(
    compiled: CompiledRule, file: RuleFile, example: Example, catalogue: Catalogue
) -> CheckResult:
    """What a rule says of one of its examples.

    Raises:
        ProjectError: when the example does not meet the catalogue.
    """
    document: dict[str, Any] = {**file.example, **example.project}
    given = {name: value for name, value in document.items() if value is not None}
    project = parse_project(given, catalogue)
    return compiled.check(Subject(project.values, NOTHING), project.year)


def _measured(place: str, example: Example, findings: tuple[Finding, ...]) -> Iterator[Fault]:
    """What an example says of its finding and is found otherwise."""
    wanted = example.finding
    for name in wanted:
        if name not in _MEASURES:
            yield Fault(None, place, f"one of {', '.join(_MEASURES)}", name)
            return
    found = [
        {"item": one.item, **one.measure._asdict()}
        for one in findings
        if "item" not in wanted or one.item == wanted["item"]
    ]
    if not any(all(_same(one[name], value) for name, value in wanted.items()) for one in found):
        got = "; ".join(str({name: one[name] for name in wanted}) for one in found) or "none there"
        yield Fault(None, place, f"a finding of {dict(wanted)}", got)


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(found, float) and isinstance(wanted, int | float):
        return abs(found - wanted) <= 1e-6 * max(1.0, abs(wanted))
    return bool(found == wanted)


def told(result: CheckResult) -> str:
    """An outcome in words, with why."""
    why = f" ({result.why}: {', '.join(result.fields)})" if result.why else ""
    return f"{result.outcome}{why}"
