"""Scoring by the workers of a cluster: the bundle sent to each once, and verified there."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

from features.project_files import Piece
from models.bundle import load_bundle
from models.cluster import Cluster
from models.registry import Registry, Release, Version
from serving.files.scored_piece import PieceScorer, ScoredPiece, ScoringTask


@dataclass(frozen=True)
class SentBundle:
    """A bundle's files as bytes, with the version whose digest they must have.

    Two are equal when their versions are: what was loaded of one was verified against the digest.
    """

    version: Version
    files: Mapping[str, bytes] = field(repr=False, compare=False)

    @classmethod
    def of(cls, registry: Registry, version: Version) -> SentBundle:
        """The files of a registered version, as they are."""
        folder = registry.folder / str(version.number)
        paths = (path for path in folder.rglob("*") if path.is_file())
        return cls(version, {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths})

    def release(self) -> Release:
        """The version, verified and loaded where it was sent to.

        Raises:
            BundleError: when the files are not what was registered.
        """
        with tempfile.TemporaryDirectory(prefix="lingji-bundle-") as folder:
            for name, content in self.files.items():
                path = Path(folder, name)
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(content)
            return Release(self.version, load_bundle(Path(folder), self.version.digest))


@dataclass(frozen=True)
class ClusterScorers:
    """Scores several pieces of a file at once, on the workers of a cluster."""

    cluster: Cluster
    bundle: SentBundle

    def worth_asking(self, pieces: int) -> bool:
        """Yes: a cluster is only asked where somebody has named one."""
        return pieces > 0

    @contextmanager
    def scoring(
        self, source: Path, version: Version, task: ScoringTask
    ) -> Iterator[Callable[[Iterator[Piece]], Iterator[ScoredPiece]]]:
        """What scores a file's pieces with the bundle, in order; few are under way at a time.

        Raises:
            BundleError: when a worker got other files than were registered.
            ClusterError: when the cluster loses a piece for good.
        """
        yield partial(self.cluster.map, _scored, (self.bundle, task))


def _scored(shared: tuple[SentBundle, ScoringTask], piece: Piece) -> ScoredPiece:
    bundle, task = shared
    return PieceScorer(task, _loaded(bundle)).score(piece)


@lru_cache(maxsize=1)
def _loaded(bundle: SentBundle) -> Release:
    """The release, loaded once in each worker."""
    return bundle.release()
