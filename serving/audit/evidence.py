"""What proves an exported record offline: its leaf, its receipts, and the checkpoints they meet."""

from __future__ import annotations

from serving.audit.auditing import Auditing, Dossier
from serving.records.receipt import in_base64
from serving.records.verification import EXPORT_FORMAT
from serving.wording.envelope import Json


def evidence(auditing: Auditing, dossier: Dossier, *, personal: bool) -> Json:
    """An exported record as `serving.records.verification.verify_record` reads it.

    It brings receipts for the log as it stands and for two checkpoints: the first that covers the
    record, and the newest.

    Args:
        personal: whether the personal values go with it; where not, their commitments do.
    """
    stored, receipt = dossier.stored, dossier.receipt
    covering = [] if receipt is None else _covering(auditing, stored.leaf_index, receipt.tree_size)
    receipts = [] if receipt is None else [receipt.as_json()]
    for size, root, _ in covering:
        if all(each["tree_size"] != size for each in receipts):
            proof = auditing.inclusion_proof(stored.leaf_index, size)
            receipts.append(
                {
                    "record_id": stored.record_id,
                    "leaf_index": stored.leaf_index,
                    "tree_size": size,
                    "root": root,
                    "proof": [in_base64(found) for found in proof],
                }
            )
    kept = stored.private if personal else {}
    return {
        "type": "record",
        "format": EXPORT_FORMAT,
        "leaf": stored.leaf.decode(errors="replace"),
        "private": {
            name: {"salt": in_base64(value.salt), "value": value.value.decode(errors="replace")}
            for name, value in kept.items()
            if value is not None
        },
        "receipts": receipts,
        "checkpoints": [note for _, _, note in covering],
    }


def _covering(auditing: Auditing, index: int, most: int) -> list[tuple[int, str, str]]:
    """The first and the newest checkpoint that cover a record: size, root and note of each.

    Nobody's signature is verified here: whoever verifies brings the key.
    """
    found = []
    for note in auditing.checkpoints():
        lines = note.split("\n")
        if index < int(lines[1]) <= most:
            found.append((int(lines[1]), lines[2], note))
    return list(dict.fromkeys([*found[:1], *found[-1:]]))
