"""A round of review made up without training: projects answered by one model in two ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from features.declared_project import parse_project
from features.form import digest_of
from features.project_document import split_document
from models.appraised_project import AppraisedProject, appraised_project
from models.people import now
from models.registry import Registry, Release
from models.release.comparison import comparison_path
from models.review.case import Case, CaseAnswers, HeadFigure, ModelRole, Side
from models.review.finding import Entry, Opened
from models.review.judgement import Judgement
from models.review.round import (
    CaseEntry,
    KeptRound,
    ReviewRound,
    StratumSize,
    prepare_round,
    publish_round,
    round_name,
)
from serving.command_line.told_answer import told_answer
from serving.records.record import Record, new_record_id
from serving.records.record_log import RecordLog
from serving.review.round_records import FINDING, JUDGEMENT, content_of
from tests.small_model import small_document

CHALLENGER, COMPARISON = f"sha256:{'c' * 64}", f"sha256:{'d' * 64}"
POLICY = f"sha256:{'e' * 64}"


def made_round(
    folder: Path,
    release: Release,
    documents: Sequence[dict[str, Any]],
    log: RecordLog,
    changes: dict[str, Any],
    *,
    version: int = 2,
    challenger: str = CHALLENGER,
    comparison: str = COMPARISON,
    strata: Sequence[tuple[str, ...]] = (("grade", "random"), ("boundary", "random"), ("random",)),
) -> KeptRound:
    """A round in the registry's folder of a catalogue, opened in the log.

    The champion answers the documents, the challenger the same with `changes`.
    """
    catalogue, name = release.model.catalogue, round_name(version, comparison)
    cases = []
    for number, document in enumerate(documents, start=1):
        project = parse_project(document, catalogue)
        case = Case(
            id=f"{name}-{number:03}",
            project_id=project.project_id,
            year=project.year,
            document=split_document(project, catalogue).public,
        )
        sides = (
            made_side(ModelRole.CHAMPION, release, document),
            made_side(ModelRole.CHALLENGER, release, {**document, **changes}),
        )
        own = strata[(number - 1) % len(strata)]
        answers = CaseAnswers(
            id=case.id,
            case=case.file_digest,
            strata=own,
            chance=1.0 / (1 + number % 2),
            sides=sides if number % 2 else sides[::-1],
        )
        cases.append((case, answers))
    review = ReviewRound(
        catalogue=catalogue.identity,
        version=version,
        challenger=challenger,
        champion=release.version.digest,
        comparison=comparison,
        record=new_record_id(),
        made=now(),
        by="tests",
        policy=POLICY,
        seed=1,
        projects=100,
        strata={name: StratumSize(projects=10, drawn=1) for own in strata for name in own},
        cases=tuple(
            CaseEntry(
                id=case.id,
                project_id=case.project_id,
                year=case.year,
                case=case.file_digest,
                answers=answers.file_digest,
            )
            for case, answers in cases
        ),
    )
    waiting = prepare_round(review, cases, folder)
    content = {
        "format": 1,
        "catalogue": catalogue.catalogue,
        "version": {"version": version, "digest": challenger},
        "round": name,
        "round_digest": review.file_digest,
        "cases": len(cases),
    }
    log.append(Record("review_opened", "os:tests", content, record_id=review.record)).result()
    return publish_round(waiting)


def judged(
    kept: KeptRound,
    log: RecordLog,
    expert: str,
    scores: Callable[[int], Mapping[str, float]],
    count: int | None = None,
) -> None:
    """Judgements of a round's first cases by an expert, as the service keeps them."""
    records = []
    for number, entry in enumerate(kept.round.cases[:count]):
        form = Judgement(case=entry.id, case_digest=entry.case, scores=dict(scores(number)))
        content = content_of(form, round=kept.round.name)
        about = (kept.round.record,)
        records.append(Record(JUDGEMENT, expert, content, about=about, project_id=entry.project_id))
    log.append_all(records).result()


def found(
    log: RecordLog,
    kept: KeptRound,
    who: str,
    entry: Entry | None = None,
    finding: str | None = None,
    **changes: Any,
) -> str:
    """The id of the record of a finding's entry; by default one that opens it."""
    opened = {"severity": "minor", "owner": "Li", "due": "2999-12-31", "text": "too high for roads"}
    form = entry or Opened(**{"round": kept.round.name, **opened, **changes})
    about = (kept.round.record, *(() if finding is None else (finding,)))
    record = Record(FINDING, who, content_of(form, round=kept.round.name), about=about)
    log.append(record).result()
    return record.record_id


def judged_challenger(registry: Registry, number: int, log: RecordLog, cases: int = 20) -> None:
    """A round of a small ruler's challenger, its cases judged by two experts."""
    chance = np.random.default_rng(3)
    documents = [small_document(chance, n, 2024) for n in range(cases)]
    serving = registry.champion()
    path = comparison_path(registry.folder, number, serving.number if serving else None)
    kept = made_round(
        registry.folder,
        registry.champion_release(),
        documents,
        log,
        {"level": "alp"},
        version=number,
        challenger=registry.version(number).digest,
        comparison=digest_of(path.read_bytes()),
    )
    for expert, shift in (("k-1", 0.0), ("k-2", 4.0)):
        judged(kept, log, expert, lambda n, s=shift: {"axis": 30.0 + 2 * n + s, "second": 55.0})


def made_side(role: ModelRole, release: Release, document: dict[str, Any]) -> Side:
    """What a release says of a document, as one side of a case."""
    project = parse_project(document, release.model.catalogue)
    appraised = appraised_project(release.model, release.model.predict([project]), 0)
    return Side(
        model=role,
        grade=appraised.standing.grade if appraised.standing else None,
        figures=figures(appraised),
        answer=told_answer(release, appraised),
    )


def figures(appraised: AppraisedProject) -> dict[str, HeadFigure]:
    """Every head's figure as shown."""
    return {
        name: HeadFigure(
            value=float(head.value),
            low=None if head.low is None else float(head.low),
            high=None if head.high is None else float(head.high),
        )
        for name, head in appraised.heads.items()
    }


def numbers_of(answer: Any) -> set[str]:
    """Every number and every sentence of an answer, as they would stand in a page or in JSON."""
    found: set[str] = set()
    if isinstance(answer, dict):
        for value in answer.values():
            found |= numbers_of(value)
    elif isinstance(answer, list):
        for value in answer:
            found |= numbers_of(value)
    elif isinstance(answer, float):
        found.add(json.dumps(answer))
    elif isinstance(answer, str) and len(answer) > 25:
        found.add(answer)
    return found
