"""Errors of the service itself, raised before it answers anyone."""

from __future__ import annotations

from features.errors import LingjiError


class ServiceError(LingjiError):
    """A service that cannot start in the way that it was asked to."""
