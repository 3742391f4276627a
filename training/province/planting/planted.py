"""What was planted, as the truth tells it: one entry per fault, and per look-alike without one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import pyarrow as pa

DUPLICATES = ("duplicate_department", "duplicate_year", "duplicate_level")
SPLIT = "split"
COPIES = ("copied_text", "copied_targets")
PADDED_PRICE = "padded_price"
VIOLATIONS = (
    "missing_document",
    "expired_policy",
    "sums_wrong",
    "wrong_economic_code",
    "vague_targets",
)
# Not faults: what must not be taken for one.
DECOYS = ("decoy_continued", "decoy_neighbour", "decoy_sibling", "decoy_particulars")
KINDS = (*DUPLICATES, SPLIT, *COPIES, PADDED_PRICE, *VIOLATIONS, *DECOYS)


@dataclass(frozen=True)
class Planted:
    """One planted fault: of a kind, in a project, concerning an item of it or a partner.

    `item` is a place in the declaration, such as `cost_lines[2]` (counted from 1) or `kpi`.
    `partner` is the other project of a pair. `detail` holds what was done in a few words: the
    factor of a price, the threshold of a split, the right economic code.
    """

    kind: str
    project_id: str
    fiscal_year: int
    item: str | None = None
    partner: str | None = None
    partner_year: int | None = None
    detail: str | None = None


SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("project_id", pa.string()),
        ("fiscal_year", pa.int64()),
        ("item", pa.string()),
        ("partner", pa.string()),
        ("partner_year", pa.int64()),
        ("detail", pa.string()),
    ]
)


def planted_table(planted: Iterable[Planted]) -> pa.Table:
    """One row per planted fault."""
    return pa.Table.from_pylist([asdict(one) for one in planted], schema=SCHEMA)
