"""The option --cluster of training: who grows the trees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from models.cluster import opened
from training.cluster_grower import ClusterGrower
from training.growing import THIS_MACHINE, Grower


@contextmanager
def grower_at(address: str | None) -> Iterator[Grower]:
    """The grower of trees: a cluster where its address is given, else this process."""
    if address is None:
        yield THIS_MACHINE
        return
    with opened(address) as cluster:
        yield ClusterGrower(cluster)
