"""What the service answers: every path, its method, and which limits apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from serving.envelope import Refusal

STATIC = "/static"
SIGN_IN, SIGN_OUT = "/sign_in", "/sign_out"


@dataclass(frozen=True)
class Route:
    """One path. question: whether a model answers it; batch: whether many projects at once.

    once: whether a key can make it take effect once. form: whether it takes a form of a page.
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
)
_PAGES = tuple(
    Route(path)
    for path in ("/", "/schema", "/openapi.json", "/livez", "/readyz", "/metrics", STATIC)
)
_FORMS = (Route(SIGN_IN, form=True), Route(SIGN_OUT, form=True))
ROUTES: Mapping[str, Route] = {route.path: route for route in (*_QUESTIONS, *_FORMS, *_PAGES)}


def route_of(path: str) -> Route | None:
    """The route that a request's path belongs to; None where nothing is."""
    return ROUTES.get(STATIC if path.startswith(f"{STATIC}/") else path)


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
