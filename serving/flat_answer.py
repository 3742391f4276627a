"""An explained score as one row of a table: grade, ranges, risks and the leading reasons."""

from __future__ import annotations

import json
from collections.abc import Iterator

from features.errors import Fault
from features.head_declaration import HeadKind
from models.model import Model
from serving.appraisal import answered_heads
from serving.explained_score import Json
from serving.words import LANGUAGES

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


def columns(model: Model, full: bool = False) -> Columns:
    """The columns of a model's results, in order, with the type of their values."""
    found = dict(_IDENTITY)
    if model.catalogue.priority is not None:
        found |= {"grade": str, "rank_score": float}
    for name, head in model.heads.items():
        found |= dict(_head_columns(_shown_name(model, name), head.declaration.kind))
    if model.catalogue.cost is not None:
        found |= {"cost_requested": float, "cost_position": str, "cost_excess": float}
    found |= {"model_version": str, "model_digest": str, "simulated": bool, "advisory": bool}
    return found | ({"explained_score": str} if full else {})


def _shown_name(model: Model, head: str) -> str:
    """What the answer calls a head: the cost and, where both are learned, the axes have names."""
    priority, cost = model.catalogue.priority, model.catalogue.cost
    fixed: dict[str, str] = {}
    if priority is not None and {priority.necessity, priority.importance} <= model.heads.keys():
        fixed = {priority.necessity: "necessity", priority.importance: "importance"}
    if cost is not None:
        fixed[cost.head] = "cost"
    return fixed.get(head, head)


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


def flat_answer(row: int, answer: Json, full: bool = False) -> dict[str, Cell]:
    """One explained score as cells under the names of `columns`; absent cells are left out."""
    cells: dict[str, Cell] = {
        "row": row,
        "project_id": answer["project_id"],
        "year": answer["year"],
        "status": answer["status"],
        "missing": ", ".join(answer["missing"]),
        "model_version": answer["model"]["version"],
        "model_digest": answer["model"]["digest"],
        "simulated": answer["model"]["simulated"],
        "advisory": answer["advisory"],
    }
    if answer["priority"]:
        cells["grade"] = answer["priority"]["grade"]
        cells["rank_score"] = answer["priority"]["rank_score"]
    for name, head in answered_heads(answer):
        cells |= _head_cells(name, head)
    if answer["cost"]:
        cells |= {f"cost_{n}": answer["cost"][n] for n in ("requested", "position", "excess")}
    if full:
        cells["explained_score"] = json.dumps(answer, ensure_ascii=False)
    return cells


def _head_cells(name: str, head: Json) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    if "score" in head:
        low, high = head["interval"] or (None, None)
        cells = {name: head["score"], f"{name}_low": low, f"{name}_high": high}
    elif "mid" in head:
        cells = {f"{name}_{end}": head[end] for end in ("low", "mid", "high")}
    else:
        cells = {name: head["probability"]}
    for language in LANGUAGES:
        told = [reason["text"][language] for reason in head["reasons"][:REASONS_SHOWN]]
        cells[f"{name}_reasons_{language}"] = ("" if language == "zh" else " ").join(told)
    return cells


def refused_row(row: int, faults: tuple[Fault, ...]) -> dict[str, Cell]:
    """The cells of a row that could not be scored, with everything that is wrong with it."""
    told = "; ".join(fault.message() for fault in faults)
    return {"row": row, "status": "error", "errors": told, "advisory": True}
