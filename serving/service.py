# mypy: disable-error-code="misc, untyped-decorator"
# BentoML ships no types.
"""The BentoML service: a thin shell, and the only module that knows the framework.

`lingji serve` runs `Lingji` inside the application of serving/application.py, under uvicorn and on
one socket. `bentoml serve serving.service:Lingji` runs the same application as a convenience; set
BENTOML_DO_NOT_TRACK=true for it, because BentoML reads that before this module is reached.
"""

from __future__ import annotations

import os
from typing import Any, cast

import bentoml
from starlette.types import ASGIApp

from serving.assembly import around, model_in_service
from serving.inquiry import SCOPE_KEY
from serving.questions import Question, answered, change, score, score_batch
from serving.settings import LONGEST_ANSWER, service_settings

THREADS = 4
_ABOVE_OURS = LONGEST_ANSWER + 60


class WholeService(bentoml.Service):
    """A BentoML service whose ASGI application is the whole of ours, front door and pages too."""

    def to_asgi(self, is_main: bool = True) -> ASGIApp:
        """The application that `bentoml serve` runs, with settings from the environment."""
        settings = service_settings(os.environ)
        return around(self.bare(), model_in_service(settings), settings.limits)

    def bare(self) -> ASGIApp:
        """BentoML's own application: the questions, with no guard."""
        app: ASGIApp = super().to_asgi()
        return app


def bare_questions() -> ASGIApp:
    """The framework's application, to be put behind the guard."""
    return cast(WholeService, Lingji).bare()


@bentoml.service(
    name="lingji",
    service_class=WholeService,
    workers=1,
    threads=THREADS,
    traffic={"timeout": _ABOVE_OURS},
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
)
class Lingji:
    """Explained scores of declared projects."""

    @bentoml.api(route="/score")
    def score(self, ctx: bentoml.Context) -> dict[str, Any]:
        """One explained score."""
        return _answer(score, ctx)

    @bentoml.api(route="/score_batch")
    def score_batch(self, ctx: bentoml.Context) -> dict[str, Any]:
        """Explained scores of many projects."""
        return _answer(score_batch, ctx)

    @bentoml.api(route="/what_if")
    def what_if(self, ctx: bentoml.Context) -> dict[str, Any]:
        """What a change would do."""
        return _answer(change, ctx)


def _answer(question: Question, ctx: bentoml.Context) -> dict[str, Any]:
    """The response to the inquiry that the guard has put into the request's scope.

    BentoML sends a response as it is, but for the status, which it takes from the context.
    """
    response = answered(question, ctx.request.scope[SCOPE_KEY])
    ctx.response.status_code = response.status_code
    return cast(dict[str, Any], response)
