"""The model card: what a version is for, what it is worth, where it is weak, and what it is not."""

from __future__ import annotations

from models.papers.accuracy import Accuracy
from models.papers.identity import learned_entries, model_named, reviewed_entry, version_entries
from models.papers.oversight import Oversight
from models.papers.paper import Paper, Section, cited
from models.papers.shown import entry, fact, said, section
from models.papers.sources import Sources

NAME = "model_card"


def model_card(sources: Sources) -> Paper:
    """The model card of a version; it names no person."""
    accuracy, oversight = Accuracy(sources), Oversight(sources)
    sections = (
        _which(sources),
        _use(),
        accuracy.by_stage(),
        accuracy.weak(),
        accuracy.ranges(),
        accuracy.robust(),
        oversight.compared(),
        _how(),
        oversight.logged(),
    )
    kept = tuple(section for section in sections if section.name != "ranges" or section.tables)
    return Paper(
        NAME,
        said(NAME),
        said(f"{NAME}_about"),
        model_named(sources),
        kept,
        cited(kept, sources.all),
    )


def _which(sources: Sources) -> Section:
    entries = (*version_entries(sources), *learned_entries(sources), reviewed_entry(sources))
    thresholds = ("priority", "thresholds")
    entries += tuple(
        entry(f"threshold_{axis}", fact(sources.catalogue.at(*thresholds, axis), "{:g}".format))
        for axis in sources.catalogue.each(*thresholds)
    )
    return section("which", entries=entries)


def _use() -> Section:
    names = ("for", "people_decide", "not_alone", "not_persons", "not_elsewhere")
    return section("use", *(said(f"use_{name}") for name in names))


def _how() -> Section:
    names = ("explained", "learns_habits", "funded_only", "drifts", "neither")
    return section("how", *(said(name) for name in names))
