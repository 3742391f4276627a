"""The options --cluster and --workers of scoring: who scores a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from models.cluster import opened
from models.registry import Registry, Release
from serving.files.cluster_scorers import ClusterScorers, SentBundle
from serving.files.scored_file import Scorers
from serving.files.scoring_processes import Workers, usable_cores


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
