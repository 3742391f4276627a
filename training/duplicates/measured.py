"""How well duplicates, splits and copies that were planted are found, kind by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from features.duplicates.compared_fields import Compared
from features.duplicates.finding import found_pairs
from features.duplicates.found_pair import FoundPair
from features.duplicates.kinds import KINDS
from training.duplicates.planted_truth import Codes, planted_pairs, traits_in
from training.province import simulate_province


@dataclass(frozen=True)
class Measured:
    """Pairs of one kind: planted, found, and found as what they are."""

    kind: str
    planted: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """Share of the found pairs that were planted; NaN where nothing was found."""
        return self.right / self.found if self.found else float("nan")

    @property
    def recall(self) -> float:
        """Share of the planted pairs that were found; NaN where nothing was planted."""
        return self.right / self.planted if self.planted else float("nan")


def measured(found: Sequence[FoundPair], truth: Mapping[str, set[Codes]]) -> list[Measured]:
    """Each kind's pairs against the truth about it, by project codes."""
    return [_of_kind(kind, found, truth.get(kind, set())) for kind in KINDS]


def measured_together(seeds: Sequence[Sequence[Measured]]) -> list[Measured]:
    """The counts of several provinces, kind by kind."""
    return [
        Measured(kind.kind, *(sum(getattr(m, name) for m in same)
                              for name in ("planted", "found", "right")))
        for same in zip(*seeds, strict=True)
        for kind in same[:1]
    ]  # fmt: skip


def measured_in_province(compared: Compared, seed: int, projects: int) -> list[Measured]:
    """What is found in a freshly simulated province with planted faults."""
    with TemporaryDirectory() as folder:
        files = simulate_province(Path(folder), projects, seed=seed, planting=True)
        assert files.planted is not None  # noqa: S101
        told = traits_in(files.projects, compared.catalogue, compared.fields)
        truth = planted_pairs(files.planted)
    return measured(found_pairs(told, compared), truth)


def _of_kind(kind: str, found: Sequence[FoundPair], truth: set[Codes]) -> Measured:
    codes = {
        frozenset((pair.one.project_id, pair.other.project_id))
        for pair in found
        if pair.kind == kind
    }
    return Measured(kind, len(truth), len(codes), len(codes & truth))
