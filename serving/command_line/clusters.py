"""The option --cluster: who grows the trees and who scores the batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from models.cluster import opened
from models.registry import Registry, Release
from serving.cluster_mapper import ClusterMapper, SentBundle
from serving.scored_file import BatchMapper, InThisProcess
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
def mapper_at(address: str | None, registry: Registry, release: Release) -> Iterator[BatchMapper]:
    """Who scores batches: a cluster where its address is given, else this process."""
    if address is None:
        yield InThisProcess(release)
        return
    bundle = SentBundle.of(registry, release.version)
    with opened(address) as cluster:
        yield ClusterMapper(cluster, bundle)
