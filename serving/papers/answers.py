"""What is answered about the papers of the model in service: pages, and JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from features.errors import FormError, RegistryError
from models.papers.paper import Paper
from models.papers.papers import PAPERS
from models.papers.shown import said
from models.papers.sources import Sources
from models.registry import Registry
from serving.inquiry import Desk
from serving.page.frame import Frame
from serving.page.templates import rendered
from serving.page_visitor import Answer, frame_of, shown, wants_page
from serving.papers.release_log import release_log
from serving.recording.kept_answer import refused
from serving.records.errors import RecordsError
from serving.routes import ALGORITHM_RECORD, DATA_SHEET, MODEL
from serving.wording.envelope import Refusal, json_response

PAPER_PATHS: Mapping[str, str] = {
    MODEL: "model_card",
    DATA_SHEET: "data_sheet",
    ALGORITHM_RECORD: "algorithm_record",
}
"""Which paper is at which path."""


def paper_answers(desk: Desk) -> Mapping[str, Answer]:
    """What answers each path of a paper."""

    def answer(name: str) -> Answer:
        return shown(desk, lambda request: _answered(desk, name, request))

    return {path: answer(name) for path, name in PAPER_PATHS.items()}


def _answered(desk: Desk, name: str, request: Request) -> Response:
    try:
        paper = PAPERS[name](_sources(desk))
    except RecordsError as error:
        raise refused(error) from error
    except (FormError, RegistryError) as error:
        raise Refusal(503, code="no_papers") from error
    if not wants_page(request):
        return json_response(paper.as_json())
    return HTMLResponse(paper_page(frame_of(desk, request), paper))


def _sources(desk: Desk) -> Sources:
    registry = Registry(desk.home, desk.release.model.catalogue.catalogue)
    log = release_log(desk.records, registry.catalogue)
    return Sources.of(registry, desk.release, log=log)


def paper_page(frame: Frame, paper: Paper) -> str:
    """A paper in the frame of the pages, with the way to the others that the visitor may see."""
    visitor = frame.visitor
    links = [
        (frame.to(path), name)
        for path, name in PAPER_PATHS.items()
        if name != paper.name and visitor is not None and visitor.may("GET", path)
    ]
    return rendered(
        "paper.html", frame.lang, frame=frame, paper=paper, links=links, paper_word=said
    )
