"""The page with the list of projects: filters, lines with a small picture of the range, paging."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from features.catalogue import Catalogue
from features.head_declaration import HeadKind
from models.priority import GRADES
from serving.page.frame import Frame
from serving.page.templates import rendered
from serving.page.words import page_words
from serving.projects.query import ProjectQuery, written_cursor
from serving.projects.view import MOST_TOGETHER, ListedLine, ProjectPage
from serving.recording.project_line import GRADES as GRADE_CODES
from serving.recording.project_line import POSITIONS, STATUSES, ProjectLine
from serving.records.project_list import ORDERS, Choices
from serving.routes import EXPORT, PROJECTS, TENDENCIES
from serving.wording.words import said_amount, said_value

PICTURE_WIDTH = 120.0
_ROOM = 1.08

POSITION_WORDS = {"below": "stands_below", "within": "stands_within", "above": "stands_above"}
STATUS_WORDS = {"rated": "is_rated", "not_rated": "not_rated"}
_ORDER_WORDS = {"rank_score": "by_rank_score", "excess": "by_excess", "newest": "by_newest"}


@dataclass(frozen=True)
class Picture:
    """The request against the reasonable range; places from the left. said: the same in words."""

    low: float | None
    high: float | None
    requested: float | None
    said: str


@dataclass(frozen=True)
class LineView:
    """A line of the list as the template shows it. record: where the explained score is."""

    record: str
    project_id: str
    name: str
    department: str
    year: int
    category: str
    status: str
    missing: str
    grade: str
    meaning: str
    rank_score: str
    axes: tuple[str, str]
    requested: str
    range: str
    position: str
    above: bool
    picture: Picture | None
    risks: tuple[str, ...]
    acts: str
    time: str


@dataclass(frozen=True)
class Option:
    """One thing that a filter may be set to."""

    value: str
    label: str
    chosen: bool


def projects_page(
    frame: Frame, catalogue: Catalogue, query: ProjectQuery, page: ProjectPage, choices: Choices
) -> str:
    """The list of projects as a page."""
    lang = frame.lang
    return rendered(
        "projects.html",
        lang,
        frame=frame,
        lines=[line_view(listed, catalogue, frame) for listed in page.lines],
        page=page,
        filters=filters(query, choices, catalogue, frame),
        risks=[h.label.of(lang) for h in catalogue.heads if h.kind is HeadKind.PROBABILITY],
        axes=axis_labels(catalogue, lang),
        first=frame.to(PROJECTS, query.address) if query.after else "",
        onwards=_onwards(frame, query, page),
        tendencies=frame.to(TENDENCIES, query.filters),
        export=frame.to(EXPORT, query.address),
        few=page.total <= MOST_TOGETHER,
        most=f"{MOST_TOGETHER:,}",
        width=PICTURE_WIDTH,
    )


def axis_labels(catalogue: Catalogue, lang: str) -> tuple[str, ...]:
    """What the catalogue calls the two axes; none where it has no priority."""
    policy = catalogue.priority
    names = (policy.necessity, policy.importance) if policy else ()
    return tuple(catalogue.head(name).label.of(lang) for name in names)


def _onwards(frame: Frame, query: ProjectQuery, page: ProjectPage) -> str:
    if page.after is None:
        return ""
    return frame.to(PROJECTS, query.address | {"after": written_cursor(page.after)})


def filters(
    query: ProjectQuery, choices: Choices, catalogue: Catalogue, frame: Frame
) -> Mapping[str, Any]:
    """What the form of a page's filters shows."""
    wanted, words = query.wanted, page_words(frame.lang)
    categories = {code: category_label(catalogue, code, frame.lang) for code in choices.categories}
    selects = {
        "grade": _options({g: f"{g} {GRADES[g][frame.lang]}" for g in GRADE_CODES}, wanted.grade),
        "status": _options({s: words[STATUS_WORDS[s]] for s in STATUSES}, wanted.status),
        "position": _options({p: words[POSITION_WORDS[p]] for p in POSITIONS}, wanted.position),
        "year": _options({str(y): str(y) for y in choices.years}, str(wanted.year or "")),
        "category": _options(categories, wanted.category),
    }
    if frame.visitor and not frame.visitor.department:
        departments = {code: code for code in choices.departments}
        selects["department"] = _options(departments, wanted.department)
    return {
        "selects": selects,
        "labels": {name: words[f"filter_{name}"] for name in selects},
        "words": wanted.words,
        "risk": query.filters.get("risk", ""),
        "sort": _options({order: words[_ORDER_WORDS[order]] for order in ORDERS}, query.sort),
        "chosen": said_filters(query, catalogue, frame.lang),
    }


def said_filters(query: ProjectQuery, catalogue: Catalogue, lang: str) -> str:
    """What narrows a list in words; "" for nothing."""
    words = page_words(lang)
    told = {
        "grade": lambda code: f"{code} {GRADES[code][lang]}",
        "status": lambda code: words[STATUS_WORDS[code]],
        "position": lambda code: words[POSITION_WORDS[code]],
        "category": lambda code: category_label(catalogue, code, lang),
    }
    colon, joint = ("：", "；") if lang == "zh" else (": ", "; ")
    return joint.join(
        f"{words[f'filter_{name}']}{colon}{told.get(name, str)(value)}"
        for name, value in query.filters.items()
    )


def _options(labels: Mapping[str, str], chosen: str | None) -> list[Option]:
    if chosen and chosen not in labels:  # of an address that was sent on: shown as it is
        labels = {**labels, chosen: chosen}
    return [Option(value, label, value == chosen) for value, label in labels.items()]


def category_label(catalogue: Catalogue, code: str | None, lang: str) -> str:
    """What a category is called; "" for none."""
    if code is None or not catalogue.peers:
        return ""
    return said_value(catalogue, catalogue.peers[0], code, lang)


def line_view(listed: ListedLine, catalogue: Catalogue, frame: Frame) -> LineView:
    """A line in the words of the page."""
    line, lang = listed.line, frame.lang
    words = page_words(lang)
    rated = line.status == "rated"
    return LineView(
        record=frame.to(f"/record/{line.record_id}"),
        project_id=line.project_id,
        name=line.name or "",
        department=line.department or "",
        year=line.year,
        category=category_label(catalogue, line.category, lang),
        status=words[STATUS_WORDS[line.status]],
        missing=said_missing(line, catalogue, lang),
        grade=line.grade or "",
        meaning=GRADES[line.grade][lang] if line.grade else "",
        rank_score="" if line.rank_score is None else f"{line.rank_score:.2f}",
        axes=(_points(line.necessity), _points(line.importance)),
        requested=_amount(line.requested, catalogue, lang),
        range=said_range(line, catalogue, lang) if rated else "",
        position=said_position(line, catalogue, lang),
        above=line.position == "above",
        picture=_picture(line, catalogue, lang),
        risks=tuple(
            f"{line.risks[head.name]:.1%}" if head.name in line.risks else words["no_outcome"]
            for head in catalogue.heads
            if head.kind is HeadKind.PROBABILITY
        ),
        acts=said_acts(listed.acts, lang),
        time=said_time(line.time),
    )


def said_missing(line: ProjectLine, catalogue: Catalogue, lang: str) -> str:
    """The key evidence that is missing, by its labels; "" for none."""
    known = catalogue.by_name
    labels = [known[name].label.of(lang) if name in known else name for name in line.missing]
    return ("、" if lang == "zh" else ", ").join(labels)


def said_time(time: str) -> str:
    """A moment of a record to the minute, in UTC."""
    return time[:16].replace("T", " ")


def said_acts(acts: Mapping[str, int], lang: str) -> str:
    """What people did with a score; "" for nothing."""
    words = page_words(lang)
    names = {"override": words["overridden"], "review": words["was_reviewed"]}
    done = [names[kind].format(count=count) for kind, count in acts.items() if count]
    return ("、" if lang == "zh" else ", ").join(done)


def said_range(line: ProjectLine, catalogue: Catalogue, lang: str) -> str:
    """The reasonable range in words, or that there is none."""
    if line.low is None or line.high is None:
        return page_words(lang)["no_interval"] if line.mid is not None else ""
    return f"{_amount(line.low, catalogue, lang)} – {_amount(line.high, catalogue, lang)}"


def said_position(line: ProjectLine, catalogue: Catalogue, lang: str) -> str:
    """Where the request lies, and by how much it is above; "" where that cannot be said."""
    if line.position is None:
        return ""
    words = page_words(lang)
    if line.position == "above":
        return words["above_by"].format(excess=_amount(line.excess, catalogue, lang))
    return words[POSITION_WORDS[line.position]]


def _points(points: float | None) -> str:
    return "" if points is None else f"{points:.1f}"


def _amount(amount: float | None, catalogue: Catalogue, lang: str) -> str:
    return "" if amount is None else said_amount(catalogue, amount, lang)


def _picture(line: ProjectLine, catalogue: Catalogue, lang: str) -> Picture | None:
    amounts = [a for a in (line.low, line.high, line.requested) if a is not None]
    if line.mid is None or not amounts:
        return None
    top = max(amounts) * _ROOM or 1.0

    def place(amount: float | None) -> float | None:
        return None if amount is None else round(PICTURE_WIDTH * amount / top, 1)

    return Picture(
        place(line.low),
        place(line.high),
        place(line.requested),
        _picture_said(line, catalogue, lang),
    )


def _picture_said(line: ProjectLine, catalogue: Catalogue, lang: str) -> str:
    words = page_words(lang)
    said: Iterable[str] = (
        f"{words['requested']} {_amount(line.requested, catalogue, lang)}",
        f"{words['reasonable_range']} {said_range(line, catalogue, lang)}",
        said_position(line, catalogue, lang),
    )
    return ("；" if lang == "zh" else "; ").join(part for part in said if part.strip())
