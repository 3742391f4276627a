"""The usual way answers with the project's own numbers, so that only its time differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pytest

from benchmarks.labels import NO_LABELS, Codes, labelled, records
from benchmarks.reference import LABELS, NAMES, grown, smooth_matrix, smooth_target
from benchmarks.subject import prepared
from features.operations import Numbers
from models.trees import Trees
from tests.small_model import SMALL_TREES, province
from training.growing import TrainingRows

pytest.importorskip("shap")
from benchmarks.plain_heads import PlainHead, PlainHeads

pytestmark = pytest.mark.filterwarnings("ignore:LightGBM binary classifier:UserWarning")
ROWS = 600
Matrices = Mapping[str, tuple[Trees, Numbers]]


def every_label(names: Sequence[str], matrix: Numbers, codes: Codes) -> Numbers:
    """The rows, then again with each category's labels in turn, and with each one unknown."""
    changed = [matrix]
    for place, name in enumerate(names):
        if name in codes:
            again, known = matrix.copy(), len(codes[name])
            again[:, place] = np.arange(len(matrix)) % (known + 1)
            again[again[:, place] == known, place] = np.nan
            changed.append(again)
    return np.concatenate(changed)


@cache
def bundle() -> tuple[Matrices, Codes]:
    """The province's heads with rows of real projects, every label among them."""
    model, codes = province().model, province().model.vocabulary.codes
    found = {
        head.declaration.name: (
            head.central,
            every_label(head.central.features, matrix, codes),
        )
        for head, matrix in prepared(model, province().data.projects[:ROWS])
    }
    return found, codes


@cache
def reference() -> tuple[Matrices, Codes]:
    """One reference head with rows of its kind."""
    learned = smooth_matrix(ROWS, 1)
    trees = grown(TrainingRows(learned, smooth_target(learned, 0)), SMALL_TREES)
    return {"reference": (trees, every_label(NAMES, smooth_matrix(ROWS, 2), LABELS))}, LABELS


def furthest(head: PlainHead, trees: Trees, matrix: Numbers, asked: Codes) -> tuple[float, float]:
    """How far predictions and contributions are from the project's own, at most."""
    plain = PlainHeads({"it": head.booster})
    predicted, contributions = plain.explained(records([(trees.features, matrix)], asked))["it"]
    own = trees.explain(matrix)
    expected = 1 / (1 + np.exp(-own.values)) if "objective=binary" in trees.text else own.values
    return (
        float(np.abs(predicted - expected).max()),
        float(np.abs(contributions - own.contributions).max()),
    )


@pytest.mark.parametrize("made", [bundle, reference])
@pytest.mark.parametrize("labels", [True, False])
def test_usual_way_gives_the_projects_own_numbers(made, labels: bool) -> None:
    matrices, codes = made()
    codes = codes if labels else NO_LABELS
    for trees, matrix in matrices.values():
        head = PlainHead(labelled(trees, codes))
        assert set(head.categories) == set(codes) & set(trees.features)
        assert len(matrix) > ROWS
        assert max(furthest(head, trees, matrix, codes)) <= 1e-9


@pytest.mark.parametrize("made", [bundle, reference])
def test_control_labels_in_another_order_give_other_numbers(made) -> None:
    matrices, codes = made()
    turned = {name: tuple(reversed(known)) for name, known in codes.items()}
    for trees, matrix in matrices.values():
        head = PlainHead(labelled(trees, turned))
        assert min(furthest(head, trees, matrix, codes)) > 1e-3


def test_control_labels_of_a_column_left_out_are_refused() -> None:
    matrices, codes = bundle()
    trees, _ = next(iter(matrices.values()))
    fewer = {name: known for name, known in codes.items() if name != "pro_attr"}
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        PlainHead(labelled(trees, fewer))


def test_frame_has_numbers_and_the_categories_of_the_training() -> None:
    matrices, codes = reference()
    trees, _ = matrices["reference"]
    plain = PlainHeads({"reference": labelled(trees, codes)})
    frame = plain.frame([{"x0": 1.5, "x39": "x39 2"}, {"x0": None, "x38": "x38 0", "x39": None}])
    assert sorted(frame.columns) == sorted(NAMES)
    numbers = [name for name in NAMES if name not in LABELS]
    assert set(frame[numbers].dtypes) == {np.dtype(np.float64)}
    assert {name: tuple(frame[name].cat.categories) for name in LABELS} == LABELS
    assert frame["x39"].cat.codes.tolist() == [2, -1]
    assert frame["x38"].cat.codes.tolist() == [-1, 0]
    assert frame["x0"].tolist() == pytest.approx([1.5, np.nan], nan_ok=True)
