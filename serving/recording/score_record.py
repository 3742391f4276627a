"""The record of a score: what went in, what every head said of it to the last bit, and who asked.

What is said here is enough to make the answer again (`serving.recording.replay`), and to see in
which part another answer differs. Its fields are in docs/records.md.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject
from features.kept_beside import KeptBeside
from features.operations import UNKNOWN, Numbers
from features.project_document import split_document
from models.appraised_project import AppraisedProject
from models.head import HeadPrediction
from models.model import Model, Prediction
from models.registry import Release
from models.tree_explainer import kernel_name
from serving.asker import Asker
from serving.exact_numbers import written_rows
from serving.recording.check_outcomes import recorded_checks
from serving.recording.dimension_scores import recorded_dimensions
from serving.records.record import Record, SealedRecord
from serving.wording.explained_score import Json
from serving.wording.shown_number import number
from serving.wording.written import Written

SCORE_FORMAT = 1
SCORE, BESIDE = "score", "shadow"
SCORES = (SCORE, BESIDE)
"""The kinds of record that hold a score: one that was given; one made beside it, for few to see."""
MEASURES = ("value", "base", "low", "high")
_LONGEST_NAME = 256


class Layout:
    """The indicators of a model's records, in order: what its heads read, then what else counts."""

    def __init__(self, model: Model) -> None:
        terms = [term for head in model.heads.values() for term in head.terms]
        self.columns = len(model.columns)
        self.names = tuple(dict.fromkeys([*model.columns, *terms]))
        self.text = " ".join(self.names)
        place = {name: number for number, name in enumerate(self.names)}
        self.places = {
            name: np.array([place[term] for term in head.terms], dtype=np.intp)
            for name, head in model.heads.items()
        }


layout = KeptBeside(Layout)


def score_record(
    release: Release,
    appraised: AppraisedProject,
    said: Mapping[str, Any],
    asker: Asker,
    *,
    run: str | None = None,
) -> SealedRecord:
    """The sealed record of one appraised project.

    Args:
        said: what was answered, as `answer_said` or the like has it.
        run: the record of the run or the batch that the project was answered in.
    """
    content, personal = score_content(release, appraised, said, asker)
    about = () if run is None else (run,)
    catalogue = release.model.catalogue
    return sealed(SCORE, appraised.project, content, personal, asker, catalogue, about)


def score_content(
    release: Release, appraised: AppraisedProject, said: Mapping[str, Any], asker: Asker
) -> tuple[Json, Json]:
    """What the record of an answer says, and the personal values that are kept beside it."""
    public, personal = split_document(appraised.project, release.model.catalogue)
    content = {
        **_constant(release),
        "document": public,
        **computed(release.model, appraised),
        "said": said,
        "asked": {"role": asker.role, "way": asker.way},
    }
    return content, personal


def sealed(
    kind: str,
    project: DeclaredProject,
    content: Json,
    personal: Json,
    asker: Asker,
    catalogue: Catalogue,
    about: tuple[str, ...] = (),
) -> SealedRecord:
    """The sealed record of what is said about a project."""
    return Record(
        kind,
        kept_name(asker.actor) or "unknown",
        content,
        private=personal,
        on_behalf_of=kept_name(asker.department),
        project_id=kept_name(project.project_id),
        department=kept_name(department_of(project, catalogue)),
        about=about,
    ).sealed()


def department_of(project: DeclaredProject, catalogue: Catalogue) -> str | None:
    """The department that declares a project, where the catalogue says which field tells."""
    field = catalogue.columns.group
    value = project.values[field] if field else None
    return value if isinstance(value, str) else None


def kept_name(name: str | None) -> str | None:
    """A name as a record can hold it: a very long one by its beginning and its digest."""
    if not name or len(name) <= _LONGEST_NAME:
        return name or None
    return f"{name[:180]}…sha256:{sha256(name.encode()).hexdigest()}"


def computed(model: Model, appraised: AppraisedProject) -> Json:
    """What the model made of a project, to the last bit: indicators, heads and standing."""
    prediction, row = appraised.prediction, appraised.row
    standing = appraised.standing
    shown = layout(model)
    peer = model.peers.groups[prediction.peer.item(row)]
    return {
        "status": appraised.status,
        "missing": list(appraised.missing),
        "grade": None if standing is None else standing.grade,
        "rank_score": None if standing is None else number(standing.ranked.rank_score),
        "compared_with": [peer.indicator, peer.code],
        "indicators": shown.text,
        "values": written_rows(_values(prediction, row, shown)[np.newaxis])[0],
        "heads": _heads(prediction, row, shown),
        **recorded_checks(appraised.checked),
        **recorded_dimensions(appraised.dimensions),
    }


def _values(prediction: Prediction, row: int, shown: Layout) -> Numbers:
    """What the heads read of a project, and the amounts that they are relative to."""
    others = [prediction.table[name][row] for name in shown.names[shown.columns :]]
    return np.append(prediction.matrix[row], np.array(others, dtype=float))


def _heads(prediction: Prediction, row: int, shown: Layout) -> Json:
    heads = prediction.heads
    moves = np.full((len(heads), len(shown.names)), UNKNOWN)
    for place, (name, head) in enumerate(heads.items()):
        moves[place, shown.places[name]] = head.contributions[row]
    measures = np.array([_measures(head, row) for head in heads.values()])
    return {
        name: {
            **dict(zip(MEASURES, measured.split(","), strict=True)),
            "contributions": moved,
            "range_group": head.range_group.item(row),
        }
        for (name, head), measured, moved in zip(
            heads.items(), written_rows(measures), written_rows(moves), strict=True
        )
    }


def _measures(head: HeadPrediction, row: int) -> tuple[float, ...]:
    return head.value[row], head.base[row], head.low[row], head.high[row]


def head_values(appraised: AppraisedProject) -> Json:
    """What heads say of a project that is supposed or only asked about: status, grade, values."""
    heads, row = appraised.prediction.heads, appraised.row
    standing = appraised.standing
    return {
        "status": appraised.status,
        "grade": None if standing is None else standing.grade,
        "heads": {name: written_rows(head.value[[[row]]])[0] for name, head in heads.items()},
    }


def answer_said(core: bytes, answer: Mapping[str, Any], withheld: Sequence[str] = ()) -> Json:
    """What an answer said: its digest, and that of each head's reasons, words and all.

    Args:
        core: the answer's bytes without record_id and receipt.
        answer: the same as an object.
        withheld: what the caller may not see, and was left out of it.
    """
    return {
        "form": "explained_score",
        "sha256": sha256(core).hexdigest(),
        "bytes": len(core),
        "reasons": {name: sha256(text).hexdigest() for name, text in _reasons(answer)},
        "withheld": list(withheld),
    }


def _reasons(answer: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    """The reasons of each head as JSON, under the name that the answer gives the head."""
    sections = [answer["priority"] or {}, {"cost": answer["cost"]}, answer["scores"]]
    sections += [answer["amounts"], answer["risk"]]
    return [
        (name, head["reasons"].text)
        for section in sections
        for name, head in section.items()
        if isinstance(head, dict) and isinstance(head.get("reasons"), Written)
    ]


def model_named(release: Release) -> Json:
    """Which model, catalogue and policy an answer comes from, by name and digest."""
    model, registered = release.model, release.version
    catalogue = model.catalogue
    policy = catalogue.priority
    return {
        "version": registered.number,
        "digest": registered.digest,
        "catalogue": catalogue.identity,
        "catalogue_digest": f"sha256:{catalogue.digest}",
        "policy": f"{catalogue.identity}#priority" if policy else None,
        "policy_digest": _digest(policy.model_dump_json()) if policy else None,
        "simulated": model.facts.simulated,
        "reviewed": release.reviewed,
        **({"pilot": release.pilot} if release.pilot else {}),
    }


def _digest(text: str) -> str:
    return f"sha256:{sha256(text.encode()).hexdigest()}"


@cache
def software() -> Json:
    """What computes here: the versions on which a bit could depend."""
    try:
        own = version("lingji")
    except PackageNotFoundError:  # run from its sources
        own = "unknown"
    return {
        "lingji": own,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "kernel": kernel_name(),
        "machine": platform.machine(),
    }


class _Constant:
    """What every record of a release says."""

    def __init__(self, release: Release) -> None:
        self.content: Json = {
            "format": SCORE_FORMAT,
            "model": model_named(release),
            "software": software(),
        }


_constants = KeptBeside(_Constant)


def _constant(release: Release) -> Json:
    return _constants(release).content
