"""Golden rows: a few projects in the bundle, with what its model said of them to the last bit.

Where a bundle is about to serve, the same model must say the same again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject, parse_project
from features.errors import ProjectError
from features.project_document import split_document
from models.errors import raise_unless
from models.model import Model

FILE = "golden.json"
ROWS = 20
_MEASURES = ("value", "base", "low", "high")
Json = dict[str, Any]


def golden_rows(model: Model, projects: Sequence[DeclaredProject], most: int = ROWS) -> bytes:
    """The golden rows made from the first projects that can be told without personal values."""
    documents = [split_document(p, model.catalogue).public for p in projects[: 2 * most]]
    kept = [document for document in documents if _parsed(document, model.catalogue)][:most]
    golden = {"format": 1, "projects": kept, "heads": _said(model, kept)}
    return json.dumps(golden, ensure_ascii=False, sort_keys=True).encode()


def require_golden(model: Model, content: bytes) -> int:
    """How many golden rows the model says the same of, bit for bit.

    Raises:
        BundleError: naming the head that says something else.
    """
    golden = json.loads(content)
    said = _said(model, golden["projects"])
    raise_unless(list(said) == list(golden["heads"]), "the golden rows' heads", f"{list(said)}")
    for name, told in golden["heads"].items():
        for row, (wanted, got) in enumerate(zip(told, said[name], strict=True), start=1):
            advice = "the bundle cannot serve on this machine: report the processor and versions"
            expected = f"golden row {row} of {name} as it was at training: {wanted}"
            raise_unless(wanted == got, expected, f"{got}", advice)
    return len(golden["projects"])


def golden_projects(content: bytes, catalogue: Catalogue) -> list[DeclaredProject]:
    """The projects of golden rows."""
    return [parse_project(document, catalogue) for document in json.loads(content)["projects"]]


def _said(model: Model, documents: Sequence[Json]) -> dict[str, list[list[str]]]:
    """Of each head and row: its measures as hexadecimal floats, and its contributions' digest."""
    if not documents:
        return {name: [] for name in sorted(model.heads)}
    projects = [parse_project(document, model.catalogue) for document in documents]
    heads = model.predict(projects).heads
    return {
        name: [
            [float(getattr(heads[name], measure)[row]).hex() for measure in _MEASURES]
            + [hashlib.sha256(heads[name].contributions[row].tobytes()).hexdigest()]
            for row in range(len(projects))
        ]
        for name in sorted(heads)
    }


def _parsed(document: Json, catalogue: Catalogue) -> bool:
    try:
        parse_project(document, catalogue)
    except ProjectError:
        return False
    return True
