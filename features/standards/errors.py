"""What is wrong with expenditure standards or the files that hold them.

StandardsError          a version, a standard or a file that cannot be used
"""

from __future__ import annotations

from features.errors import LingjiError


class StandardsError(LingjiError):
    """A version, a standard or a file of standards that cannot be used."""
