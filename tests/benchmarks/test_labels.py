"""Labels of categories, as LightGBM and a DataFrame have them."""

from __future__ import annotations

import lightgbm
import numpy as np
import pandas as pd

from benchmarks.labels import NO_LABELS, labelled, records
from models.trees import Trees
from training.growing import DETERMINISTIC

LABELS = {"kind": ("road", "school", "clinic"), "unused": ("a", "b"), "level": ("city", "county")}


def small_frame() -> pd.DataFrame:
    """500 rows of a number and three categories; one of them is the same in every row."""
    chance = np.random.default_rng(3)
    drawn = {name: chance.integers(0, len(known), 500) for name, known in LABELS.items()}
    drawn["unused"][:] = 0
    columns = {name: pd.Categorical.from_codes(drawn[name], LABELS[name]) for name in LABELS}
    frame = pd.DataFrame({"area": chance.normal(size=500), **columns})
    return frame[["area", "kind", "unused", "level"]]


def trained(rows: pd.DataFrame, target: np.ndarray, **more: list[str]) -> str:
    data = lightgbm.Dataset(rows, label=target, **more)
    parameters = {**DETERMINISTIC, "feature_pre_filter": True}  # which drops what is constant
    return str(lightgbm.train(parameters, data, 5).model_to_string())


def test_labelled_trees_are_what_lightgbm_writes_when_trained_from_a_frame() -> None:
    frame = small_frame()
    numbers = frame.assign(**{name: frame[name].cat.codes.astype(float) for name in LABELS})
    target = np.asarray(3 * (frame["kind"] == "school") + (frame["level"] == "city"), np.float64)
    from_labels = trained(frame, target)
    from_numbers = trained(numbers, target, categorical_feature=list(LABELS))
    trees = Trees(from_numbers, tuple(frame.columns))
    assert " none " in from_numbers  # a category that no tree can use, and whose labels are kept
    assert labelled(trees, LABELS).model_to_string() == from_labels
    # Controls: without labels, and with labels in another order, the text is another.
    turned = {name: tuple(reversed(known)) for name, known in LABELS.items()}
    assert from_labels not in (
        from_numbers,
        labelled(trees, NO_LABELS).model_to_string(),
        labelled(trees, turned).model_to_string(),
    )


def test_records_have_labels_or_numbers_and_nothing_for_unknown() -> None:
    first = (("area", "kind"), np.array([[1.5, 2.0], [np.nan, np.nan]]))
    second = (("kind", "level"), np.array([[2.0, 0.0], [np.nan, 1.0]]))
    assert records([first, second], LABELS) == [
        {"area": 1.5, "kind": "clinic", "level": "city"},
        {"area": None, "kind": None, "level": "county"},
    ]
    assert records([first, second], NO_LABELS) == [
        {"area": 1.5, "kind": 2.0, "level": 0.0},
        {"area": None, "kind": None, "level": 1.0},
    ]
