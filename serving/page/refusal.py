"""A refusal as a page, for a person who opened an address that cannot be answered."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import HTMLResponse, Response

from features.errors import Fault
from serving.page.frame import Frame
from serving.page.templates import rendered
from serving.page.words import page_words
from serving.wording.envelope import Refusal

_TITLES = {404: "refused_404", 409: "refused_409", 422: "refused_422", 503: "refused_503"}


def _said(fault: Fault, words: Mapping[str, str]) -> tuple[str, str]:
    """The field and what was expected, in the language of the page where it has words for them."""
    field = fault.field or ""
    return words.get(f"filter_{field}", field), words.get(f"expects_{field}", fault.expected)


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
            code=self.code,
            faults=[_said(fault, words) for fault in self.faults],
        )
        return HTMLResponse(page, self.status, self.headers)
