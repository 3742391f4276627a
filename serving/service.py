# mypy: disable-error-code="misc, untyped-decorator"
# BentoML ships no types.
"""The BentoML service: a thin shell, and the only module that knows the framework.

`lingji serve` runs `Lingji` inside the application of serving/application.py, under uvicorn and on
one socket. `bentoml serve serving.service:Lingji` runs the same application as a convenience; set
BENTOML_DO_NOT_TRACK=true for it, because BentoML reads that before this module is reached.
"""

from __future__ import annotations

import os
from typing import cast

import bentoml
from starlette.applications import Starlette
from starlette.types import ASGIApp

from serving.assembly import access_to, configured, model_in_service, records_to
from serving.questions import questions
from serving.settings import LONGEST_ANSWER, service_settings

_ABOVE_OURS = LONGEST_ANSWER + 60


class WholeService(bentoml.Service):
    """A BentoML service whose ASGI application is the whole of ours, front door and pages too."""

    def to_asgi(self, is_main: bool = True) -> ASGIApp:
        """The application that `bentoml serve` runs, with settings from the environment."""
        settings = service_settings(os.environ)
        release = model_in_service(settings)
        access, records = access_to(settings), records_to(settings)
        return configured(self.bare(), settings, release, access, records)

    def bare(self) -> ASGIApp:
        """BentoML's own application: the questions, with no guard.

        Its middleware is left out: timers that outlive their request (the guard has deadlines of
        its own), and traces that nobody collects.
        """
        app: Starlette = super().to_asgi()
        app.user_middleware.clear()
        return app


def bare_questions() -> ASGIApp:
    """The framework's application, to be put behind the guard."""
    return cast(WholeService, Lingji).bare()


@bentoml.service(
    name="lingji",
    service_class=WholeService,
    workers=1,
    traffic={"timeout": _ABOVE_OURS},
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
)
@bentoml.asgi_app(questions, path="/")
class Lingji:
    """Explained scores of declared projects."""
