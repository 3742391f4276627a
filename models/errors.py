"""The check that a bundle's content is what it claims to be."""

from __future__ import annotations

from features.errors import BundleError


def raise_unless(holds: bool, expected: str, got: str, hint: str = "") -> None:
    """Return when `holds`.

    Raises:
        BundleError: saying what was expected, what came and what to do.
    """
    if not holds:
        advice = hint or "restore the bundle from its registered copy, or train again"
        raise BundleError(f"expected {expected}; got {got}; {advice}")
