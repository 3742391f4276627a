"""Rulers that answers name: kept in the working folder by their digest, and found again."""

from __future__ import annotations

import re
from pathlib import Path

from features.checks.dimensions.ruler import Ruler
from features.errors import Fault, FormError, RuleError
from features.owner_file import write_new

RULER = "ruler"
"""What faults of rulers are faults of."""
_FOLDER = "rulers"
_READABLE = 0o644
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class KeptRulers:
    """The rulers of a working folder. Those once asked for stay at hand."""

    def __init__(self, home: Path) -> None:
        self._folder = home / _FOLDER
        self._rulers: dict[str, Ruler] = {}

    def has(self, digest: str) -> bool:
        """Whether a ruler is kept."""
        return self._path(digest).is_file()

    def keep(self, ruler: Ruler) -> None:
        """Keep a ruler, unless it is there.

        Raises:
            RuleError: when the working folder cannot hold it.
        """
        try:
            write_new(self._path(ruler.file_digest), ruler.to_bytes(), _READABLE)
        except FileExistsError:
            return
        except OSError as error:
            got = f"{self._folder} ({type(error).__name__})"
            fault = Fault(None, None, "a folder in which rulers can be kept", got)
            raise RuleError([fault], RULER) from error

    def ruler(self, digest: str) -> Ruler:
        """The ruler of that digest.

        Raises:
            RuleError: when it is not kept here, or is not what it was.
        """
        if digest not in self._rulers:
            expected = f"the ruler of {digest} in {self._folder}"
            try:
                found = Ruler.read(self._path(digest))
            except FormError as error:
                fault = Fault(None, None, expected, error.faults[0].message())
                raise RuleError([fault], RULER) from error
            if found.file_digest != digest:
                raise RuleError([Fault(None, None, expected, found.file_digest)], RULER)
            self._rulers[digest] = found
        return self._rulers[digest]

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):  # it may come from a record that was damaged
            raise RuleError([Fault(None, None, "a digest of a ruler", "another text")], RULER)
        return self._folder / f"{digest.removeprefix('sha256:')}.json"
