"""Scoring on a cluster: the same bytes as on one machine, from a bundle verified by each worker."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.errors import BundleError
from models.bundle import save_bundle
from models.cluster import Cluster
from models.registry import Registry, Release
from serving.files import cluster_scorers, scored_file
from serving.files.cluster_scorers import ClusterScorers, SentBundle
from serving.files.scored_file import score_file
from tests.small_model import small, small_document


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A registry with the small ruler's model in service."""
    folder = tmp_path_factory.mktemp("registry")
    registry = Registry(folder, "small")
    save_bundle(small().model, folder / "bundle")
    registry.promote(registry.register(folder / "bundle", "2025-01-01").number)
    return registry


@pytest.fixture
def release(registry: Registry) -> Release:
    return registry.release()


@pytest.fixture
def bundle(registry: Registry, release: Release) -> SentBundle:
    return SentBundle.of(registry, release.version)


def _projects(path: Path, count: int = 60) -> Path:
    """Projects in file order, refused and not rated ones among them."""
    chance = np.random.default_rng(5)
    documents: list[dict[str, Any]] = [small_document(chance, n, 2025) for n in range(count)]
    documents[7]["level"] = "town"
    documents[33].pop("type")  # key evidence: good, and not rated
    path.write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("full", [False, True])
def test_a_cluster_writes_the_same_bytes(
    kind: str,
    full: bool,
    cluster: Cluster,
    release: Release,
    bundle: SentBundle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scored_file, "BATCH", 7)  # more batches than are under way at a time
    source = _projects(tmp_path / "in.jsonl")

    def scored(name: str, **options: Any) -> tuple[Any, bytes, bytes]:
        out, ranking = tmp_path / f"{name}.{kind}", tmp_path / f"{name}-ranking.csv"
        done = score_file(source, out, release, full=full, ranking=ranking, **options)
        return done, out.read_bytes(), ranking.read_bytes()

    here = scored("here")
    assert scored("there", scorers=ClusterScorers(cluster, bundle)) == here
    assert (here[0].rows, here[0].not_rated, here[0].refused) == (60, 1, 1)
    other = replace(bundle, version=replace(bundle.version, number=9))
    assert scored("other", scorers=ClusterScorers(cluster, other)) != here  # control


def test_each_worker_loads_the_bundle_once(
    cluster: Cluster, release: Release, bundle: SentBundle, tmp_path: Path
) -> None:
    cluster.client.run(cluster_scorers._loaded.cache_clear)
    source = _projects(tmp_path / "in.jsonl", 700)
    score_file(source, tmp_path / "out.csv", release, scorers=ClusterScorers(cluster, bundle))
    told = cluster.client.run(cluster_scorers._loaded.cache_info).values()
    assert [info.misses for info in told] == [1, 1]


@pytest.mark.parametrize("name", ["model.json", "trees/axis.central.txt", "manifest.json"])
def test_a_worker_refuses_other_files_than_were_registered(
    name: str, cluster: Cluster, release: Release, bundle: SentBundle, tmp_path: Path
) -> None:
    altered = replace(
        bundle,
        version=replace(bundle.version, number=2, created=name),  # not yet loaded by a worker
        files={**bundle.files, name: bundle.files[name] + b" "},
    )
    with pytest.raises(BundleError, match=r"expected .*sha256"):
        score_file(
            _projects(tmp_path / "in.jsonl"),
            tmp_path / "out.csv",
            release,
            scorers=ClusterScorers(cluster, altered),
        )


def test_a_bundle_sent_is_the_bundle_kept(bundle: SentBundle, release: Release) -> None:
    again = bundle.release()
    assert again.version == release.version
    projects = small().newest[:5]
    for name, found in again.model.predict(projects).heads.items():
        kept = release.model.predict(projects).heads[name]
        np.testing.assert_array_equal(found.contributions, kept.contributions)
    assert "manifest" not in repr(bundle)
