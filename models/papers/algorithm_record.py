"""The algorithm record: what a register of algorithms in public service asks of one.

Its sections follow what the United Kingdom's Algorithmic Transparency Recording Standard, the Dutch
algorithm register and the filing of algorithms in China (算法备案) ask: owner, purpose, ground in
law, the decision and who takes it, data, limits, oversight, risks.
"""

from __future__ import annotations

from features.field import Label, Role
from features.stage import STAGES, Stage
from models.papers.accuracy import Accuracy
from models.papers.identity import learned_entries, model_named, reviewed_entry, version_entries
from models.papers.oversight import Oversight
from models.papers.paper import Entry, Fact, Paper, Row, Section, cited
from models.papers.shown import (
    count,
    entry,
    fact,
    made_of,
    nobody_said,
    plain,
    said,
    section,
    stated,
    table,
    yes_no,
)
from models.papers.source import Given
from models.papers.sources import Sources

NAME = "algorithm_record"
_OWNER = {
    "organisation": "who_office",
    "department": "who_office",
    "owner": "who_office",
    "contact": "who_office",
    "supplier": "who_it",
    "supplier_access": "who_it",
}
_GROUND = {
    "legal_basis": "who_law",
    "filing": "who_law",
    "before": "who_business",
    "alternatives": "who_business",
    "benefits": "who_business",
}
_DECISION = {
    "decision": "who_business",
    "training": "who_office",
    "appeals": "who_business",
}
"""What the bureau states in each section, and who there should state it."""


def algorithm_record(sources: Sources) -> Paper:
    """The algorithm record of a version, for those who answer for it and those who audit it."""
    accuracy, oversight = Accuracy(sources), Oversight(sources)
    sections = (
        _summary(sources),
        section("owner_section", entries=_stated(sources, _OWNER)),
        _ground(sources),
        _decision(sources),
        section("data_section", said("data_see"), entries=learned_entries(sources)),
        accuracy.by_stage(),
        accuracy.weak(),
        oversight.gates(),
        oversight.reviewed(),
        oversight.releases(),
        oversight.logged(),
        _risks(sources),
        _assessments(sources),
    )
    return Paper(
        NAME,
        said(NAME),
        said(f"{NAME}_about"),
        model_named(sources),
        sections,
        cited(sections, sources.all),
    )


def _summary(sources: Sources) -> Section:
    status = "status_in_service" if sources.in_service else "status_not_in_service"
    if not sources.released:
        status = "status_never"
    places = () if sources.releases is None else (sources.releases.at("releases"),)
    since = Given()
    if sources.in_service and sources.releases is not None:
        since = sources.releases.at("releases", sources.released[-1], "made")
    entries = (
        entry("what", Fact("decision_support", said("what_told"))),
        entry("algorithm_kind", Fact("decision_support", said("category_told"))),
        entry("status", made_of(status.removeprefix("status_"), said(status), "standing", *places)),
        *((entry("since", fact(since)),) if since.known else ()),
        *_pilot(sources),
        *version_entries(sources),
        reviewed_entry(sources),
    )
    return section("summary", said("people_decide"), entries=entries)


def _pilot(sources: Sources) -> tuple[Entry, ...]:
    """Which regions the version serves as a pilot, and until when; nothing where it serves none."""
    pilot = sources.pilot
    if pilot is None:
        return ()
    regions = pilot.at("statement", "regions")
    told = f"{regions.value['indicator']}={', '.join(regions.value['codes'])}"
    until = fact(pilot.at("statement", "until"))
    return (entry("pilot", fact(regions, lambda _: told)), entry("pilot_until", until))


def _ground(sources: Sources) -> Section:
    purpose = _said(sources, "purpose")
    told = Fact("zero_base", said("purpose_told"))
    if purpose.known:
        told = fact(purpose, stated)
    return section("ground", entries=(entry("purpose", told), *_stated(sources, _GROUND)))


def _decision(sources: Sources) -> Section:
    """Which stage gets which answer, and who then decides."""
    rows = []
    ruler = sources.release.model.catalogue
    for place, head in enumerate(ruler.heads):
        if head.name not in sources.release.model.heads:
            continue
        stage = sources.catalogue.at("heads", place, "stage")
        cells = (
            fact(stage, _stage) if stage.known else Fact(None, said("stage_none")),
            fact(sources.catalogue.at("heads", place, "kind"), _output),
            fact(sources.catalogue.at("heads", place, "zero_based"), yes_no),
        )
        rows.append(Row(head.name, head.label, cells))
    text = (said(name) for name in ("people_decide", "decision_record", "decision_about"))
    found = table("answers", ("head", "stage", "output", "zero_based"), rows)
    entries = _stated(sources, _DECISION)
    return section("decision_section", *text, entries=entries, tables=[found])


def _stage(value: str) -> Label:
    return STAGES[Stage(value)]


def _output(kind: str) -> Label:
    return said(f"output_{kind}")


def _risks(sources: Sources) -> Section:
    """Known risks, what is done about each, and the figure by which that shows."""
    bundle, heads = sources.bundle, sources.release.model.heads
    zero_based = [name for name, head in heads.items() if head.declaration.zero_based]

    def swapped(role: Role) -> Given:
        return bundle.at("evaluated", "swaps", role.value)

    figures = {
        "risk_declarer": _greatest(swapped(Role.DECLARER), list(heads)),
        "risk_last_year": _greatest(swapped(Role.LAST_BUDGET), zero_based),
        "risk_request": _greatest(swapped(Role.REQUESTED_AMOUNT), zero_based),
        "risk_labels": _lifted(sources),
        "risk_gaming": Fact("robust", said("see_robust")),
        "risk_groups": Fact("weak", said("see_weak")),
        "risk_drift": Fact("monitoring", said("see_monitoring")),
        "risk_trust": Fact(None, plain("—")),
        "risk_altered": Fact("log", said("see_log")),
        "risk_personal": Fact("data", said("see_data")),
    }
    rows = tuple(
        Row(name, said(name), (Fact(name, said(f"{name}_done")), figure))
        for name, figure in figures.items()
    )
    found = table("risks", ("risk", "measure", "shown_by"), rows)
    return section("risks", said("risks_about"), tables=[found])


def _lifted(sources: Sources) -> Fact:
    """How many departments or contributors have labels that stand out."""
    if sources.comparison is None:
        return nobody_said()
    given = sources.comparison.at("data_quality", "lifted")
    lifted = len(given.value)
    return made_of(lifted, count(lifted), "length", given, good=not lifted)


def _greatest(given: Given, heads: list[str]) -> Fact:
    """The greatest change over some heads, which should be none."""
    if not given.known or not heads:
        return nobody_said()
    changes = [given.value.get(name) for name in heads]
    if None in changes:  # an answer that vanishes is a change without bound
        return made_of(None, said("unbounded"), "greatest", given, good=False)
    greatest = max(changes)
    shown = said("greatest_change", value=f"{greatest:g}")
    return made_of(greatest, shown, "greatest", given, good=greatest == 0)


def _assessments(sources: Sources) -> Section:
    bureau = sources.bureau
    made = () if bureau is None else bureau.each("assessments")
    if bureau is None or not made:
        return section("assessments", said("not_stated", who=said("who_law")))
    rows = tuple(
        Row(
            str(place),
            stated(bureau.at("assessments", place, "name").value),
            (
                fact(bureau.at("assessments", place, "made")),
                fact(bureau.at("assessments", place, "place"), unknown="who_law"),
            ),
        )
        for place in made
    )
    found = table("assessments", ("assessment", "assessed", "kept_at"), rows)
    return section("assessments", tables=[found])


def _stated(sources: Sources, asked: dict[str, str]) -> tuple[Entry, ...]:
    """What the bureau states, or that it does not and who there should."""
    return tuple(
        entry(name, fact(_said(sources, name), stated, unknown=who)) for name, who in asked.items()
    )


def _said(sources: Sources, name: str) -> Given:
    return Given() if sources.bureau is None else sources.bureau.at(name)
