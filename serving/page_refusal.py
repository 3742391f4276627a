"""A refusal as a page, for a person who opened an address that cannot be answered."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response

from serving.envelope import Refusal
from serving.page_frame import Frame
from serving.page_templates import rendered
from serving.page_words import page_words

_TITLES = {404: "refused_404", 422: "refused_422", 503: "refused_503"}


class RefusalShown(Refusal):
    """A refusal that answers with a page of the service; status and headers are the refusal's."""

    def __init__(self, refusal: Refusal, frame: Frame) -> None:
        super().__init__(refusal.status, refusal.message, refusal.faults, refusal.headers)
        self.code = refusal.code
        self._frame = frame

    def response(self) -> Response:
        """The page."""
        words = page_words(self._frame.lang)
        page = rendered(
            "refused.html",
            self._frame.lang,
            frame=self._frame,
            title=words[_TITLES.get(self.status, "refused_other")],
            message=self.message,
            faults=[(words.get(f"filter_{f.field}", f.field or ""), f) for f in self.faults],
        )
        return HTMLResponse(page, self.status, self.headers)
