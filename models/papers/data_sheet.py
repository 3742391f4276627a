"""The data sheet: what a version learned from, whence it came, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from features.catalogue import Catalogue
from features.field import Sensitivity
from models.papers.identity import learned_entries, model_named
from models.papers.paper import Paper, Row, Section, cited
from models.papers.shown import (
    count,
    entry,
    fact,
    figure,
    made_of,
    plain,
    said,
    section,
    share,
    stated,
    table,
)
from models.papers.source import Given, Source
from models.papers.sources import Sources

NAME = "data_sheet"
MOST_SHIFTS = 15
_FLAGS = ("duplicates", "impossible", "changed", "lifted")


def data_sheet(sources: Sources) -> Paper:
    """The data sheet of the data that a version learned from."""
    sections = (
        _which(sources),
        _collected(sources),
        _outcomes(sources),
        _indicators(sources),
        _split(sources),
        _quality(sources),
        _shifts(sources),
        section("data_limits", said("funded_only"), said("learns_habits")),
    )
    return Paper(
        NAME,
        said(NAME),
        said(f"{NAME}_about"),
        model_named(sources),
        sections,
        cited(sections, sources.all),
    )


def _which(sources: Sources) -> Section:
    return section("which_data", entries=learned_entries(sources))


def _collected(sources: Sources) -> Section:
    """Who handed the outcomes in, and what the bureau says of their origin."""
    bureau, evidence = sources.bureau, sources.evidence
    entries = tuple(
        entry(name, fact(_of(bureau, name), stated, unknown=who))
        for name, who in (
            ("data_origin", "who_data"),
            ("data_owner", "who_data"),
            ("retention", "who_data"),
        )
    )
    handed = () if evidence is None else evidence.each("contributions")
    if evidence is None or not handed:
        return section("collected", said("contributions_none"), entries=entries)
    rows = tuple(
        Row(
            f"{place}",
            plain(evidence.at("contributions", place, "contributor").value),
            (
                fact(evidence.at("contributions", place, "number")),
                fact(evidence.at("contributions", place, "received")),
                fact(evidence.at("contributions", place, "rounds"), _listed),
                fact(evidence.at("contributions", place, "quality"), share),
                fact(evidence.at("contributions", place, "digest")),
            ),
        )
        for place in handed
    )
    columns = ("contributor", "number", "received", "rounds", "quality", "digest")
    found = table("contributions", columns, rows)
    return section("collected", said("contributions_about"), entries=entries, tables=[found])


def _outcomes(sources: Sources) -> Section:
    """From which outcomes each head learned, and on how many later ones it was tested."""
    ruler = sources.release.model.catalogue
    rows = []
    for place, head in enumerate(ruler.heads):
        columns = ("ratio",) if head.outcome.ratio else ("column",)
        outcome = sources.catalogue.at("heads", place, "outcome", *columns)
        learned = head.name in sources.release.model.heads
        why = sources.bundle.at("facts", "left_out", head.name)
        told = sources.bundle.at("heads", head.name)
        rows.append(
            Row(
                head.name,
                head.label,
                (
                    fact(outcome, _outcome),
                    made_of(learned, said("yes"), "learned", told, good=True)
                    if learned
                    else fact(why, good=False),
                    fact(sources.bundle.at("evaluated", "heads", head.name, "n"), count),
                ),
            )
        )
    found = table("outcomes", ("head", "outcome", "learned", "tested"), rows)
    return section("outcomes", said("outcomes_about"), tables=[found])


def _indicators(sources: Sources) -> Section:
    """How many indicators there are of each source and sensitivity; which are personal."""
    ruler, listed = sources.release.model.catalogue, sources.catalogue.at("indicators")
    counted = []
    for name, values in (
        ("source", [indicator.source.value for indicator in ruler.indicators]),
        ("sensitivity", [indicator.sensitivity.value for indicator in ruler.indicators]),
    ):
        counted += [
            entry(f"{name}_{value}", made_of(n, count(n), f"count:{name}:{value}", listed))
            for value, n in sorted(Counter(values).items())
        ]
    personal = [i for i in ruler.indicators if i.sensitivity is Sensitivity.PERSONAL]
    used = [i.name for i in personal if any(head in i.use for head in sources.release.model.heads)]
    shown = plain(", ".join(used)) if used else said("none")
    told = made_of(used, shown, "personal_used", listed, good=not used)
    counted.append(entry("personal_used", told))
    return section("indicators", said("indicators_about"), entries=counted)


def _split(sources: Sources) -> Section:
    recipe = ("facts", "recipe")
    entries = tuple(
        entry(name, fact(sources.bundle.at(*recipe, name)))
        for name in ("fit_until", "calibrate_until")
    )
    return section("split", said("split_about"), entries=entries)


def _quality(sources: Sources) -> Section:
    """What was found in the labels, each line named in the comparison."""
    source = sources.comparison
    if source is None:
        return section("quality_found", said("quality_none"))
    entries = tuple(
        entry(
            f"flag_{kind}",
            made_of(found, count(found), "length", given, good=not found),
        )
        for kind in _FLAGS
        if (given := source.at("data_quality", kind)).known
        for found in (len(given.value),)
    )
    return section("quality_found", said("quality_about"), entries=entries)


def _shifts(sources: Sources) -> Section:
    """The indicators that moved most between what was learned from and the newest round."""
    source = sources.evidence
    if source is None or not source.each("inputs"):
        return section("shifts", said("shifts_none"))
    ruler = sources.release.model.catalogue
    effects = [source.at("inputs", place, "effect").value for place in source.each("inputs")]
    order = sorted(range(len(effects)), key=lambda place: -effects[place])
    rows = _shift_rows(source, order[:MOST_SHIFTS], ruler)
    found = table("shifts", ("indicator", "effect", "effect_error", "verdict"), rows)
    return section("shifts", said("shifts_about"), tables=[found])


def _shift_rows(source: Source, places: list[int], ruler: Catalogue) -> Iterator[Row]:
    for place in places:
        where = ("inputs", place)
        name = source.at(*where, "indicator").value
        verdict = source.at(*where, "verdict")
        label = ruler.by_name.get(name)
        yield Row(
            name,
            plain(name) if label is None else label.label,
            (
                fact(source.at(*where, "effect"), figure),
                fact(source.at(*where, "error"), figure),
                fact(verdict, lambda value: said(f"shift_{value}"), good=verdict.value == "stable"),
            ),
        )


def _of(source: Source | None, name: str) -> Given:
    return Given() if source is None else source.at(name)


def _outcome(value: str | list[str]) -> str:
    return value if isinstance(value, str) else " ÷ ".join(value)


def _listed(values: list[object]) -> str:
    return ", ".join(str(value) for value in values)
