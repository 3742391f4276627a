"""Every check of a catalogue's projects: a rule book compiled once, and asked of each project."""

from __future__ import annotations

from copy import copy

from features.catalogue import Catalogue
from features.checks.checked import Checked
from features.checks.compiled_rule import CompiledRule
from features.checks.dimensions.rating import Rating
from features.checks.dimensions.ruler import Ruler
from features.checks.dimensions.ruler_files import rating_by
from features.checks.reference import NOTHING, Reference
from features.checks.rule_book import RuleBook
from features.checks.subject import Subject
from features.declared_project import DeclaredProject


class Checks:
    """A rule book, compiled for a catalogue and with the reference data that it reads.

    rating: the ruler by which its findings come to scores of dimensions, where there is one.
    """

    rating: Rating | None = None

    def __init__(
        self,
        book: RuleBook,
        catalogue: Catalogue,
        reference: Reference = NOTHING,
        ruler: Ruler | None = None,
        *,
        tells_standards: bool = True,
    ) -> None:
        """Compile a book.

        Args:
            tells_standards: whether lines are told beside their standards, which answers once did
                not.

        Raises:
            WrongCondition: when a rule cannot be asked of the catalogue's projects; a book that
                `rule_files` has read can.
            RuleError: when the ruler does not fit the catalogue or the rules.
        """
        self.book, self.reference, self.ruler = book, reference, ruler
        self._told = reference.standards if tells_standards else None
        self._rules = [CompiledRule(rule, catalogue, book.tables) for rule in book.rules]
        self._digests: dict[int, dict[str, str]] = {}
        if ruler is not None:
            self.rating = rating_by(ruler, catalogue, book)

    def checked(self, project: DeclaredProject) -> Checked:
        """The outcome of every check, in the order of the book."""
        subject = Subject(project.values, self.reference)
        year = project.year
        results = tuple([rule.check(subject, year) for rule in self._rules])
        standards = None if self._told is None else self._told.beside(project.values)
        return Checked(self.book.digest, self.book.version, self.digests(year), results, standards)

    def comparing(self, reference: Reference) -> Checks:
        """The same rules and ruler, with other reference data, whose lines are told."""
        other = copy(self)
        other.reference, other._told, other._digests = reference, reference.standards, {}
        return other

    def digests(self, year: int) -> dict[str, str]:
        """The digests of what projects of a fiscal year are compared with, by its kind."""
        found = self._digests.get(year)
        if found is None:
            found = self._digests[year] = self.reference.digests(year)
        return found

    @property
    def tells_standards(self) -> bool:
        """Whether lines are told beside their standards."""
        return self._told is not None
