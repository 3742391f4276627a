"""Opening a review: the comparison's later projects, answered by both models, and the cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from features.declared_project import DeclaredProject
from features.errors import TrainingError
from features.form import digest_of, form_bytes
from features.project_document import split_document
from models.appraised_project import AppraisedProject
from models.people import now
from models.registry import Registry, Release
from models.release.comparison import Comparison, comparison_path
from models.review.case import Case, CaseAnswers, HeadFigure, ModelRole, Side
from models.review.round import CaseEntry, ReviewRound, prepare_round, round_name
from training.gathered_outcomes import gather
from training.outcome_store import OutcomeStore
from training.review.case_choice import Answered, Choice, choose_cases
from training.review.case_policy import CasePolicy
from training.same_projects import MOST_COMPARED, answers_of

Tell = Callable[[Release, AppraisedProject], dict[str, Any]]
"""How an answer is told, as JSON: the service's own words, which this package does not know."""
Report = Callable[[str], None]


@dataclass(frozen=True)
class Opening:
    """A round that is prepared and not yet seen by anybody."""

    waiting: Path
    round: ReviewRound


def prepare_opening(
    store: OutcomeStore,
    registry: Registry,
    number: int,
    rule: CasePolicy,
    tell: Tell,
    record: str,
    by: str,
    report: Report = lambda step: None,
) -> Opening:
    """The cases of a version's comparison with what serves, as files that are not shown yet.

    Args:
        record: the id of the record that will say so.

    Raises:
        FormError: when there is no comparison with what serves, or its cases were drawn before.
        TrainingError: when the outcomes that were compared on are gone, or no project is rated.
        RegistryError, BundleError: when a version is not what was registered.
    """
    serving = registry.champion()
    path = comparison_path(registry.folder, number, serving.number if serving else None)
    content = form_bytes(path)
    comparison, digest = Comparison.parse(content, str(path)), digest_of(content)
    report("projects")
    projects = _later_projects(store, comparison)
    challenger = registry.release(number)
    champion = None if serving is None else registry.champion_release()
    if champion and champion.model.catalogue.given != challenger.model.catalogue.given:
        champion = None  # it reads other facts, and cannot answer these projects
    report("challenger")
    answers = answers_of(challenger.model, projects)
    report("champion")
    others = answers_of(champion.model, projects) if champion else [None] * len(answers)
    answered = [Answered(*pair) for pair in zip(answers, others, strict=True)]
    choice = choose_cases(answered, store.catalogue, rule)
    if not choice.cases:
        raise TrainingError(
            f"expected rated projects in the rounds {comparison.data.rounds}; got none"
        )
    report("cases")
    releases = {ModelRole.CHALLENGER: challenger}
    if champion is not None:
        releases[ModelRole.CHAMPION] = champion
    cases = _cases(choice, answered, releases, round_name(number, digest), tell)
    round_ = ReviewRound(
        catalogue=challenger.model.catalogue.identity,
        version=number,
        challenger=challenger.version.digest,
        champion=serving.digest if serving else None,
        comparison=digest,
        record=record,
        made=now(),
        by=by,
        policy=rule.file_digest,
        seed=rule.seed,
        projects=sum(each.rated for each in answered),
        strata=dict(choice.strata),
        cases=tuple(_entry(case, told) for case, told in cases),
    )
    return Opening(prepare_round(round_, cases, registry.folder), round_)


def _later_projects(store: OutcomeStore, comparison: Comparison) -> Sequence[DeclaredProject]:
    """The projects that were compared on, evenly fewer where there are very many.

    Raises:
        TrainingError: when the store no longer says what was compared on.
    """
    digest = comparison.data.digest
    states = ((store.event_of(digest, heard), heard) for heard in (False, True))
    event, heard = next((state for state in states if state[0] is not None), (None, False))
    if event is None:
        raise TrainingError(
            f"expected the outcomes of {digest} that were compared on; got others; "
            "retrain to compare again"
        )
    data = gather(store, until=event, judgements=heard).data
    later = data.where(np.isin(data.years, comparison.data.rounds)).projects
    if not later:
        raise TrainingError("expected a comparison on later rounds; got one on none; retrain")
    places = np.unique(np.linspace(0, len(later) - 1, MOST_COMPARED).astype(int))
    return [later[i] for i in places]


def _cases(
    choice: Choice,
    answered: Sequence[Answered],
    releases: Mapping[ModelRole, Release],
    name: str,
    tell: Tell,
) -> list[tuple[Case, CaseAnswers]]:
    catalogue, found = releases[ModelRole.CHALLENGER].model.catalogue, []
    for number, chosen in enumerate(choice.cases, start=1):
        each = answered[chosen.place]
        project = each.challenger.project
        case = Case(
            id=f"{name}-{number:03}",
            project_id=project.project_id,
            year=project.year,
            document=split_document(project, catalogue).public,  # no expert needs personal values
        )
        said = {ModelRole.CHALLENGER: each.challenger, ModelRole.CHAMPION: each.champion}
        sides = []
        for role in chosen.sides:
            answer = said[role]
            if answer is not None:
                sides.append(_side(role, answer, tell(releases[role], answer)))
        answers = CaseAnswers(
            id=case.id,
            case=case.file_digest,
            strata=chosen.strata,
            chance=chosen.chance,
            sides=tuple(sides),
        )
        found.append((case, answers))
    return found


def _side(role: ModelRole, appraised: AppraisedProject, answer: dict[str, Any]) -> Side:
    figures = {
        name: HeadFigure(
            value=float(head.value),
            low=None if head.low is None else float(head.low),
            high=None if head.high is None else float(head.high),
        )
        for name, head in appraised.heads.items()
    }
    grade = appraised.standing.grade if appraised.standing else None
    return Side(model=role, grade=grade, figures=figures, answer=answer)


def _entry(case: Case, answers: CaseAnswers) -> CaseEntry:
    return CaseEntry(
        id=case.id,
        project_id=case.project_id,
        year=case.year,
        case=case.file_digest,
        answers=answers.file_digest,
    )
