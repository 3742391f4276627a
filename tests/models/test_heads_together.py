"""Heads side by side: each says what its own trees, offsets and peers say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from features.indicator_table import feature_matrix
from models.head import contributions_of, positive_logs
from tests.small_model import province, small


@pytest.mark.parametrize("model", [small, province])
def test_each_head_says_what_it_says_alone(model: Any) -> None:
    trained = model()
    whole = trained.model.predict(trained.newest[:30])
    table, vocabulary, peer = whole.table, trained.model.vocabulary, whole.peer
    for name, head in trained.model.heads.items():
        found, declaration = whole.heads[name], head.declaration
        assert found.value.tobytes() == head.value(table, vocabulary).tobytes()
        alone = head.central.explain(feature_matrix(table, head.central.features, vocabulary))
        logs = positive_logs(table, declaration.relative_to)
        moved = contributions_of(declaration, head.terms, head.margin, logs, alone)
        np.testing.assert_array_equal(found.contributions, moved - head.background[peer])
        base = head.margin(np.array([alone.base])) + head.background.sum(axis=1)[peer]
        np.testing.assert_array_equal(found.base, base)
        if head.range is None:
            assert (found.range_group == -1).all()
            continue
        raw, used = head.raw_range(table, vocabulary), head.range.group_used(whole.memberships)
        low, high = head.range.apply(raw.low, raw.high, raw.unit, used)
        np.testing.assert_array_equal(found.range_group, used)
        np.testing.assert_array_equal(found.low, np.minimum(low, found.value))
        np.testing.assert_array_equal(found.high, np.maximum(high, found.value))
