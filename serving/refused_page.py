"""A refusal that a browser shows as a page."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response

from serving.envelope import Refusal


class RefusedPage(Refusal):
    """The same refusal, with a page in place of the JSON."""

    def __init__(self, refusal: Refusal, page: str) -> None:
        super().__init__(refusal.status, refusal.message, refusal.faults, refusal.headers)
        self.code = refusal.code
        self._page = page

    def response(self) -> Response:
        """The page, with the refusal's status."""
        return HTMLResponse(self._page, self.status, self.headers)
