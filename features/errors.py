"""Every error that Lingji raises on purpose.

LingjiError
├── LingjiFaults          several faults, each with its place, all named at once
│   ├── CatalogueError    a catalogue that does not describe one consistent ruler
│   ├── RuleError         files of rules that cannot be used together
│   ├── ProjectError      a declared project that does not meet its catalogue
│   ├── FileError         a file that cannot be read as declared projects
│   └── FormError         a kept file that is not of its form
├── BundleError           a model bundle that is absent, altered or of another format
├── RegistryError         a version that cannot be found or released
│   ├── ReleaseRefused    a release that the gates or its approval do not allow
│   ├── ReleaseAltered    a list of releases that is not as it was written
│   └── ModelStopped      a model that was taken out of service
├── PersonError           a person or a key that cannot be used
├── ReviewError           a review that is not there, not over, or not as it was opened
├── OutcomeStoreError     a contribution that cannot be found, or is not as it came
└── TrainingError         outcomes from which a head cannot be learned
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong: where, what was expected, what came, and what to do."""

    row: int | None
    field: str | None
    expected: str
    got: str
    hint: str = ""

    def message(self) -> str:
        """The fault as one sentence for a person."""
        place = ", ".join(
            part
            for part in (
                f"row {self.row}" if self.row is not None else "",
                self.field or "",
            )
            if part
        )
        text = f"expected {self.expected}; got {self.got}"
        if self.hint:
            text = f"{text}; {self.hint}"
        return f"{place}: {text}" if place else text

    def at_row(self, row: int) -> Fault:
        """The same fault, placed in a row of a file."""
        return Fault(row, self.field, self.expected, self.got, self.hint)

    def as_detail(self) -> dict[str, str | int]:
        """The fault as the `details` entry of an error answer."""
        detail: dict[str, str | int] = {} if self.row is None else {"row": self.row}
        detail |= {"field": self.field or "", "expected": self.expected, "got": self.got}
        if self.hint:
            detail["hint"] = self.hint
        return detail


class LingjiError(Exception):
    """The root: catch this to catch everything that Lingji raises on purpose."""


class LingjiFaults(LingjiError):
    """A refusal that lists every fault found, never just the first."""

    subject = "input"

    def __init__(self, faults: Iterable[Fault], subject: str | None = None) -> None:
        self.faults = tuple(faults)
        self.subject = subject or type(self).subject
        super().__init__(self._message())

    def _message(self) -> str:
        count = len(self.faults)
        head = f"{self.subject}: {count} fault{'' if count == 1 else 's'}"
        return "\n".join([head, *(f"- {fault.message()}" for fault in self.faults)])


class CatalogueError(LingjiFaults):
    """A catalogue that does not describe one consistent ruler."""

    subject = "catalogue"


class RuleError(LingjiFaults):
    """Files of rules that cannot be used, or not together."""

    subject = "rules"


class ProjectError(LingjiFaults):
    """A declared project that does not meet its catalogue."""

    subject = "declared project"


class FileError(LingjiFaults):
    """A file that cannot be read as declared projects."""

    subject = "file"


class FormError(LingjiFaults):
    """A kept file that is not of its form."""

    subject = "form"


class BundleError(LingjiError):
    """A model bundle that is absent, altered or of another format."""


class RegistryError(LingjiError):
    """A version that cannot be found or released."""


class ReleaseRefused(RegistryError):
    """A release that the gates or its approval do not allow."""


class ReleaseAltered(RegistryError):
    """A list of releases that is not as it was written: somebody else changed it."""


class ModelStopped(RegistryError):
    """A model that was taken out of service."""


class PersonError(LingjiError):
    """A person or a key that cannot be used."""


class ReviewError(LingjiError):
    """A review that is not there, not over, or not as it was opened."""


class OutcomeStoreError(LingjiError):
    """A contribution of outcomes that cannot be found, or is not as it came."""


class TrainingError(LingjiError):
    """Outcomes from which a head cannot be learned."""
