"""Lines beside their expenditure standards as the report shows them, in one language."""

from __future__ import annotations

from dataclasses import dataclass

from features.standards.over_standard import Position
from serving.page.words import page_words
from serving.wording.envelope import Json
from serving.wording.line_standards import price_text


@dataclass(frozen=True)
class LineShown:
    """One line: what it asks for a unit, what its standard says, and how far it is over.

    rests_on: a document, or how many cases of which years. usual: the usual range, "" where none is
    told. excess, per_unit: "" where it is not over.
    """

    place: str
    task: str
    unit: str
    price: str
    usual: str
    limit: str
    standard: str
    rests_on: str
    position: str
    position_word: str
    per_unit: str
    excess: str


@dataclass(frozen=True)
class StandardsShown:
    """The lines of a project beside their standards, and what of the request is over them."""

    said: str
    lines: list[LineShown]
    over: bool
    version: int
    digest: str


def standards_shown(cost: Json | None, lang: str) -> StandardsShown | None:
    """What an answer's cost says of standards; None where none were in force."""
    told = None if cost is None else cost.get("standards")
    if told is None:
        return None
    library = told["library"]
    lines = [_line(each, lang) for each in told["lines"]]
    return StandardsShown(
        told["text"][lang], lines, bool(told["over"]), library["version"], library["digest"]
    )


def _line(told: Json, lang: str) -> LineShown:
    words = page_words(lang)
    learned = told["kind"] == "learned"
    over = told["position"] == Position.OVER.value
    dash = "—" if lang == "zh" else "–"
    rests_on = told["document"]
    if learned:
        first, last = told["years"]
        rests_on = words["standards_rests_on"].format(
            region=told["region"][lang], n=f"{told['n']:,}", years=f"{first}{dash}{last}"
        )
    return LineShown(
        place=told["place"],
        task=told["task"],
        unit=told["unit"],
        price=price_text(told["price"]),
        usual=f"{price_text(told['low'])}{dash}{price_text(told['high'])}" if learned else "",
        limit=price_text(told["limit"]),
        standard=told["name"][lang],
        rests_on=rests_on,
        position=told["position"],
        position_word=words[f"standards_is_{told['position']}"],
        per_unit=price_text(told["excess_per_unit"]) if over else "",
        excess=price_text(told["excess"]) if over else "",
    )
