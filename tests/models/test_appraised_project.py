"""An appraised project: what a model says of it, before words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from models.appraised_project import AppraisedProject, appraised_project
from models.explanation import explain_head
from models.priority import grade, rank_score
from tests.small_model import Trained, small


def _appraised(trained: Trained, **values: Any) -> AppraisedProject:
    project = trained.newest[0]
    changed = replace(project, values={**project.values, **values})
    return appraised_project(trained.model, trained.model.predict([changed]), 0)


def test_heads_and_standing_are_those_of_the_prediction() -> None:
    trained = small()
    model, prediction = trained.model, trained.model.predict(trained.newest[:20])
    policy = model.catalogue.priority
    assert policy is not None
    for row in range(20):
        found = appraised_project(model, prediction, row)
        assert found.project is prediction.projects[row]
        assert (found.status, found.missing) == ("rated", ())
        alone = {name: explain_head(model, prediction, name, row) for name in model.heads}
        assert found.heads == {name: head for name, head in alone.items() if head is not None}
        assert found.standing is not None
        axes = found.heads[policy.necessity].value, found.heads[policy.importance].value
        assert found.standing.grade == grade(*axes, policy)
        ranked = found.standing.ranked
        assert ranked.project_id == found.project.project_id
        assert (ranked.rank_score, ranked.necessity) == (rank_score(*axes, policy), axes[0])


def test_without_its_key_evidence_nothing_is_said_of_a_project() -> None:
    found = _appraised(small(), type=None)
    assert (found.status, found.missing) == ("not_rated", ("type",))
    assert not found.heads
    assert found.standing is None


def test_a_head_that_cannot_say_is_not_among_them() -> None:
    bare = _appraised(small(), area=None)  # the cost is relative to the area
    assert "cost" not in bare.heads
    assert bare.standing is not None
    assert "cost" in _appraised(small()).heads  # control


def test_without_both_axes_there_is_no_standing() -> None:
    trained = small()
    prediction = trained.model.predict(trained.newest[:1])
    silent = prediction.heads["second"]._replace(value=np.array([np.nan]))
    heads = {**prediction.heads, "second": silent}
    found = appraised_project(trained.model, replace(prediction, begun=lambda: heads), 0)
    assert "axis" in found.heads
    assert found.standing is None
