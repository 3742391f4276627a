"""What all served pages have around them: who looks, where they may go, the other language.

A page extends `templates/frame.html` and is rendered with `frame`, a Frame. What is to be found in
the navigation is one line in PAGES.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.types import Scope

from serving.page.words import language_of, page_words
from serving.routes import SIGN_IN
from serving.wording.words import LANGUAGES


@dataclass(frozen=True)
class PageEntry:
    """A page of the navigation: its path, which is a route's, and the name of its word."""

    path: str
    word: str


PAGES = (
    PageEntry("/", "nav_front"),
    PageEntry("/projects", "nav_projects"),
    PageEntry("/projects/tendencies", "nav_tendencies"),
    PageEntry("/standards", "nav_standards"),
    PageEntry("/topics", "nav_topics"),
    PageEntry("/duplicates", "nav_duplicates"),
    PageEntry("/findings", "nav_check_findings"),
    PageEntry("/audit", "nav_audit"),
    PageEntry("/review", "nav_review"),
    PageEntry("/review/findings", "nav_findings"),
    PageEntry("/model", "nav_model"),
    PageEntry("/monitoring", "nav_monitoring"),
    PageEntry("/releases", "nav_releases"),
)
"""Every page that the navigation leads to, in its order; a role sees those that it may open."""

_ROLES = {
    "platform": "role_platform",
    "department": "role_department",
    "expert": "role_expert",
    "approver": "role_approver",
    "trainer": "role_trainer",
    "auditor": "role_auditor",
    "admin": "role_admin",
}


_PATH = re.compile(r"(/[A-Za-z0-9_-]+)+", re.ASCII)


@dataclass(frozen=True)
class Visitor:
    """Who looks at a page.

    department: "" for a role without one. known: whether anybody is asked who they are.
    signed_in: whether by a form of ours, so that signing out makes sense. may: whether the visitor
    may call a route, by its method and path.
    """

    role: str
    department: str
    name: str
    known: bool
    signed_in: bool
    may: Callable[[str, str], bool]


@dataclass(frozen=True)
class Link:
    """An entry of the navigation as the template shows it."""

    address: str
    label: str
    current: bool


@dataclass(frozen=True)
class Frame:
    """What `frame.html` shows.

    path: of the page. query: what its address asks, without the language. visitor: None for a
    stranger. simulated: whether the model in service learned from invented data. reviewed: whether
    it was released with an approval.
    """

    lang: str
    path: str
    query: tuple[tuple[str, str], ...]
    visitor: Visitor | None
    simulated: bool
    reviewed: bool

    @property
    def root(self) -> str:
        """How an address begins that is told from the front page: "" or "../" as often as needed.

        Addresses are relative, so that a service may stand below a path of another server.
        """
        return "../" * (self.path.count("/") - 1)

    @property
    def other(self) -> str:
        """The other language."""
        return next(lang for lang in LANGUAGES if lang != self.lang)

    @property
    def switch(self) -> str:
        """The same address in the other language."""
        return "?" + urlencode([*self.query, ("lang", self.other)])

    @property
    def sign_in(self) -> str:
        """Where the form of a stranger goes, who then finds the page that was asked for."""
        asked = dict(self.query)
        wanted = asked.get("to", "") if self.path == SIGN_IN else f"{self.path}?{urlencode(asked)}"
        given = {"lang": self.lang} | ({"to": wanted} if page_wanted(wanted, self.lang) else {})
        return f"{self.root}sign_in?{urlencode(given)}"

    @property
    def links(self) -> list[Link]:
        """The pages that the visitor may open."""
        visitor = self.visitor
        if visitor is None:
            return []
        words = page_words(self.lang)
        own = max((e.path for e in PAGES if _below(self.path, e.path)), key=len, default="")
        return [
            Link(self.to(entry.path), words[entry.word], entry.path == own)
            for entry in PAGES
            if visitor.may("GET", entry.path)
        ]

    @property
    def role(self) -> str:
        """What the visitor is, in words; "" for a stranger."""
        return page_words(self.lang)[_ROLES[self.visitor.role]] if self.visitor else ""

    def to(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """The address of another page of the service, in the same language."""
        asked = urlencode({**(query or {}), "lang": self.lang})
        return f"{self.root}{path.removeprefix('/') or './'}?{asked}"


def frame_around(
    scope: Scope, visitor: Visitor | None, *, simulated: bool, reviewed: bool
) -> Frame:
    """The frame of the page that a request asks for."""
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return Frame(
        lang=language_of(scope),
        path=scope["path"],
        query=tuple((name, value) for name, value in query if name != "lang"),
        visitor=visitor,
        simulated=simulated,
        reviewed=reviewed,
    )


def is_page(path: str) -> bool:
    """Whether a path is a page of the navigation, below one, or that of a record."""
    return any(_below(path, page) for page in (*(entry.path for entry in PAGES), "/record"))


def page_wanted(address: str, lang: str) -> str | None:
    """The address of a page of ours, as told from the front page; None for any other.

    It begins with `./`, so that whatever else it says it leads to no other host.
    """
    path, _, query = address.partition("?")
    if not _PATH.fullmatch(path) or not is_page(path):
        return None
    asked = [(name, value) for name, value in parse_qsl(query) if name != "lang"]
    return f".{path}?{urlencode([*asked, ('lang', lang)])}"


def _below(path: str, page: str) -> bool:
    return path == page or (page != "/" and path.startswith(f"{page}/"))
