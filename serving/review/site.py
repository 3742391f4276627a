"""The pages of reviews as routes: HTML for a browser, the same as JSON for a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from models.review.finding import Answered, Closed, Finding, Returned
from models.review.report import report_in
from serving.audit.form import sent_form
from serving.inquiry import Desk
from serving.page.refusal import RefusalShown
from serving.page_visitor import caller_of, frame_of, wants_page
from serving.records.receipt import Receipt
from serving.review import machine, pages
from serving.review.finding_desk import FindingDesk
from serving.review.forms import (
    FormFaults,
    FormShown,
    read_answered,
    read_closed,
    read_correction,
    read_judgement,
    read_opened,
    read_opinion,
    read_returned,
)
from serving.review.judging import Judging, Stage
from serving.routes import (
    FINDING_ANSWER,
    FINDING_CLOSE,
    FINDING_OPEN,
    FINDING_RETURN,
    FINDINGS,
    REVIEW,
    REVIEW_CASE,
    REVIEW_CORRECTION,
    REVIEW_JUDGEMENT,
    REVIEW_OPINION,
    REVIEW_REPORT,
)
from serving.wording.envelope import Refusal, json_response

_Sent = Mapping[str, str]
_Answer = Callable[[Request, _Sent], Response]


def review_routes(desk: Desk) -> list[Route]:
    """The routes of reviews."""
    answers = _Answers(desk)
    route = partial(_route, desk)
    return [
        route(REVIEW, answers.queues),
        route(REVIEW_CASE, answers.case),
        route(REVIEW_JUDGEMENT, answers.judge, form=True),
        route(REVIEW_OPINION, answers.compare, form=True),
        route(REVIEW_CORRECTION, answers.correct, form=True),
        route(REVIEW_REPORT, answers.report),
        route(FINDINGS, answers.findings),
        route(FINDING_OPEN, answers.open, form=True),
        route(FINDING_ANSWER, answers.answer, form=True),
        route(FINDING_RETURN, answers.give_back, form=True),
        route(FINDING_CLOSE, answers.close, form=True),
    ]


def _route(desk: Desk, path: str, answer: _Answer, *, form: bool = False) -> Route:
    """A route whose answer is made in a thread, and whose refusals a browser gets as pages."""

    async def endpoint(request: Request) -> Response:
        try:
            sent = await sent_form(request) if form else {}
            return await to_thread.run_sync(answer, request, sent)
        except FormShown:
            raise
        except Refusal as refusal:
            if wants_page(request):
                raise RefusalShown(refusal, frame_of(desk, request)) from refusal
            raise

    return Route(path, endpoint, methods=["POST" if form else "GET"])


class _Answers:
    """What answers each path."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._judging = Judging(desk)
        self._findings = FindingDesk(desk)
        self._catalogue = desk.release.model.catalogue

    def queues(self, request: Request, _: _Sent) -> Response:
        found = self._judging.queues(caller_of(request))
        if not wants_page(request):
            return json_response(machine.queues(found))
        return HTMLResponse(pages.queue_page(frame_of(self._desk, request), found))

    def case(self, request: Request, _: _Sent) -> Response:
        seen = self._judging.case(caller_of(request), _named(request), f"GET {REVIEW_CASE}")
        if not wants_page(request):
            return json_response(machine.case(seen, self._catalogue))
        frame = frame_of(self._desk, request)
        return HTMLResponse(pages.case_page(frame, self._catalogue, seen, {}, {}))

    def judge(self, request: Request, sent: _Sent) -> Response:
        _, entry = self._judging.named(_named(request))
        try:
            judgement = read_judgement(sent, entry, self._catalogue)
        except FormFaults as faults:
            raise self._again(request, sent, faults) from faults
        receipt = self._judging.judge(caller_of(request), judgement, f"POST {REVIEW_JUDGEMENT}")
        return self._done(request, receipt, f"{REVIEW}/cases/{entry.id}")

    def compare(self, request: Request, sent: _Sent) -> Response:
        kept, entry = self._judging.named(_named(request))
        self._judging.require_judged(caller_of(request), entry.id)
        answers = kept.answers(entry)
        heads = pages.heads_of(answers, self._catalogue)
        try:
            opinion = read_opinion(sent, entry, answers, heads)
        except FormFaults as faults:
            raise self._again(request, sent, faults) from faults
        receipt = self._judging.compare(caller_of(request), opinion, f"POST {REVIEW_OPINION}")
        return self._done(request, receipt, f"{REVIEW}/cases/{entry.id}")

    def correct(self, request: Request, sent: _Sent) -> Response:
        _, entry = self._judging.named(_named(request))
        try:
            correction = read_correction(sent, entry, self._catalogue)
        except FormFaults as faults:
            raise self._again(request, sent, faults) from faults
        receipt = self._judging.correct(caller_of(request), correction, f"POST {REVIEW_CORRECTION}")
        return self._done(request, receipt, f"{REVIEW}/cases/{entry.id}")

    def report(self, request: Request, _: _Sent) -> Response:
        """The last report; an expert gets it once nothing is left to be judged unseen."""
        queue = self._judging.queue(caller_of(request), _named(request))
        if queue.open and any(case.stage is Stage.JUDGE for case in queue.cases):
            raise Refusal(409, code="judge_first")
        found = report_in(queue.kept.path)
        if found is None:
            raise Refusal(404, "No report of this round was made yet: lingji review report.")
        if not wants_page(request):
            return json_response(found.model_dump(mode="json"))
        frame = frame_of(self._desk, request)
        return HTMLResponse(pages.report_page(frame, self._catalogue, found))

    def findings(self, request: Request, _: _Sent) -> Response:
        found = self._findings.findings(caller_of(request), f"GET {FINDINGS}")
        if not wants_page(request):
            return json_response(machine.findings(found))
        given = {"subject": request.query_params.get("subject", "")}
        return HTMLResponse(self._findings_page(request, found, given, {}))

    def open(self, request: Request, sent: _Sent) -> Response:
        caller = caller_of(request)
        try:
            opened = read_opened(sent, self._findings.subjects(caller), self._findings.today())
        except FormFaults as faults:
            raise self._findings_again(request, sent, faults) from faults
        receipt = self._findings.open(caller, opened, f"POST {FINDING_OPEN}")
        return self._done(request, receipt, FINDINGS, f"#f-{receipt.record_id}")

    def answer(self, request: Request, sent: _Sent) -> Response:
        read = partial(read_answered, versions=self._findings.versions())
        return self._followed(request, sent, read, f"POST {FINDING_ANSWER}")

    def give_back(self, request: Request, sent: _Sent) -> Response:
        return self._followed(request, sent, read_returned, f"POST {FINDING_RETURN}")

    def close(self, request: Request, sent: _Sent) -> Response:
        return self._followed(request, sent, read_closed, f"POST {FINDING_CLOSE}")

    def _followed(
        self,
        request: Request,
        sent: _Sent,
        read: Callable[[_Sent], Answered | Returned | Closed],
        way: str,
    ) -> Response:
        """The answer to a form that leads a finding on."""
        try:
            entry = read(sent)
        except FormFaults as faults:
            raise self._findings_again(request, sent, faults) from faults
        receipt = self._findings.follow(caller_of(request), _named(request), entry, way)
        return self._done(request, receipt, FINDINGS, f"#f-{_named(request)}")

    def _again(self, request: Request, sent: _Sent, faults: FormFaults) -> FormFaults:
        """The refusal of a form of a case; for a browser with its page again."""
        if not wants_page(request):
            return faults
        seen = self._judging.case(caller_of(request), _named(request), f"GET {REVIEW_CASE}")
        frame = frame_of(self._desk, request)
        page = pages.case_page(frame, self._catalogue, seen, sent, faults.wrong)
        return FormShown(faults, page)

    def _findings_page(
        self, request: Request, found: list[Finding], given: _Sent, wrong: Mapping[str, str]
    ) -> str:
        caller = caller_of(request)
        return pages.findings_page(
            frame_of(self._desk, request),
            found,
            self._findings.subjects(caller),
            self._findings.versions(),
            caller,
            given,
            wrong,
        )

    def _findings_again(self, request: Request, sent: _Sent, faults: FormFaults) -> FormFaults:
        """The refusal of a form about a finding; for a browser with its page again."""
        if not wants_page(request):
            return faults
        given = {**sent, "of": str(request.path_params.get("id", ""))}
        found = self._findings.findings(caller_of(request), f"GET {FINDINGS}")
        return FormShown(faults, self._findings_page(request, found, given, faults.wrong))

    def _done(self, request: Request, receipt: Receipt, path: str, place: str = "") -> Response:
        """What was said is durable: on to the page, or the receipt for a program."""
        if not wants_page(request):
            return json_response({"record_id": receipt.record_id, "receipt": receipt.as_json()})
        return RedirectResponse(frame_of(self._desk, request).to(path) + place, 303)


def _named(request: Request) -> str:
    return str(request.path_params["id"])
