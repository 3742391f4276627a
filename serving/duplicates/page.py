"""The page of pairs: both projects side by side, what differs marked, and why they were found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from features.catalogue import Catalogue
from features.duplicates.compared_fields import compared_of
from features.duplicates.kinds import CONTINUED, KINDS
from features.duplicates.marked_text import Piece, marked
from features.duplicates.traits import Traits
from serving.duplicates.dismissal import REASONS
from serving.duplicates.query import PairQuery
from serving.duplicates.told_pair import comparison_label, kind_label, said_money, told_pair
from serving.duplicates.view import PAGE_PAIRS, PairPage, ShownPair
from serving.page.frame import Frame
from serving.page.templates import rendered
from serving.routes import DISMISS_DUPLICATE, DUPLICATES, RECORD


@dataclass(frozen=True)
class Line:
    """One thing of both projects: its label, and the pieces of either side."""

    label: str
    one: tuple[Piece, ...]
    other: tuple[Piece, ...]


@dataclass(frozen=True)
class ReasonView:
    """What speaks for a pair. points: signed, with three decimals; "" for copies."""

    text: str
    points: str


@dataclass(frozen=True)
class PairView:
    """A pair as the template shows it. number: its place among all pairs that are listed."""

    number: int
    kind: str
    label: str
    fault: bool
    text: str
    score: str
    base: str
    probability: str
    records: tuple[str, str]
    addresses: tuple[str, str]
    names: tuple[str, str]
    lines: tuple[Line, ...]
    texts: tuple[Line, ...]
    reasons: tuple[ReasonView, ...]
    dismissed: str


def duplicates_page(frame: Frame, catalogue: Catalogue, query: PairQuery, page: PairPage) -> str:
    """The page, in the frame's language."""
    lang = frame.lang
    after = query.after + len(page.pairs)
    before = max(query.after - PAGE_PAIRS, 0)
    may_dismiss = frame.visitor is not None and frame.visitor.may("POST", DISMISS_DUPLICATE)
    return rendered(
        "duplicates/pairs.html",
        lang,
        frame=frame,
        page=page,
        query=query,
        pairs=[
            _pair_view(shown, number, catalogue, frame)
            for number, shown in enumerate(page.pairs, start=query.after + 1)
        ],
        kinds=[(kind, kind_label(kind, lang), page.counts[kind]) for kind in KINDS],
        reasons=[(code, words[lang]) for code, words in REASONS.items()] if may_dismiss else [],
        dismiss=frame.to(DISMISS_DUPLICATE, query.address),
        earlier=_to(frame, query, before) if query.after else "",
        onwards=_to(frame, query, after) if after < page.total else "",
    )


def _to(frame: Frame, query: PairQuery, after: int) -> str:
    return frame.to(DUPLICATES, query.address | ({"after": str(after)} if after else {}))


def _pair_view(shown: ShownPair, number: int, catalogue: Catalogue, frame: Frame) -> PairView:
    lang, pair = frame.lang, shown.pair
    told = told_pair(pair, catalogue)
    scored = pair.points is not None
    address = [frame.to(RECORD.replace("{id}", record)) for record in shown.records]
    dismissed = shown.dismissed
    return PairView(
        number=number,
        kind=pair.kind,
        label=told["label"][lang],
        fault=pair.kind != CONTINUED,
        text=told["text"][lang],
        score=f"{told['score']:+.3f}" if scored else "",
        base=f"{told['base']:+.3f}" if scored else "",
        probability=_share(told["probability"]) if scored else "",
        records=shown.records,
        addresses=(address[0], address[1]),
        names=(pair.one.project_id, pair.other.project_id),
        lines=tuple(_facts(pair.one, pair.other, catalogue, lang)),
        texts=tuple(_texts(pair.one, pair.other, catalogue, lang)),
        reasons=tuple(
            ReasonView(reason["text"][lang], f"{reason['points']:+.3f}" if scored else "")
            for reason in told["reasons"]
        ),
        dismissed="" if dismissed is None else _said(dismissed.as_json(), lang),
    )


def _share(probability: float) -> str:
    """A probability that never claims to be certain."""
    return "> 99.9%" if probability > 0.999 else f"{probability:.1%}"


def _said(dismissed: dict[str, object], lang: str) -> str:
    words = dismissed["reason_words"]
    assert isinstance(words, dict)  # noqa: S101
    between = "：" if lang == "zh" else ": "
    when, who = str(dismissed["time"])[:10], dismissed["by"]
    return (
        f"{when} {who}{between}{words[lang]}{'，' if lang == 'zh' else ', '}{dismissed['comment']}"
    )


def _facts(one: Traits, other: Traits, catalogue: Catalogue, lang: str) -> Iterator[Line]:
    """The short things, each compared as a whole but for the name."""
    fields = compared_of(catalogue).fields
    yield Line(_label(catalogue, fields.name, lang), *marked(one.name, other.name))
    for field, name in ((fields.department, "department"), (fields.place, "place")):
        if field:
            values = [str(getattr(side, name)) for side in (one, other)]
            yield _whole(_label(catalogue, field, lang), values)
    year = catalogue.columns.time
    yield _whole(_label(catalogue, year, lang), [str(one.year), str(other.year)])
    for field, name in ((fields.amount, "amount"), (fields.quantity, "quantity")):
        if field:
            values = [_number(getattr(side, name), name, catalogue, lang) for side in (one, other)]
            yield _whole(_label(catalogue, field, lang), values)
    for name in ("documents", "targets"):
        sides = [getattr(side, name) for side in (one, other)]
        if sides[0] and sides[1]:
            shared = sides[0] & sides[1]
            pieces = [tuple(_items(side, shared, lang)) for side in sides]
            yield Line(comparison_label(name, lang), pieces[0], pieces[1])


def _texts(one: Traits, other: Traits, catalogue: Catalogue, lang: str) -> Iterator[Line]:
    fields = compared_of(catalogue).fields
    for name, mine, its in zip(fields.texts, one.texts, other.texts, strict=True):
        if mine or its:
            yield Line(_label(catalogue, name, lang), *marked(mine, its))


def _items(items: frozenset[str], shared: frozenset[str], lang: str) -> Iterator[Piece]:
    between = "、" if lang == "zh" else ", "
    for place, item in enumerate(sorted(items, key=lambda item: (item not in shared, item))):
        if place:
            yield Piece(between, True)
        yield Piece(item.replace("\t", " "), item in shared)


def _whole(label: str, values: Sequence[str]) -> Line:
    same = values[0] == values[1]
    return Line(label, (Piece(values[0], same),), (Piece(values[1], same),))


def _number(value: float | None, name: str, catalogue: Catalogue, lang: str) -> str:
    if value is None:
        return ""
    return said_money(value, catalogue.currency, lang) if name == "amount" else f"{value:,.6g}"


def _label(catalogue: Catalogue, name: str, lang: str) -> str:
    return catalogue.by_name[name].label.of(lang)
