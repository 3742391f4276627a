"""Judgements as outcomes: marked, once, learned from only where the recipe says so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.errors import TrainingError
from features.form import Digest
from models.review.case import Case, CaseAnswers, ModelRole, Side
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
from tests.rulers import catalogue_of, ruler
from tests.small_model import small_document
from training.contribution import ContributionKind
from training.gathered_outcomes import gather
from training.outcome_store import OutcomeStore
from training.recipe import same_recipe
from training.review.judged_outcomes import hand_over
from training.split import TimeSplit

DIGEST: Digest = f"sha256:{'d' * 64}"


@pytest.fixture
def catalogue() -> Catalogue:
    return catalogue_of(ruler())


@pytest.fixture
def kept(tmp_path: Path) -> KeptRound:
    """Three cases of projects of 2024, P0, P1 and P2."""
    chance = np.random.default_rng(1)
    name, cases = round_name(2, DIGEST), []
    for number in range(3):
        document = small_document(chance, number, 2024)
        case = Case(
            id=f"{name}-{number + 1:03}",
            project_id=document["code"],
            year=2024,
            document=document,
        )
        side = Side(model=ModelRole.CHALLENGER, grade=None, figures={}, answer={})
        answers = CaseAnswers(
            id=case.id, case=case.file_digest, strata=("random",), chance=0.5, sides=(side,)
        )
        cases.append((case, answers))
    review = ReviewRound(
        catalogue="small@1",
        version=2,
        challenger=DIGEST,
        champion=None,
        comparison=DIGEST,
        record="01a21a7e-9dda-7a37-af06-c5e0403ba6e6",
        made="2025-01-01T00:00:00Z",
        by="tests",
        policy=DIGEST,
        seed=1,
        projects=3,
        strata={"random": StratumSize(projects=3, drawn=3)},
        cases=tuple(
            CaseEntry(
                id=case.id,
                project_id=case.project_id,
                year=2024,
                case=case.file_digest,
                answers=answers.file_digest,
            )
            for case, answers in cases
        ),
    )
    return publish_round(prepare_round(review, cases, tmp_path / "registry"))


@pytest.fixture
def store(tmp_path: Path, catalogue: Catalogue) -> OutcomeStore:
    """A store whose appraisals know the axis of P0, and nothing of the others."""
    chance = np.random.default_rng(1)
    rows = [small_document(chance, number, 2024) for number in range(3)]
    rows[0]["outcome_axis"] = 20.0
    file = tmp_path / "past.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    made = OutcomeStore(tmp_path / "home", catalogue)
    made.add(file, "budget office")
    return made


def judgements(kept: KeptRound, *, two: bool = True) -> dict[tuple[str, str], Judgement]:
    """The first case by two experts, 60 and 70 points; the second by one, 90."""
    first, second, _ = kept.round.cases
    said = {(first.id, "k-1"): 60.0, (second.id, "k-1"): 90.0}
    said |= {(first.id, "k-2"): 70.0} if two else {}
    digests = {entry.id: entry.case for entry in kept.round.cases}
    return {
        (case, who): Judgement(
            case=case, case_digest=digests[case], scores={"axis": points, "second": 50.0}
        )
        for (case, who), points in said.items()
    }


def axis(store: OutcomeStore, *, judged: bool) -> dict[str, float]:
    """What is known of the axis, by project."""
    data = gather(store, judgements=judged).data
    column = data.outcomes["outcome_axis"]
    known = {p.project_id: float(v) for p, v in zip(data.projects, column, strict=True)}
    return {name: value for name, value in known.items() if value == value}


def test_by_default_judgements_are_not_learned_from(store: OutcomeStore, kept: KeptRound) -> None:
    before = gather(store).data.digest
    contribution, new = hand_over(store, kept, judgements(kept), "Zhao")
    assert (contribution.kind, new) == (ContributionKind.JUDGEMENT, True)
    assert axis(store, judged=False) == {"P0": 20.0}
    assert gather(store).data.digest == before, "nor do they change what the data are"
    assert axis(store, judged=True) == {"P0": 20.0, "P1": 90.0}
    assert "outcome_second" in gather(store, judgements=True).data.outcomes, "control"


def test_an_appraisal_is_never_replaced_whichever_came_first(
    store: OutcomeStore, kept: KeptRound, tmp_path: Path
) -> None:
    hand_over(store, kept, judgements(kept), "Zhao")
    late = tmp_path / "outcomes.jsonl"
    late.write_text(json.dumps({"code": "P1", "year": 2024, "outcome_axis": 33.0}), "utf-8")
    store.add(late, "budget office")
    assert axis(store, judged=True) == {"P0": 20.0, "P1": 33.0}


def test_of_several_experts_the_mean_is_handed_over(store: OutcomeStore, kept: KeptRound) -> None:
    contribution, _ = hand_over(store, kept, judgements(kept), "Zhao")
    (file,) = store.files(contribution)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert lines == [
        {"code": "P0", "year": 2024, "outcome_axis": 65.0, "outcome_second": 50.0},
        {"code": "P1", "year": 2024, "outcome_axis": 90.0, "outcome_second": 50.0},
    ]


def test_they_are_handed_over_once(store: OutcomeStore, kept: KeptRound) -> None:
    first, new = hand_over(store, kept, judgements(kept), "Zhao")
    again, twice = hand_over(store, kept, judgements(kept), "Zhao")
    assert (first.number, new) == (again.number, True)
    assert not twice
    assert len(store.contributions()) == 2
    other, fresh = hand_over(store, kept, judgements(kept, two=False), "Zhao")
    assert fresh, "control: other judgements are another contribution"
    assert other.number != first.number


def test_where_nobody_has_judged_there_is_nothing_to_hand_over(
    store: OutcomeStore, kept: KeptRound
) -> None:
    with pytest.raises(TrainingError, match="expected judgements of round"):
        hand_over(store, kept, {}, "Zhao")


def test_the_recipe_remembers_whether_judgements_are_learned_from() -> None:
    split = TimeSplit(2022, 2023)
    for kept, expected in (({}, False), ({"judgements": True}, True)):
        settings = same_recipe(kept, split, catalogue_of(ruler()))
        assert settings.judgements is expected
        assert settings.recipe["judgements"] is expected
