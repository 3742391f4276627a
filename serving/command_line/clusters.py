"""The options --cluster and --workers: who grows the trees, and who scores a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from models.cluster import opened
from models.registry import Registry, Release
from serving.files.cluster_scorers import ClusterScorers, SentBundle
from serving.files.scored_file import Scorers
from serving.files.scoring_processes import Workers, usable_cores
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


@contextmanager
def scorers_at(
    address: str | None, workers: int | None, registry: Registry, release: Release
) -> Iterator[Scorers]:
    """Who scores a file: a cluster where its address is given, else processes of this machine."""
    if address is None:
        yield Workers(workers or usable_cores(), registry)
        return
    bundle = SentBundle.of(registry, release.version)
    with opened(address) as cluster:
        yield ClusterScorers(cluster, bundle)
