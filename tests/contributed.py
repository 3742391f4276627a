"""Contributions of the small ruler's invented outcomes."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.rulers import catalogue_of, ruler
from tests.small_model import ROUNDS, small_document, small_outcomes
from training.outcome_store import OutcomeStore

CATALOGUE = catalogue_of(ruler())
Rows = list[dict[str, Any]]


def small_rows(count: int, seed: int = 7) -> Rows:
    """Projects with outcomes, flat, over five rounds: row n is P<n>, of office O<n mod 7>."""
    chance = np.random.default_rng(seed)
    documents = [small_document(chance, n, ROUNDS[n % len(ROUNDS)]) for n in range(count)]
    return [{**document, **small_outcomes(chance, document)} for document in documents]


def written(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """The path of a CSV file that now holds the rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        columns = dict.fromkeys(name for row in rows for name in row)
        writer = csv.DictWriter(stream, list(columns))
        writer.writeheader()
        writer.writerows(rows)
    return path


def contributed(
    home: Path,
    count: int = 900,
    kept: Callable[[dict[str, Any]], bool] = lambda row: True,
) -> OutcomeStore:
    """A store to which the small rows were contributed, those that are kept."""
    store = OutcomeStore(home, CATALOGUE)
    rows = [row for row in small_rows(count) if kept(row)]
    store.add(written(home / f"rows-{len(rows)}.csv", rows), "bureau")
    return store
