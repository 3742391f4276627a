"""The same model changes nothing for the same projects; another changes what is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.appraised_project import appraised_project
from models.model import Model
from tests.small_model import small, small_settings
from training.same_projects import TOP_REASONS, compare_same_projects
from training.train import train


def _other() -> Model:
    """A model that learned the axis upside down from half of the projects."""
    data = small().data
    outcomes = {**data.outcomes, "outcome_axis": 130 - data.outcomes["outcome_axis"]}
    other = replace(data, outcomes=outcomes).where(np.arange(len(data.projects)) % 2 == 0)
    return train(other, small_settings(other))


def test_the_same_model_changes_nothing() -> None:
    found = compare_same_projects(small().model, small().model, small().newest)
    assert (found.grade_flips, found.rank_correlation, found.changed_top_reasons) == (0, 1, 0)
    assert not any(each.places or any(each.moves.values()) for each in found.projects)


def test_another_model_changes_grades_ranks_and_reasons() -> None:
    other = _other()
    found = compare_same_projects(small().model, other, small().newest)
    assert found.rank_correlation is not None
    assert found.rank_correlation < 0.9
    assert found.changed_top_reasons
    assert len(found.projects) == len(small().newest)
    before, after = (m.predict(small().newest) for m in (small().model, other))
    flipped = 0
    for row, each in enumerate(found.projects):
        first, second = (
            appraised_project(m, p, row) for m, p in ((small().model, before), (other, after))
        )
        assert first.standing is not None
        assert second.standing is not None
        assert each.grade == (first.standing.grade, second.standing.grade)
        flipped += first.standing.grade != second.standing.grade
        for name, (was, now) in each.reasons.items():
            told = [
                [r.indicator or f"together:{r.dimension}" for r in side.heads[name].reasons[:]]
                for side in (first, second)
            ]
            assert (told[0][0], told[1][0]) == (was, now)
            tops = [names[:TOP_REASONS] for names in told]
            assert was not in tops[1] or now not in tops[0]
    assert found.grade_flips == flipped / len(found.projects) > 0


def test_places_are_moves_in_one_ranking() -> None:
    found = compare_same_projects(small().model, _other(), small().newest)
    assert sum(each.places or 0 for each in found.projects) == 0
    assert any(each.places for each in found.projects)


def test_flipped_grades_come_first() -> None:
    found = compare_same_projects(small().model, _other(), small().newest)
    first = found.most_affected(10)
    assert all(each.flipped for each in first)
    places = [abs(each.places or 0) for each in first]
    assert places == sorted(places, reverse=True)
