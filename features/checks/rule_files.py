"""Reading files of rules, strictly: every fault at once, each with its file and line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from features.catalogue import Catalogue
from features.checks.compiled_rule import CompiledRule
from features.checks.conflicts import conflicts
from features.checks.examples import example_faults
from features.checks.finding_words import wrong_words
from features.checks.rule_book import RuleBook, RuleFile
from features.checks.terms import WrongCondition
from features.errors import Fault, RuleError
from features.strict_yaml import NotYaml, line_of, read_yaml

_SUFFIX = ".yaml"


def read_rule_book(
    texts: Mapping[str, str], catalogue: Catalogue, *, examples: bool = True
) -> RuleBook:
    """The book that files of rules make together.

    Args:
        texts: YAML under the names of the files, in their order.
        examples: whether each rule is tried on its own examples.

    Raises:
        RuleError: naming every fault of form, of meaning and between rules, by file and line.
    """
    faults: list[Fault] = []
    files = [file for name, text in texts.items() if (file := _file(name, text, faults))]
    if not faults:
        faults += _between_files(files, catalogue)
    if not faults and files:
        book = RuleBook(files=tuple(files))
        faults += _conditions(book, texts, catalogue)
        faults += conflicts(book.rules)
        if not faults and examples:
            faults += example_faults(book, catalogue)
        if not faults:
            return book
    raise RuleError(faults or [Fault(None, None, "files of rules", "none")], "rules")


def rule_texts(catalogue: str, own: Path | None = None) -> dict[str, str]:
    """The files of rules that ship for a catalogue, then a bureau's own: a file, or a folder.

    Raises:
        RuleError: when what is named cannot be read.
    """
    folder = resources.files("features.checks") / "rules" / catalogue
    shipped = sorted(folder.iterdir(), key=lambda f: f.name) if folder.is_dir() else []
    found = {f.name: f.read_text(encoding="utf-8") for f in shipped if f.name.endswith(_SUFFIX)}
    if own is None:
        return found
    paths = sorted(own.glob(f"*{_SUFFIX}")) if own.is_dir() else [own]
    try:
        return found | {str(path): path.read_text(encoding="utf-8-sig") for path in paths}
    except (OSError, UnicodeDecodeError) as error:
        got = f"{own} ({type(error).__name__})"
        fault = Fault(None, None, "a YAML file of rules, or a folder of them", got)
        raise RuleError([fault], "rules") from error


def kept_rule_book(content: bytes, digest: str) -> RuleBook:
    """The book of that digest, as it was kept.

    Raises:
        RuleError: when the bytes are another book, or none.
    """
    try:
        book = RuleBook.of_bytes(content)
    except ValidationError as error:
        fault = Fault(None, None, "a kept rule book", "another thing")
        raise RuleError([fault], "rules") from error
    if book.digest != digest:
        raise RuleError([Fault(None, None, f"the rules of {digest}", book.digest)], "rules")
    return book


def _file(name: str, text: str, faults: list[Fault]) -> RuleFile | None:
    try:
        raw = read_yaml(text)
        return RuleFile.model_validate(raw)
    except NotYaml as error:
        faults.append(replace(error.fault, field=_at(name, error.fault.field)))
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            place = tuple(item["loc"])
            where = _at(name, f"line {line_of(text, place)}", _named(place, raw))
            message = item["msg"].removeprefix("Value error, ")
            faults.append(Fault(None, where, message[:1].lower() + message[1:], "another value"))
    return None


def _at(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def _named(place: Sequence[int | str], raw: Any) -> str:
    """A place such as `POL-01.severity`: a rule by its code."""
    if len(place) > 1 and place[0] == "rules" and isinstance(place[1], int):
        rule = raw["rules"][place[1]]
        code = rule.get("code") if isinstance(rule, dict) else None
        return ".".join([str(code or f"rules[{place[1] + 1}]"), *map(str, place[2:])])
    return ".".join(map(str, place))


def _between_files(files: Sequence[RuleFile], catalogue: Catalogue) -> Iterator[Fault]:
    for file in files:
        if file.rules_for != catalogue.catalogue:
            yield Fault(None, file.identity, f"rules for {catalogue.catalogue}", file.rules_for)
    codes = {rule.code for file in files for rule in file.rules}
    for file in files:
        for code in file.replaces:
            if code not in codes:
                yield Fault(None, f"{file.identity}.replaces", "the code of a rule", code)
    names = Counter(name for file in files for name in {f"table {n}" for n in file.tables})
    names += Counter(f"file {file.name}" for file in files)
    for name, count in names.items():
        if count > 1:
            yield Fault(None, name, "each name once", f"{count} of this name")


def _conditions(book: RuleBook, texts: Mapping[str, str], catalogue: Catalogue) -> Iterator[Fault]:
    """What of the rules cannot be asked, or told, of the catalogue's projects."""
    dimensions = [dimension.name for dimension in catalogue.dimensions]
    for file, (name, text) in zip(book.files, texts.items(), strict=True):
        for number, rule in enumerate(file.rules):
            if rule.dimension not in dimensions:
                line = line_of(text, ("rules", number, "dimension"))
                where = _at(name, f"line {line}", f"{rule.code}.dimension")
                yield Fault(None, where, f"one of {', '.join(dimensions)}", str(rule.dimension))
            try:
                CompiledRule(rule, catalogue, book.tables)
            except WrongCondition as wrong:
                line = line_of(text, ("rules", number, *wrong.place))
                where = _at(name, f"line {line}", ".".join([rule.code, *map(str, wrong.place)]))
                yield Fault(None, where, wrong.expected, wrong.got)
            for language, wrong_word, known in wrong_words(rule, catalogue):
                line = line_of(text, ("rules", number, "finding", language))
                where = _at(name, f"line {line}", f"{rule.code}.finding.{language}")
                yield Fault(None, where, f"one of {', '.join(known)}", wrong_word)
