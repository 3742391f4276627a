"""What answers now: a desk, and the pages made for it, which change together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from starlette.types import ASGIApp

from models.registry import Release
from serving.inquiry import Desk


class _Open(NamedTuple):
    desk: Desk
    pages: ASGIApp


class Office:
    """The desk that answers, and the pages; whoever asked before a change keeps the old ones.

    One assignment changes both, so that no answer comes from two releases.
    """

    def __init__(self, desk: Desk, pages_of: Callable[[Desk], ASGIApp]) -> None:
        self._pages_of = pages_of
        self._open = self._opened(desk)

    @property
    def desk(self) -> Desk:
        """What questions that come now are answered with."""
        return self._open.desk

    @property
    def pages(self) -> ASGIApp:
        """What answers everything else now."""
        return self._open.pages

    def serve(self, release: Release) -> None:
        """Answer with another release from the next request on."""
        self._open = self._opened(replace(self.desk, release=release))

    def _opened(self, desk: Desk) -> _Open:
        desk.metrics.in_service(desk.release)
        return _Open(desk, self._pages_of(desk))
