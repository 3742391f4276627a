"""The pages about expenditure standards: the search, one standard, what a version changes."""

from __future__ import annotations

from dataclasses import dataclass

from features.catalogue import Catalogue
from features.standards.learned_standard import LearnedStandard
from features.standards.library import Library
from features.standards.library_difference import Cause, LibraryDifference
from features.standards.naming import region_label, standard_label, type_label
from features.standards.set_standard import SetStandard, StandardForm
from models.standards.shelf import Status
from serving.page.frame import Frame
from serving.page.templates import rendered
from serving.page.words import page_words
from serving.routes import STANDARD, STANDARDS, STANDARDS_CHANGES, STANDARDS_EXPORT
from serving.standards.naming import band_label
from serving.standards.search import KINDS, StandardsQuery
from serving.standards.telling import Standard
from serving.wording.line_standards import price_text

_WIDTH = 160.0
_MOST_MOVED = 60


@dataclass(frozen=True)
class Picture:
    """Low, middle and high of a range between 0 and the ceiling, in pixels."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True)
class StandardView:
    """A standard as a row of a table; texts are "" where there is nothing to say."""

    code: str
    address: str
    name: str
    where: str
    unit: str
    value: str
    range: str
    ceiling: str
    cases: str
    borrowed: str
    coverage: str
    off_level: bool
    rests_on: str
    picture: Picture | None


@dataclass(frozen=True)
class VersionView:
    """A version as the pages name it."""

    number: int
    status: str
    current: bool
    made: str
    first_day: str
    last_day: str
    digest: str
    changes: str
    address: str


def standards_page(
    frame: Frame,
    catalogue: Catalogue,
    query: StandardsQuery,
    chosen: tuple[Library, Status] | None,
    found: list[Standard],
    total: int,
    after: int | None,
    versions: list[tuple[Library, Status]],
) -> str:
    """The search as a page. found: of one page; total: of all; after: where the next begins."""
    address = query.address
    library = None if chosen is None else chosen[0]
    return rendered(
        "standards/search.html",
        frame.lang,
        frame=frame,
        query=query,
        lines=[_view(each, library, catalogue, frame) for each in found] if library else [],
        version=None if chosen is None else _version(*chosen, frame),
        in_force=chosen is not None and chosen[1] is Status.IN_FORCE,
        learning=None if library is None else library.learning,
        total=f"{total:,}",
        versions=[_version(each, status, frame) for each, status in versions],
        kinds=[(kind, page_words(frame.lang)[f"standards_kind_{kind}"]) for kind in KINDS],
        types=_types(library, catalogue, frame.lang),
        regions=_regions(library, frame.lang),
        onwards=None if after is None else frame.to(STANDARDS, address | {"after": str(after)}),
        export=frame.to(STANDARDS_EXPORT, address),
        width=_WIDTH,
    )


def standard_page(
    frame: Frame,
    catalogue: Catalogue,
    library: Library,
    standard: Standard,
    history: list[tuple[Library, Status, Standard]],
) -> str:
    """One standard with what it was in every version, as a page."""
    return rendered(
        "standards/standard.html",
        frame.lang,
        frame=frame,
        line=_view(standard, library, catalogue, frame),
        learned=standard if isinstance(standard, LearnedStandard) else None,
        given=standard if isinstance(standard, SetStandard) else None,
        learning=library.learning,
        history=[
            (_version(each, status, frame), _view(then, each, catalogue, frame))
            for each, status, then in history
        ],
        back=frame.to(STANDARDS),
        yuan=catalogue.currency.unit if frame.lang == "zh" else catalogue.currency.unit_en,
        width=_WIDTH,
    )


def changes_page(
    frame: Frame,
    catalogue: Catalogue,
    library: Library,
    status: Status,
    difference: LibraryDifference,
) -> str:
    """What a version changes, as a page."""
    words, now = page_words(frame.lang), difference.affected
    rate = now.false_alarm_rate
    moved = []
    for each in difference.moved[:_MOST_MOVED]:
        standard = library.learned_by_code[each.code]
        moved.append(
            (
                _view(standard, library, catalogue, frame),
                price_text(each.before[1]),
                price_text(each.after[1]),
                f"{each.change:+.1%}",
                words[f"standards_cause_{each.cause.value}"],
                [
                    (words[f"standards_cause_{cause.value}"], f"{each.causes[cause] - 1:+.1%}")
                    for cause in Cause
                ],
            )
        )
    return rendered(
        "standards/changes.html",
        frame.lang,
        frame=frame,
        version=_version(library, status, frame),
        difference=difference,
        moved=moved,
        affected=words["standards_affected_text"].format(
            lines=f"{now.lines:,}",
            flagged=f"{now.flagged:,}",
            projects=f"{now.projects:,}",
            excess=f"{now.excess:,.0f}",
            rate="—" if rate is None else f"{rate:.2%}",
        ),
        back=frame.to(STANDARDS),
    )


def _view(standard: Standard, library: Library, catalogue: Catalogue, frame: Frame) -> StandardView:
    lang, words = frame.lang, page_words(frame.lang)
    asked = {"code": standard.code, "version": str(library.version)}
    address, name = frame.to(STANDARD, asked), standard_label(standard, catalogue).of(lang)
    if isinstance(standard, SetStandard):
        value = price_text(standard.value)
        if standard.form is StandardForm.RATIO:
            value = f"{standard.value:.1%}"
        standing = words[f"standards_{standard.standing.value}"]
        return StandardView(
            code=standard.code,
            address=address,
            name=name,
            where="、".join(
                type_label(each, catalogue).of(lang) for each in standard.project_types
            ),
            unit=standard.unit,
            value=value,
            range="",
            ceiling=value,
            cases="",
            borrowed="",
            coverage="",
            off_level=False,
            rests_on=f"{standing} · {words[f'standards_{standard.form.value}']} · "
            f"{standard.document_number}",
            picture=None,
        )
    measured = standard.measured
    said = words["standards_coverage_said"]
    scale = max(standard.ceiling, standard.high)
    places = (round(_WIDTH * end / scale, 1) for end in (standard.low, standard.mid, standard.high))
    borrowed = 1 - standard.own
    return StandardView(
        code=standard.code,
        address=address,
        name=name,
        where=" · ".join(
            part
            for part in (
                region_label(standard.region_group, library).of(lang),
                band_label(standard, lang),
            )
            if part
        ),
        unit=standard.unit,
        value=price_text(standard.mid),
        range=f"{price_text(standard.low)}–{price_text(standard.high)}",
        ceiling=price_text(standard.ceiling),
        cases=f"{standard.n:,}",
        borrowed=words["standards_borrowed"].format(share=f"{borrowed:.0%}")
        if standard.parent and borrowed >= _TELLING
        else "",
        coverage=""
        if measured.coverage is None
        else said.format(
            coverage=f"{measured.coverage:.0%}",
            cases=f"{measured.cases:,}",
            level=f"{standard.level:.0%}",
        ),
        off_level=measured.in_band is False,
        rests_on="",
        picture=Picture(*places),
    )


_TELLING = 0.005
"""Less than half a per cent borrowed is nothing to tell."""


def _version(library: Library, status: Status, frame: Frame) -> VersionView:
    asked = {"version": str(library.version)}
    return VersionView(
        number=library.version,
        status=page_words(frame.lang)[f"standards_{status.value}"],
        current=status is Status.IN_FORCE,
        made=library.made,
        first_day=library.start,
        last_day=library.end,
        digest=library.digest,
        changes=frame.to(STANDARDS_CHANGES, asked),
        address=frame.to(STANDARDS, asked),
    )


def _types(library: Library | None, catalogue: Catalogue, lang: str) -> list[tuple[str, str]]:
    codes = {each.project_type for each in library.learned} if library else set()
    return sorted((code, type_label(code, catalogue).of(lang)) for code in codes if code)


def _regions(library: Library | None, lang: str) -> list[tuple[str, str]]:
    groups = library.regions.groups if library else ()
    return [(group.name, group.label.of(lang)) for group in groups]
