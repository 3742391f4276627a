"""Whether a record stands in the log, now and in what a checkpoint signed; and up to where."""

from __future__ import annotations

from dataclasses import dataclass

from serving.records.errors import LogDamaged
from serving.records.log_reader import LogReader
from serving.records.log_reading import Head, StoredRecord
from serving.records.receipt import in_base64
from serving.records.verification import (
    Checkpoint,
    Finding,
    NotVerified,
    VerifierKey,
    is_consistent,
    leaf_hash,
    private_findings,
    record_findings,
    root_from_inclusion,
    verified_checkpoint,
)
from serving.wording.envelope import Json


@dataclass(frozen=True)
class Signed:
    """A checkpoint that somebody brings, and the public key whose signature he believes."""

    note: str
    key: str


@dataclass(frozen=True)
class InclusionCheck:
    """What was found out about a record.

    size, root: of the log as it stands. checkpoint: the one that was brought, once its signature
    is verified. covered: whether the record is one of those that it signed. personal: how many
    personal values are those that the record commits to; erased: of how many only that is left.
    """

    record_id: str
    leaf_index: int
    size: int
    root: bytes
    checkpoint: Checkpoint | None
    personal: int
    erased: int
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def covered(self) -> bool:
        """Whether the record is one of those that the checkpoint signed."""
        return self.checkpoint is not None and self.leaf_index < self.checkpoint.size

    def as_json(self) -> Json:
        """The check for machines, and for its own record."""
        signed = self.checkpoint
        return {
            "holds": self.holds,
            "leaf_index": self.leaf_index,
            "tree_size": self.size,
            "root": in_base64(self.root),
            "checkpoint": signed
            and {"origin": signed.origin, "size": signed.size, "root": in_base64(signed.root)},
            "covered_by_checkpoint": self.covered,
            "personal_values": self.personal,
            "erased": self.erased,
            "findings": [vars(found) for found in self.findings],
        }


def inclusion_check(
    log: LogReader, stored: StoredRecord, signed: Signed | None = None
) -> InclusionCheck:
    """The check of a record against the log's present head, and a checkpoint if one is brought."""
    head = log.head()
    findings = _in_log(log, stored, head) + _personal(stored)
    checkpoint = None
    if signed is not None:
        try:
            checkpoint = verified_checkpoint(signed.note, VerifierKey.parse(signed.key))
            findings += _signed(log, stored, head, checkpoint)
        except NotVerified as error:
            findings.append(error.finding)
    erased = len(stored.erased)
    return InclusionCheck(
        stored.record_id,
        stored.leaf_index,
        head.size,
        head.root,
        checkpoint,
        len(stored.private) - erased,
        erased,
        tuple(findings),
    )


def _in_log(log: LogReader, stored: StoredRecord, head: Head) -> list[Finding]:
    """What speaks against the record being a leaf below the present root."""
    index, place = stored.leaf_index, f"record {stored.leaf_index}"
    if index >= head.size:
        return [Finding(place, f"one of the {head.size} records that the head counts", "another")]
    try:
        proof = log.inclusion_proof(index, head.size)
    except LogDamaged as error:
        return [_damage(error)]
    root = root_from_inclusion(index, head.size, leaf_hash(stored.leaf), proof)
    if root == head.root:
        return []
    got = "nothing" if root is None else f"{root.hex()[:16]}…"
    return [Finding(place, f"a record that leads to the root {head.root.hex()[:16]}…", got)]


def _personal(stored: StoredRecord) -> list[Finding]:
    """What speaks against the personal values being those that the record commits to."""
    place = f"record {stored.leaf_index}"
    findings = [
        Finding(place, f"{name} as it was sealed", "bytes that its key does not open")
        for name in stored.damaged
    ]
    for name, kept in stored.private.items():
        if kept is None:
            continue
        try:
            findings += private_findings(stored.leaf, name, kept.salt, kept.value, place)
        except NotVerified as error:
            findings.append(error.finding)
    return findings


def _signed(
    log: LogReader, stored: StoredRecord, head: Head, checkpoint: Checkpoint
) -> list[Finding]:
    """What speaks against the log having grown from the checkpoint, and the record being in it."""
    size = checkpoint.size
    if size > head.size:
        return [Finding("end of the log", f"the {size} records that were signed", f"{head.size}")]
    findings = []
    try:
        grown = log.consistency_proof(size, head.size)
        if not is_consistent(size, checkpoint.root, head.size, head.root, grown):
            expected = f"the first {size} records to be those that were signed"
            findings.append(Finding("checkpoint", expected, "others"))
        if stored.leaf_index < size:
            receipt = {
                "leaf_index": stored.leaf_index,
                "tree_size": size,
                "proof": [in_base64(h) for h in log.inclusion_proof(stored.leaf_index, size)],
            }
            findings += record_findings(receipt, stored.leaf, checkpoint)
    except LogDamaged as error:
        findings.append(_damage(error))
    return findings


def _damage(error: LogDamaged) -> Finding:
    return Finding(error.place, error.expected, error.got)
