"""The main path: a declared project goes in, an explained score comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from features.declared_project import DeclaredProject, parse_project
from features.errors import Fault, ProjectError
from models.appraised_project import AppraisedProject, appraised_project
from models.registry import Release
from serving.wording.explained_score import Json, explained_score, told


def appraise(document: Any, release: Release) -> Json:
    """The explained score of one declared project.

    Raises:
        ProjectError: naming every field that does not meet the catalogue.
    """
    project = parse_project(document, release.model.catalogue)
    prediction = release.model.predict([project])
    return explained_score(release, prediction, 0)


def appraised(document: Any, release: Release) -> AppraisedProject:
    """All that is said of one declared project, before it is put into words.

    Raises:
        ProjectError: naming every field that does not meet the catalogue.
    """
    project = parse_project(document, release.model.catalogue)
    return appraised_project(release.model, release.model.predict([project]), 0, release.checks)


def appraised_batch(
    documents: Sequence[Any], release: Release
) -> list[AppraisedProject | ProjectError]:
    """For each document, in order, what is said of it, or the refusal that names its faults."""
    parsed = [_parsed(document, release) for document in documents]
    projects = [found for found in parsed if isinstance(found, DeclaredProject)]
    prediction = release.model.predict(projects) if projects else None
    answers: list[AppraisedProject | ProjectError] = []
    row = 0
    for found in parsed:
        if isinstance(found, ProjectError) or prediction is None:
            answers.append(cast(ProjectError, found))
        else:
            answers.append(appraised_project(release.model, prediction, row, release.checks))
            row += 1
    return answers


def appraise_batch(documents: Sequence[Any], release: Release) -> list[Json | ProjectError]:
    """For each document, in order, its explained score, or the refusal that names its faults."""
    return [
        found if isinstance(found, ProjectError) else told(release, found)
        for found in appraised_batch(documents, release)
    ]


def _parsed(document: Any, release: Release) -> DeclaredProject | ProjectError:
    try:
        return parse_project(document, release.model.catalogue)
    except ProjectError as error:
        return error


def before_and_after(
    document: Any, changes: Any, release: Release
) -> tuple[AppraisedProject, AppraisedProject]:
    """All that is said of a project as it is, and when some of its fields change.

    Raises:
        ProjectError: when the project, before or after, does not meet the catalogue.
    """
    if not isinstance(changes, dict):
        expected = "an object of fields with new values"
        raise ProjectError([Fault(None, "changes", expected, type(changes).__name__)])
    if not isinstance(document, dict):
        raise ProjectError([Fault(None, None, "an object of fields", type(document).__name__)])
    return appraised(document, release), appraised({**document, **changes}, release)


def difference(before: Json, after: Json) -> Json:
    """For every head answered on both sides: how far it and each of its reasons moved."""
    first, second = dict(answered_heads(before)), dict(answered_heads(after))
    return {name: _head_difference(first[name], second[name]) for name in first if name in second}


def _head_difference(before: Json, after: Json) -> Json:
    value = next(name for name in ("score", "mid", "probability") if name in before)
    nothing = 1.0 if value == "mid" else 0.0
    moved = {"reasons": _moved(_parts(before), _parts(after), nothing)}
    if value == "mid":
        return {"factor": after[value] / before[value], **moved}
    return {"change": round(after[value] - before[value], 6), **moved}


def _parts(head: Json) -> dict[tuple[str, str], float]:
    return {
        (reason["indicator"], reason["dimension"]): reason.get("contribution", reason.get("factor"))
        for reason in head["reasons"]
    }


def _moved(
    before: Mapping[tuple[str, str], float], after: Mapping[tuple[str, str], float], nothing: float
) -> list[Json]:
    """The reasons that changed, those that changed most first; an absent one moved `nothing`."""

    def size(key: tuple[str, str]) -> float:
        return abs(after.get(key, nothing) - before.get(key, nothing))

    changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return [
        {
            "indicator": key[0],
            "dimension": key[1],
            "before": before.get(key),
            "after": after.get(key),
        }
        for key in sorted(changed, key=lambda key: (-size(key), key))
    ]


def answered_heads(answer: Json) -> list[tuple[str, Json]]:
    """Every head of an answer under its name, whichever section it is in."""
    priority, cost = answer["priority"] or {}, answer["cost"]
    heads = [(name, priority[name]) for name in ("necessity", "importance") if name in priority]
    heads += [("cost", cost)] if cost else []
    return heads + [
        item for section in ("scores", "amounts", "risk") for item in answer[section].items()
    ]
