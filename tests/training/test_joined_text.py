"""Texts of trees: joined they predict the sum, and they name no machine."""

from __future__ import annotations

from functools import cache

import lightgbm
import numpy as np

from models.trees import Trees
from training.growing import TrainingRows, TreeSettings, grow_trees, rewritten
from training.joined_text import joined, without_network
from training.objective import SQUARED_ERROR

NAMES = ("a", "b")
SETTINGS = TreeSettings(trees=6, leaves=5, least_rows_per_leaf=10)


@cache
def _two() -> tuple[Trees, Trees, TrainingRows]:
    """Trees of two different targets over the same 300 rows."""
    chance = np.random.default_rng(7)
    matrix = chance.normal(size=(300, 2))
    first, second = (
        grow_trees(TrainingRows(matrix, target), NAMES, [], [0, 0], SQUARED_ERROR, SETTINGS)
        for target in (10 + matrix[:, 0], matrix[:, 1] ** 2)
    )
    return first, second, TrainingRows(matrix, 10 + matrix[:, 0] + matrix[:, 1])


def test_joined_trees_predict_the_sum() -> None:
    first, second, rows = _two()
    both = Trees(rewritten(joined(first.text, second.text)), NAMES)
    assert both.count == 12
    apart = first.predict(rows.matrix) + second.predict(rows.matrix)
    np.testing.assert_allclose(both.predict(rows.matrix), apart, rtol=0, atol=1e-12)
    begun = lightgbm.Booster(model_str=both.text).predict(
        rows.matrix, num_iteration=6, raw_score=True, num_threads=1
    )
    np.testing.assert_array_equal(begun, first.predict(rows.matrix))


def test_a_joined_text_is_the_one_that_lightgbm_writes_when_it_goes_on_from_a_model() -> None:
    first, _, rows = _two()
    further = grow_trees(rows, NAMES, [], [0, 0], SQUARED_ERROR, SETTINGS, first).text
    head, *blocks = further.split("Tree=")
    new = "".join(f"Tree={n}{block[block.index(chr(10)) :]}" for n, block in enumerate(blocks[6:]))
    assert new.count("Tree=") == 6
    assert rewritten(joined(first.text, head + new)) == further


def test_a_text_names_no_machine() -> None:
    text = _two()[0].text
    elsewhere = text.replace("[machines: ]", "[machines: 10.1.2.3:1234,10.1.2.4:99]")
    elsewhere = elsewhere.replace("[local_listen_port: 12400]", "[local_listen_port: 1234]")
    elsewhere = elsewhere.replace("[num_machines: 1]", "[num_machines: 2]")
    assert elsewhere != text
    assert without_network(elsewhere) == text
    assert without_network(text) == text
