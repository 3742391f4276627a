"""What a caller hands in beside a record, and what he gets for it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

KEEP_ANSWERS = timedelta(days=7)
"""How long an answer is given again: longer than anybody repeats a call that got no answer."""


@dataclass(frozen=True)
class Once:
    """What makes a request take effect once: whose key, which body, and the answer to repeat.

    scope: within which the key is unique, such as the caller. body_digest: of the request's bytes.
    answer: what is answered when the same request comes again.
    """

    scope: str
    key: str
    body_digest: bytes
    answer: bytes = b""


@dataclass(frozen=True)
class Receipt:
    """Proof that a record is in the log: from its leaf's hash to the root at a size.

    root_then: of the log that ends with this record, which never changes. repeated: the idempotency
    key had been used; this is the first request's record, and `answer` its answer.
    """

    record_id: str
    leaf_index: int
    leaf_hash: bytes
    tree_size: int
    root: bytes
    proof: tuple[bytes, ...]
    root_then: bytes
    repeated: bool = False
    answer: bytes | None = None

    def as_json(self) -> dict[str, Any]:
        """The receipt as it is given out; `verification.record_findings` reads it."""
        return {
            "record_id": self.record_id,
            "leaf_index": self.leaf_index,
            "leaf_hash": in_base64(self.leaf_hash),
            "tree_size": self.tree_size,
            "root": in_base64(self.root),
            "proof": [in_base64(found) for found in self.proof],
        }


def in_base64(content: bytes) -> str:
    """The bytes as text."""
    return base64.b64encode(content).decode()
