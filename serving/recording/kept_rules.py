"""Rule books that answers name: kept in the working folder by their digest, and found again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from features.catalogue import Catalogue
from features.checks.checks import Checks
from features.checks.dimensions.ruler_files import ruler_in_force
from features.checks.reference import Reference
from features.checks.rule_book import RuleBook
from features.checks.rule_files import kept_rule_book, read_rule_book, rule_texts
from features.errors import Fault, RuleError
from features.owner_file import write_new
from models.registry import Release
from serving.recording.kept_reference import reference_in_force, reference_named
from serving.recording.kept_rulers import RULER, KeptRulers

_READABLE = 0o644
_STANDARDS = "standards"
"""Where a record's `checks` keeps lines beside their standards; not so when none were told."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class RulesInForce:
    """The rules of a working folder: those that ship, and a bureau's own file or folder.

    With them the ruler by which their findings come to scores of dimensions.
    """

    home: Path
    own: Path | None = None

    def attached(self, release: Release, reference: Reference | None = None) -> Release:
        """A release with the rules and the ruler that are in force for its catalogue, and are kept.

        Args:
            reference: what projects are compared with; by default what is in force.

        Raises:
            RuleError: when the files cannot be used, or not together, or cannot be kept.
            LingjiError: when what is signed of the reference data is not as it was.
        """
        catalogue = release.model.catalogue
        texts = rule_texts(catalogue.catalogue, self.own)
        if not texts:
            return release
        kept = KeptRules(self.home)
        book = read_rule_book(texts, catalogue, examples=False)
        if not kept.has(book.digest):
            book = read_rule_book(texts, catalogue)  # tried on its examples before it is used
            kept.keep(book)
        beside = (
            reference_in_force(self.home, catalogue)
            if reference is None
            else reference.of(catalogue)
        )
        ruler = ruler_in_force(self.home, catalogue.catalogue)
        checks = Checks(book, catalogue, beside, ruler)
        if ruler is not None:
            KeptRulers(self.home).keep(ruler)
        return replace(release, checks=checks)


class KeptRules:
    """The rule books of a working folder. Books once asked for stay at hand."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "rules"
        self._home = home
        self._books: dict[str, RuleBook] = {}
        self._rulers = KeptRulers(home)
        self._references: dict[tuple[object, ...], Reference] = {}
        self._checks: dict[tuple[object, ...], Checks] = {}

    def has(self, digest: str) -> bool:
        """Whether a book is kept."""
        return self._path(digest).is_file()

    def has_ruler(self, digest: str) -> bool:
        """Whether a ruler is kept."""
        return self._rulers.has(digest)

    def is_whole(self, digest: str) -> bool:
        """Whether a book is kept and is what it was."""
        try:
            self.book(digest)
        except RuleError:
            return False
        return True

    def keep(self, book: RuleBook) -> None:
        """Keep a book, unless it is there.

        Raises:
            RuleError: when the working folder cannot hold it.
        """
        try:
            write_new(self._path(book.digest), book.to_bytes(), _READABLE)
        except FileExistsError:
            return
        except OSError as error:
            got = f"{self._folder} ({type(error).__name__})"
            fault = Fault(None, None, "a folder in which rules can be kept", got)
            raise RuleError([fault], "rules") from error

    def book(self, digest: str) -> RuleBook:
        """The book of that digest.

        Raises:
            RuleError: when it is not kept here, or is not what it was.
        """
        if digest not in self._books:
            try:
                content = self._path(digest).read_bytes()
            except OSError as error:
                fault = Fault(None, None, f"the rules of {digest} in {self._folder}", "none")
                raise RuleError([fault], "rules") from error
            self._books[digest] = kept_rule_book(content, digest)
        return self._books[digest]

    def named(self, checks: Mapping[str, Any] | None, catalogue: Catalogue) -> Checks | None:
        """The checks that `named_by` or a record names; None for one from before there were any.

        Raises:
            RuleError: when its rules, what they compared with, or its ruler are not here as they
                were.
        """
        if checks is None:
            return None
        rules, references, told = str(checks["rules"]), checks["reference"], _STANDARDS in checks
        by = checks.get(RULER)
        key = (rules, catalogue.digest, *sorted(references.items()), told, by)
        if key not in self._checks:
            reference = self._reference(catalogue, references)
            book, ruler = self.book(rules), None if by is None else self._rulers.ruler(str(by))
            self._checks[key] = Checks(book, catalogue, reference, ruler, tells_standards=told)
        return self._checks[key]

    def checking(self, release: Release, checks: Mapping[str, Any] | None) -> Release:
        """A release that checks by what `named_by` named, as another has.

        Raises:
            RuleError: as `named` has it.
        """
        return replace(release, checks=self.named(checks, release.model.catalogue))

    def as_then(self, release: Release, content: Mapping[str, Any]) -> Release:
        """The release as a record's content names it: its rules, whether reviewed, whether a pilot.

        A version may have been released without review first, and reviewed later.

        Raises:
            RuleError: as `named` has it.
        """
        checks, now = _recorded(content), release.checks
        catalogue = release.model.catalogue
        year = int(content["document"][catalogue.columns.time])
        if checks is None or now is None or checks != named_by(now, year):
            found = self.named(checks, catalogue)
        else:
            found = now
        named = content["model"]
        reviewed, pilot = bool(named.get("reviewed", False)), str(named.get("pilot", ""))
        return replace(release, reviewed=reviewed, pilot=pilot, checks=found)

    def _reference(self, catalogue: Catalogue, digests: Mapping[str, str]) -> Reference:
        key = (catalogue.digest, *sorted(digests.items()))
        if key not in self._references:
            self._references[key] = reference_named(self._home, catalogue, digests)
        return self._references[key]

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):  # it may come from a record that was damaged
            raise RuleError([Fault(None, None, "a digest of rules", "another text")], "rules")
        return self._folder / f"{digest.removeprefix('sha256:')}.json"


def named_by(checks: Checks, year: int) -> dict[str, Any]:
    """By what a project of a fiscal year is checked and its dimensions scored, as
    `KeptRules.named` takes it.
    """
    named: dict[str, Any] = {"rules": checks.book.digest, "reference": checks.digests(year)}
    named |= {_STANDARDS: ""} if checks.tells_standards else {}
    return named | ({RULER: checks.rating.digest} if checks.rating else {})


def _recorded(content: Mapping[str, Any]) -> dict[str, Any] | None:
    """The same as a record's content names it; None where nothing was checked."""
    checks, dimensions = content.get("checks"), content.get("dimensions")
    if checks is None:
        return None
    named: dict[str, Any] = {name: checks[name] for name in ("rules", "reference")}
    named |= {_STANDARDS: ""} if _STANDARDS in checks else {}
    return named | ({RULER: dimensions[RULER]} if dimensions else {})
