"""What the service answers: every path, its method, and which limits apply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from serving.envelope import Refusal

STATIC = "/static"
SIGN_IN, SIGN_OUT = "/sign_in", "/sign_out"
RECORD, RECEIPT, RECORDS = "/record/{id}", "/record/{id}/receipt", "/records"
PROJECTS = "/projects"
TENDENCIES, EXPORT = "/projects/tendencies", "/projects/export"
ACTS = ("/record/{id}/override", "/record/{id}/review")
_RECORD = re.compile(r"/record/([^/]+)(|/receipt|/override|/review)", re.ASCII)


@dataclass(frozen=True)
class Route:
    """One path. question: whether it takes JSON and waits its turn.

    batch: whether it takes many projects at once. once: whether a key can make it take effect once.
    form: whether it takes a form of a page.
    """

    path: str
    question: bool = False
    batch: bool = False
    once: bool = False
    form: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it answers."""
        return ("POST",) if self.question or self.form else ("GET", "HEAD")


_QUESTIONS = (
    Route("/score", question=True, once=True),
    Route("/score_batch", question=True, batch=True, once=True),
    Route("/what_if", question=True),
    Route("/improvements", question=True),
)
_ACTS = tuple(Route(path, question=True, once=True) for path in ACTS)
_PAGES = tuple(
    Route(path)
    for path in (
        *("/", "/schema", "/openapi.json", "/livez", "/readyz", "/metrics", STATIC),
        *(RECORD, RECEIPT, RECORDS),
        *(PROJECTS, TENDENCIES, EXPORT),
    )
)
_FORMS = (Route(SIGN_IN, form=True), Route(SIGN_OUT, form=True))
ROUTES: Mapping[str, Route] = {
    route.path: route for route in (*_QUESTIONS, *_ACTS, *_FORMS, *_PAGES)
}


def route_of(path: str) -> Route | None:
    """The route that a request's path belongs to; None where nothing is."""
    found = _RECORD.fullmatch(path)
    if found:
        return ROUTES[f"/record/{{id}}{found[2]}"]
    return ROUTES.get(STATIC if path.startswith(f"{STATIC}/") else path)


def record_named(path: str) -> str:
    """The id of the record that a path names; "" where it names none."""
    found = _RECORD.fullmatch(path)
    return found[1] if found else ""


def require_route(path: str, method: str) -> Route:
    """The route that answers a request.

    Raises:
        Refusal: 404 where there is none, 405 where it does not answer the method.
    """
    route = route_of(path)
    if route is None:
        raise Refusal(404)
    if method not in route.methods:
        allowed = ", ".join(route.methods)
        raise Refusal(405, f"{route.path} answers {allowed}.", headers={"Allow": allowed})
    return route
