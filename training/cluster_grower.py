"""Trees grown by the workers of a cluster, each on its share of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.cluster import Cluster, dask_version, losses_named
from training.growing import Growth, SpreadRows, grow_with_dask, rewritten, rows_per_leaf
from training.joined_text import joined, without_network
from training.node_counts import recounted


@dataclass(frozen=True)
class ClusterGrower:
    """Grows trees on a cluster: the same parameters, and as good, not the same bits.

    LightGBM's Dask estimators cannot go on from a model. The trees to go on from give each row its
    start instead, and the new trees are put behind them. What it says of how many rows reach a
    node is an estimate there, so they are counted.
    """

    cluster: Cluster

    @property
    def software(self) -> Mapping[str, str]:
        """Dask's version, and how many workers there are: another number grows other trees."""
        return {"dask": dask_version(), "dask_workers": str(len(self.cluster.threads))}

    def grow(self, growth: Growth) -> str:
        """LightGBM's text of the trees, those to go on from first.

        Raises:
            ClusterError: when a worker is lost: the others cannot go on without its rows.
        """
        rows, after = growth.rows, growth.after
        if after is None:
            matrix, target = self.cluster.spread(rows.matrix, rows.target)
            spread = SpreadRows(matrix, target, None)
        else:
            begun = after.predict(rows.matrix)
            spread = SpreadRows(*self.cluster.spread(rows.matrix, rows.target, begun))
        with losses_named():
            grown = without_network(grow_with_dask(growth, spread, self.cluster.client))
        counts = self.cluster.over_parts(rows_per_leaf, grown, spread.matrix)
        grown = recounted(grown, np.sum(counts, axis=0))
        return rewritten(grown if after is None else joined(after.text, grown))
