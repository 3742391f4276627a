"""What is wrong, or looks wrong, with the outcomes learned from: each finding named by project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from features.indicator_table import Vocabulary, feature_matrix, indicator_table
from features.operations import Numbers
from models.release.comparison import DataQuality
from training.appraisal_data import AppraisalData
from training.gathered_outcomes import GatheredOutcomes
from training.impossible_outcomes import impossible_values
from training.lifted_labels import GroupEvidence, lifted_labels
from training.train import TrainingSettings

MOST_LINES = 1_000
_LONGEST_LINE = 500
_SUSPECTS_NAMED = 5
_UNIT = 10_000
"""元 and 万元 differ by so much: the slip that a wrong unit is."""


@dataclass(frozen=True)
class QualityEvidence:
    """All findings, of which the comparison quotes at most `MOST_LINES` of each kind.

    since: what "changed" compares with: the version in service, or earlier contributions.
    lifted: the evidence of every group that was looked at, flagged or not.
    """

    duplicates: tuple[str, ...]
    impossible: tuple[str, ...]
    changed: tuple[str, ...]
    since: str
    lifted: tuple[tuple[str, GroupEvidence], ...]

    def told(self) -> DataQuality:
        """The findings as the comparison quotes them."""
        flagged = [_lifted(kind, each) for kind, each in self.lifted if each.flagged]
        return DataQuality(
            duplicates=_quoted(self.duplicates),
            impossible=_quoted(self.impossible),
            changed=_quoted(self.changed),
            lifted=_quoted(flagged),
        )


def quality_evidence(
    now: GatheredOutcomes,
    before: GatheredOutcomes | None,
    how: TrainingSettings,
    progress: Callable[[int], None] = lambda outcomes: None,
) -> QualityEvidence:
    """What is found in the present outcomes.

    Args:
        before: what the version in service learned from; without it, labels are compared between
            contributions.
        how: the settings by which expectations are learned.
    """
    data = now.data
    groups = [(data.catalogue.columns.group or "group", data.groups)]
    groups += [("contributor", now.contributors)]
    lifted = [
        (name, evidence)
        for name, members in groups
        for evidence in lifted_labels(data, members, how, progress)
    ]
    changes = _between_contributions(now) if before is None else _changes(before.data, data)
    return QualityEvidence(
        (*_repeated(now), *_copies(data)),
        (*_impossible(data), *_undeclared(now), *_another_unit(data)),
        tuple(changes),
        "earlier contributions" if before is None else "the version in service",
        tuple(lifted),
    )


def _quoted(lines: Iterable[str]) -> tuple[str, ...]:
    every = [line[:_LONGEST_LINE] for line in lines]
    if len(every) <= MOST_LINES:
        return tuple(every)
    return (*every[:MOST_LINES], f"… {len(every) - MOST_LINES:,} more, listed in the evidence")


def _repeated(now: GatheredOutcomes) -> Iterator[str]:
    for contribution, fault in now.repeated():
        yield f"contribution {contribution}, row {fault.row}: {fault.got}"


def _copies(data: AppraisalData) -> Iterator[str]:
    """Projects of one round that are alike in every fact that a head reads and in every outcome."""
    table = indicator_table(data.projects, data.catalogue)
    names = dict.fromkeys(
        i.name for h in data.catalogue.heads for i in data.catalogue.inputs(h.name)
    )
    matrix = feature_matrix(table, list(names), Vocabulary.learned(table, data.catalogue))
    said = np.stack(list(data.outcomes.values()), axis=1)
    first: dict[bytes, int] = {}
    for row, project in enumerate(data.projects):
        if np.isnan(said[row]).all():
            continue
        content = np.concatenate([[project.year], matrix[row], said[row]]).tobytes()
        original = data.projects[first.setdefault(content, row)]
        if original is not project:
            yield (
                f"{_named(data, row)} = {original.project_id}: the same facts and the same outcomes"
            )


def _impossible(data: AppraisalData) -> Iterator[str]:
    for (column, why), rows in impossible_values(data.outcomes, data.catalogue).items():
        for row in rows.tolist():
            yield f"{_named(data, row)} {column} = {data.outcomes[column][row]:g}: {why}"


def _undeclared(now: GatheredOutcomes) -> Iterator[str]:
    for (project, year), contribution in now.undeclared.items():
        yield f"{project} {year}: never declared, yet has outcomes (contribution {contribution})"


def _another_unit(data: AppraisalData) -> Iterator[str]:
    """Amounts about ten thousand times what was requested, or a ten-thousandth of it."""
    cost = data.catalogue.cost
    if cost is None:
        return
    column = data.catalogue.head(cost.head).outcome.columns[0]
    said = data.outcomes.get(column)
    for row, project in enumerate(data.projects) if said is not None else ():
        requested, amount = project.values[cost.requested], 0.0 if said is None else said[row]
        if not isinstance(requested, float) or not (requested > 0 and amount > 0):
            continue
        factor = max(amount / requested, requested / amount)
        if _UNIT / 2 <= factor <= _UNIT * 2:
            yield (
                f"{_named(data, row)} {column} = {amount:g} for a request of {requested:g}: "
                "another unit?"
            )


def _changes(before: AppraisalData, now: AppraisalData) -> Iterator[str]:
    """Labels that the version in service learned and that are others today, or gone."""
    place = {(p.project_id, p.year): row for row, p in enumerate(before.projects)}
    rows = [(place.get((p.project_id, p.year)), row) for row, p in enumerate(now.projects)]
    for column, earlier in before.outcomes.items():
        later: Numbers = now.outcomes.get(column, np.full(len(now.projects), np.nan))
        for then, today in rows:
            if then is None or np.isnan(earlier[then]) or earlier[then] == later[today]:
                continue
            shown = "nothing" if np.isnan(later[today]) else f"{later[today]:g}"
            yield f"{_named(now, today)} {column}: {earlier[then]:g} → {shown}"


def _between_contributions(now: GatheredOutcomes) -> Iterator[str]:
    for ((project, year), column), said in now.history.items():
        told = " → ".join(f"{each.value:g} (contribution {each.contribution})" for each in said)
        yield f"{project} {year} {column}: {told}"


def _lifted(kind: str, evidence: GroupEvidence) -> str:
    parts = [
        f"{kind}={evidence.group} {evidence.head}: {evidence.far} of {evidence.projects} labels"
    ]
    parts.append(f"far above what is expected ({evidence.usual:.1f} usual)")
    if evidence.z == evidence.z:
        parts.append(f"shift z {evidence.z:+.1f}")
    parts.append(f"p {evidence.p:.2g}")
    if evidence.influence is not None:
        parts.append(f"moves the predictions of its own projects by {evidence.influence:+.3g}")
    named = [f"{s.project_id} {s.year}" for s in evidence.suspects[:_SUSPECTS_NAMED]]
    return "; ".join(parts) + (f"; such as {', '.join(named)}" if named else "")


def _named(data: AppraisalData, row: int) -> str:
    project = data.projects[row]
    return f"{project.project_id} {project.year}"
