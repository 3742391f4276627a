"""Which version a paper is about, and what it learned from."""

from __future__ import annotations

from features.field import Label
from models.papers.paper import Entry, Fact, Json
from models.papers.shown import count, entry, fact, made_of, said, stated
from models.papers.source import Given
from models.papers.sources import Sources


def model_named(sources: Sources) -> Json:
    """The version, for machines."""
    release = sources.release
    return {
        "catalogue": release.model.catalogue.identity,
        "version": release.version.number,
        "digest": release.version.digest,
        "simulated": release.model.facts.simulated,
        "reviewed": release.reviewed,
        "in_service": sources.in_service,
    }


def version_entries(sources: Sources) -> tuple[Entry, ...]:
    """Which version it is, and whence."""
    version, bundle, catalogue = sources.version, sources.bundle, sources.catalogue
    return (
        entry("catalogue", fact(catalogue.at("label"), stated)),
        entry("catalogue_version", fact(catalogue.at("version"))),
        entry("version", fact(version.at("number"))),
        entry("digest", fact(version.at("digest"))),
        entry("trained", fact(bundle.at("facts", "created"))),
        entry("run", fact(_nonempty(version.at("run")), unknown="who_trainer")),
        entry("software", fact(bundle.at("facts", "software"), _software)),
    )


def learned_entries(sources: Sources) -> tuple[Entry, ...]:
    """What it learned from and was tested on."""
    bundle = sources.bundle
    simulated = sources.release.model.facts.simulated
    return (
        entry("learned_rounds", fact(bundle.at("facts", "years"), _span)),
        entry("learned_projects", fact(bundle.at("facts", "rows"), count)),
        entry("simulated", fact(bundle.at("facts", "simulated"), _simulated, good=not simulated)),
        entry("data_digest", fact(bundle.at("facts", "data_digest"))),
        entry("tested_rounds", fact(bundle.at("evaluated", "rounds"), _span)),
        entry("tested_projects", fact(bundle.at("evaluated", "projects"), count)),
    )


def reviewed_entry(sources: Sources) -> Entry:
    """Whether it was released with an approval, which names the bundle."""
    reviewed = sources.release.reviewed
    words = said("reviewed_yes" if reviewed else "reviewed_no")
    if sources.approval is None or not reviewed:
        return entry("review", Fact(reviewed, words, good=reviewed))
    signed = sources.approval.at("statement", "digest")
    return entry("review", made_of(True, words, "approved", signed, good=True))


def _nonempty(given: Given) -> Given:
    return given if given.value else Given()


def _software(value: dict[str, str]) -> str:
    return " · ".join(f"{name} {version}" for name, version in value.items())


def _span(years: tuple[int, int]) -> Label:
    first, last = years
    if first == last:
        return Label(zh=f"{first}年度", en=f"{first}")
    return Label(zh=f"{first}—{last}年度", en=f"{first} to {last}")


def _simulated(value: bool) -> Label:
    return said("is_simulated" if value else "is_real")
