"""What was planted in a province, as pairs of project codes of each kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import pyarrow.parquet as pq

from features.catalogue import load_catalogue
from features.duplicates.compared_fields import Fields
from features.duplicates.kinds import (
    CONTINUED,
    COPIED_TARGETS,
    COPIED_TEXT,
    OTHER_YEAR,
    SAME_YEAR,
    SPLIT,
)
from features.duplicates.traits import Traits, traits_of
from features.project_rows import parse_rows
from training.province.planting import planted

Codes = frozenset[str]
_KIND = {
    "duplicate_department": SAME_YEAR,
    "duplicate_level": SAME_YEAR,
    "duplicate_year": OTHER_YEAR,
    planted.SPLIT: SPLIT,
    "copied_text": COPIED_TEXT,
    "copied_targets": COPIED_TARGETS,
    "decoy_continued": CONTINUED,
}


def traits_in(file: Path, catalogue: str, fields: Fields) -> list[Traits]:
    """What is compared of every good row of a file, in file order."""
    ruler = load_catalogue(catalogue)
    return [
        traits_of(row.project, fields)
        for batch in parse_rows(file, ruler)
        for row in batch.rows
        if row.project is not None
    ]


def planted_pairs(file: Path) -> Mapping[str, set[Codes]]:
    """The pairs of codes that were planted, by the kind they should be found as."""
    pairs: defaultdict[str, set[Codes]] = defaultdict(set)
    parts: defaultdict[str, set[str]] = defaultdict(set)
    for fault in pq.read_table(file).to_pylist():
        kind = _KIND.get(fault["kind"])
        if kind == SPLIT:
            parts[fault["partner"] or fault["project_id"]].add(fault["project_id"])
        elif kind is not None:
            pairs[kind].add(frozenset((fault["project_id"], fault["partner"])))
    for of_one in parts.values():
        pairs[SPLIT] |= {frozenset(pair) for pair in combinations(sorted(of_one), 2)}
    return pairs
