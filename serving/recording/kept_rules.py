"""Rule books that answers name: kept in the working folder by their digest, and found again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from features.catalogue import Catalogue
from features.checks.checks import Checks
from features.checks.reference import NOTHING, Reference
from features.checks.rule_book import RuleBook
from features.checks.rule_files import kept_rule_book, read_rule_book, rule_texts
from features.errors import Fault, RuleError
from features.owner_file import write_new
from models.registry import Release

_READABLE = 0o644
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class RulesInForce:
    """The rules of a working folder: those that ship, and a bureau's own file or folder."""

    home: Path
    own: Path | None = None

    def attached(self, release: Release) -> Release:
        """A release with the rules that are in force for its catalogue, which are kept.

        Raises:
            RuleError: when the files of rules cannot be used, or the book cannot be kept.
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
        return replace(release, checks=Checks(book, catalogue, reference_in_force(self.home)))


class KeptRules:
    """The rule books of a working folder. Books once asked for stay at hand."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "rules"
        self._home = home
        self._books: dict[str, RuleBook] = {}

    def has(self, digest: str) -> bool:
        """Whether a book is kept."""
        return self._path(digest).is_file()

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
        """The checks that a record's `checks` names; None for a record from before there were any.

        Raises:
            RuleError: when its rules, or what they compared with, are not here as they were.
        """
        if checks is None:
            return None
        book = self.book(str(checks["rules"]))
        return Checks(book, catalogue, reference_named(self._home, checks["reference"]))

    def as_then(self, release: Release, content: Mapping[str, Any]) -> Release:
        """The release as a record's content names it: with its rules, and reviewed as it was.

        A version may have been released without review first, and reviewed later.

        Raises:
            RuleError: as `named` has it.
        """
        checks, now = content.get("checks"), release.checks
        if checks is None or now is None or checks["rules"] != now.book.digest:
            found = self.named(checks, release.model.catalogue)
        else:
            found = now
        reviewed = bool(content["model"].get("reviewed", False))
        return replace(release, reviewed=reviewed, checks=found)

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):  # it may come from a record that was damaged
            raise RuleError([Fault(None, None, "a digest of rules", "another text")], "rules")
        return self._folder / f"{digest.removeprefix('sha256:')}.json"


def reference_in_force(home: Path) -> Reference:
    """What checks compare projects with now, beside the rules."""
    return NOTHING


def reference_named(home: Path, digests: Mapping[str, str]) -> Reference:
    """What checks compared with, by the digests that a record names.

    Raises:
        RuleError: when it is not here any more.
    """
    if digests:
        fault = Fault(None, None, f"{', '.join(digests)} as recorded", "none here")
        raise RuleError([fault], "reference data")
    return NOTHING
