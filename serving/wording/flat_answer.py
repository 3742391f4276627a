"""An explained score as one row of a table: grade, ranges, risks and the leading reasons."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from features.catalogue import Catalogue
from features.checks.checks import Checks
from features.checks.dimensions.rated_dimension import RatedProject
from features.errors import Fault
from features.head_declaration import HeadKind
from models.appraised_project import AppraisedProject
from models.explanation import ExplainedHead
from models.model import Model
from models.registry import Release
from serving.wording.envelope import encoded
from serving.wording.explained_score import cost_position, shown_measures, told
from serving.wording.phrasebook import Phrasebook, phrasebook
from serving.wording.shown_number import number
from serving.wording.words import LANGUAGES

Cell = str | int | float | bool | None
Columns = dict[str, type[str] | type[int] | type[float] | type[bool]]
REASONS_SHOWN = 3
_IDENTITY: Columns = {
    "row": int,
    "project_id": str,
    "year": int,
    "status": str,
    "missing": str,
    "errors": str,
}


def columns(model: Model, full: bool = False, checks: Checks | None = None) -> Columns:
    """The columns of a model's results, in order, with the type of their values.

    checks: by which projects are checked, and their dimensions scored.
    """
    found = dict(_IDENTITY)
    if model.catalogue.priority is not None:
        found |= {"grade": str, "rank_score": float}
    names = _shown_names(model.catalogue, model.heads)
    for name, head in model.heads.items():
        found |= dict(_head_columns(names.get(name, name), head.declaration.kind))
    if model.catalogue.cost is not None:
        found |= {"cost_requested": float, "cost_position": str, "cost_excess": float}
    if checks is not None:
        found |= {"admitted": bool, "findings": str}
        if checks.ruler is not None:
            found |= {f"dimension_{each.name}": float for each in checks.ruler.dimensions}
            found |= {"dimensions_total": float, "deductions": str}
    found |= {"model_version": str, "model_digest": str}
    found |= {"simulated": bool, "reviewed": bool, "advisory": bool}
    return found | ({"explained_score": str} if full else {})


def _shown_names(catalogue: Catalogue, heads: Collection[str]) -> dict[str, str]:
    """What an answer calls a head: the cost and, where both are known, the axes have names."""
    priority, cost = catalogue.priority, catalogue.cost
    fixed: dict[str, str] = {}
    if priority is not None and {priority.necessity, priority.importance} <= set(heads):
        fixed = {priority.necessity: "necessity", priority.importance: "importance"}
    if cost is not None:
        fixed[cost.head] = "cost"
    return fixed


def _head_columns(name: str, kind: HeadKind) -> Iterator[tuple[str, type[str] | type[float]]]:
    measures = {
        HeadKind.SCORE: ("", "_low", "_high"),
        HeadKind.AMOUNT: ("_low", "_mid", "_high"),
        HeadKind.PROBABILITY: ("",),
    }[kind]
    for measure in measures:
        yield f"{name}{measure}", float
    for language in LANGUAGES:
        yield f"{name}_reasons_{language}", str


def flat_answer(
    row: int, release: Release, appraised: AppraisedProject, full: bool = False
) -> dict[str, Cell]:
    """An appraised project as cells under the names of `columns`; absent cells are left out."""
    model, standing = release.model, appraised.standing
    cells: dict[str, Cell] = {
        "row": row,
        "project_id": appraised.project.project_id,
        "year": appraised.project.year,
        "status": appraised.status,
        "missing": ", ".join(appraised.missing),
        "model_version": str(release.version.number),
        "model_digest": release.version.digest,
        "simulated": model.facts.simulated,
        "reviewed": release.reviewed,
        "advisory": True,
    }
    if standing is not None:
        cells["grade"] = standing.grade
        cells["rank_score"] = number(standing.ranked.rank_score)
    phrases, names = phrasebook(model.catalogue), _shown_names(model.catalogue, appraised.heads)
    for name, head in appraised.heads.items():
        cells |= _head_cells(names.get(name, name), head, phrases)
    position = cost_position(model.catalogue, appraised)
    if position is not None:
        cells |= {f"cost_{name}": value for name, value in position.items()}
    if appraised.checked is not None:
        cells["admitted"] = appraised.checked.admitted
        cells["findings"] = ", ".join([f.finding_id for f in appraised.checked.findings])
    if appraised.dimensions is not None:
        cells |= _dimension_cells(appraised.dimensions)
    if full:
        cells["explained_score"] = encoded(told(release, appraised), finite=True).decode()
    return cells


def _head_cells(name: str, head: ExplainedHead, phrases: Phrasebook) -> dict[str, Cell]:
    value, low, high = shown_measures(head)
    cells: dict[str, Cell] = {}
    if head.declaration.kind is HeadKind.SCORE:
        cells = {name: value, f"{name}_low": low, f"{name}_high": high}
    elif head.declaration.kind is HeadKind.AMOUNT:
        cells = {f"{name}_low": low, f"{name}_mid": value, f"{name}_high": high}
    else:
        cells = {name: value}
    leading = head.reasons[:REASONS_SHOWN]
    sentences = [phrases.sentence(head.declaration.name, reason) for reason in leading]
    cells[f"{name}_reasons_zh"] = "".join([each["zh"] for each in sentences])
    cells[f"{name}_reasons_en"] = " ".join([each["en"] for each in sentences])
    return cells


def _dimension_cells(rated: RatedProject) -> dict[str, Cell]:
    """The score of each dimension, their weighted total, and what each rule took: "KPI-07 −10"."""
    scored = [(each.ruled.name, each.score) for each in rated.dimensions]
    taken = [each for dimension in rated.dimensions for each in dimension.deductions if each.points]
    cells: dict[str, Cell] = {
        f"dimension_{name}": None if score is None else number(score) for name, score in scored
    }
    cells["dimensions_total"] = None if rated.total is None else number(rated.total)
    cells["deductions"] = ", ".join([f"{each.name} −{each.points:g}" for each in taken])
    return cells


def refused_row(row: int, faults: tuple[Fault, ...]) -> dict[str, Cell]:
    """The cells of a row that could not be scored, with everything that is wrong with it."""
    told = "; ".join(fault.message() for fault in faults)
    return {"row": row, "status": "error", "errors": told, "advisory": True}
