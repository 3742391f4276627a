"""The page with the list of findings: filters, how many of what, lines, paging."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.checks.checks import Checks
from serving.findings.query import ALL_STATES, FORMATS, GRAVITY, FindingQuery, written_cursor
from serving.findings.view import MOST_TOGETHER, FindingLine, FindingPage
from serving.findings.words import LABELS, ORDER_WORDS, said_filter, said_filters, said_severity
from serving.page.frame import Frame
from serving.page.templates import rendered
from serving.page.words import page_words
from serving.projects.list_page import Option, said_time
from serving.records.finding_list import CHECKED, ORDERS, FindingChoices, FindingCount
from serving.routes import CHECK_FINDINGS, CHECK_FINDINGS_EXPORT

_MOST_OPEN = 12
"""Rules that are counted in view; more of them are folded."""


@dataclass(frozen=True)
class LineView:
    """A line as the template shows it. record: where the finding can be handled."""

    record: str
    project_id: str
    name: str
    department: str
    year: int
    code: str
    place: str
    rule: str
    severity: str
    severity_word: str
    text: str
    state: str
    state_word: str
    said: str
    time: str


@dataclass(frozen=True)
class RuleCount:
    """How many findings of a rule there are, in all and in each state."""

    code: str
    name: str
    address: str
    severity: str
    severity_word: str
    total: str
    states: tuple[int, ...]


@dataclass(frozen=True)
class StateCount:
    """How many findings are in a state, and where only those are listed."""

    label: str
    count: str
    address: str


def findings_page(
    frame: Frame,
    query: FindingQuery,
    page: FindingPage,
    choices: FindingChoices,
    checks: Checks | None,
) -> str:
    """The list of findings as a page. checks: those in use, which name the rules."""
    lang = frame.lang
    names = {} if checks is None else {r.code: r.name.of(lang) for r in checks.book.rules}
    rules = _rules(page.counts, query, names, frame)
    return rendered(
        "findings/list.html",
        lang,
        frame=frame,
        page=page,
        lines=[_line(line, frame) for line in page.lines],
        filters=_filters(query, choices, names, frame),
        states=_states(page, query, frame),
        state_words=[page_words(lang)[f"state_{state}"] for state in ALL_STATES],
        rules=rules,
        folded=len(rules) > _MOST_OPEN,
        first=frame.to(CHECK_FINDINGS, query.address) if query.after else "",
        onwards=_onwards(frame, query, page),
        exports=[
            (page_words(lang)[f"findings_to_{kind}"],
             frame.to(CHECK_FINDINGS_EXPORT, query.address | {"format": kind}))
            for kind in FORMATS
        ],
        few=page.total <= MOST_TOGETHER,
        most=f"{MOST_TOGETHER:,}",
    )  # fmt: skip


def _onwards(frame: Frame, query: FindingQuery, page: FindingPage) -> str:
    if page.after is None:
        return ""
    return frame.to(CHECK_FINDINGS, query.address | {"after": written_cursor(page.after)})


def _states(page: FindingPage, query: FindingQuery, frame: Frame) -> list[StateCount]:
    sums, words = page.summed("state"), page_words(frame.lang)
    return [
        StateCount(
            words[f"state_{state}"],
            f"{sums.get(state, 0):,}",
            frame.to(CHECK_FINDINGS, query.address | {"state": state}),
        )
        for state in ALL_STATES
    ]


def _rules(
    counts: Sequence[FindingCount], query: FindingQuery, names: Mapping[str, str], frame: Frame
) -> list[RuleCount]:
    """A line for each rule, the gravest first."""
    graves = {gravity: severity for severity, gravity in GRAVITY.items()}
    sums: dict[tuple[str, int], dict[str, int]] = {}
    for each in counts:
        sums.setdefault((each.code, each.severity), {})[each.state] = each.findings
    return [
        RuleCount(
            code,
            names.get(code, ""),
            frame.to(CHECK_FINDINGS, query.address | {"rule": code}),
            graves.get(gravity, ""),
            said_severity(graves.get(gravity), frame.lang),
            f"{sum(states.values()):,}",
            tuple(states.get(state, 0) for state in ALL_STATES),
        )
        for (code, gravity), states in sums.items()
    ]


def _filters(
    query: FindingQuery, choices: FindingChoices, names: Mapping[str, str], frame: Frame
) -> Mapping[str, object]:
    """What the form of the page's filters shows."""
    asked, lang = query.filters, frame.lang
    values = {
        "of": CHECKED,
        "state": ALL_STATES,
        "severity": tuple(GRAVITY),
        "rule": choices.codes,
        "region": choices.regions,
        "year": tuple(str(year) for year in choices.years),
    }
    if frame.visitor and not frame.visitor.department:
        values["department"] = choices.departments
    if not choices.regions:
        del values["region"]
    selects = {}
    for name, some in values.items():
        labels = {value: said_filter(name, value, lang) for value in some}
        if name == "rule":
            labels = {code: f"{code} {names.get(code, '')}".strip() for code in some}
        chosen = asked.get(name, CHECKED[0] if name == "of" else "")
        if chosen:  # of an address that was sent on: shown as it is
            labels.setdefault(chosen, chosen)
        selects[name] = [Option(value, text, value == chosen) for value, text in labels.items()]
    words = page_words(lang)
    return {
        "selects": selects,
        "labels": {name: words[LABELS[name]] for name in selects},
        "words": query.wanted.words,
        "sort": [Option(each, words[ORDER_WORDS[each]], each == query.sort) for each in ORDERS],
        "chosen": said_filters(query, lang),
    }


def _line(line: FindingLine, frame: Frame) -> LineView:
    told, course, lang = line.told(), line.course, frame.lang
    words = page_words(lang)
    last = course["history"][-1] if course["history"] else None
    return LineView(
        record=frame.to(f"/record/{line.stored.record_id}") + "#handling",
        project_id=line.stored.project_id or "",
        name=line.name,
        department=line.stored.department or "",
        year=line.year,
        code=line.found.code,
        place=line.found.place,
        rule=told["name"][lang] if told["name"] else "",
        severity=told["severity"] or "",
        severity_word=said_severity(told["severity"], lang),
        text=told["text"][lang] if told["text"] else words["findings_no_words"],
        state=course["state"],
        state_word=words[f"state_{course['state']}"],
        said="" if last is None else f"{last['actor']} {said_time(last['time'])}",
        time=said_time(line.time),
    )
