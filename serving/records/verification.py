"""Whether a record log is what its signed checkpoints say: all that an auditor needs, in a file.

This file imports the standard library and `cryptography` and nothing else, so it can be copied away
from the project, read in one sitting, and run on a machine of the auditor's own:

    python verification.py log.jsonl --key lingji.vkey --checkpoint kept_elsewhere.txt
    python verification.py --record record.html --key lingji.vkey --checkpoint kept_elsewhere.txt

It holds the only implementation of the log's hashes. The formats it reads:

* The tree is RFC 6962's (RFC 9162, section 2.1): SHA-256, a leaf is hashed behind a byte 0x00, an
  inner node behind 0x01.
* A checkpoint is a C2SP tlog-checkpoint in a C2SP signed note with an Ed25519 signature, and the
  key is a note's verifier key: `name+id+base64`.
* A log is exported as JSON lines: `{"type": "log", …}` first, then a `leaf` for each record in
  order, and each stored `checkpoint` behind the last record that it covers.
* A record is exported as a JSON object, `{"type": "record", …}`, or in a page that holds it: its
  leaf, and receipts: each proves that it is among the records that a checkpoint of its size signed.
* A private value stands in its leaf as SHA-256(salt ‖ value), and beside the leaf with its salt
  until it is erased. An erasure has a record behind it, of kind `erasure`, which names the value.

What an export shows by itself is only that it agrees with itself: whoever can write to the database
can make such a log. A checkpoint that was kept elsewhere shows that the records it covers are the
ones that stood there when it was signed.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import hmac
import html
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

EXPORT_FORMAT = 2
ERASURE = "erasure"
"""The kind of record that says which private values of another were erased."""
EMPTY_ROOT = hashlib.sha256(b"").digest()
SALT_BYTES = 32
_HASH_BYTES = 32
_ED25519 = 0x01
_SIGNATURE_BYTES = 64
_MOST_SIGNATURES = 64
_EM_DASH = "\u2014"
_EVIDENCE = '<pre id="evidence">'


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it must be: where, what was expected, and what came."""

    place: str
    expected: str
    got: str

    def message(self) -> str:
        """The finding as one sentence."""
        return f"{self.place}: expected {self.expected}; got {self.got}"


class NotVerified(Exception):
    """A checkpoint, key or file that cannot be believed; it holds the finding."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.message())


class UnknownKey(NotVerified):
    """A checkpoint that none of the believed keys has signed."""


# Hashes


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def commitment(salt: bytes, value: bytes) -> bytes:
    """What stands in a leaf for a private value: SHA-256 over 32 random bytes and the value's."""
    if len(salt) != SALT_BYTES:
        raise NotVerified(Finding("salt", f"{SALT_BYTES} bytes", f"{len(salt)}"))
    return hashlib.sha256(salt + value).digest()


def joined(frontier: Sequence[bytes]) -> bytes:
    """The root of a tree from its frontier: the roots of its complete parts, largest first."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for left in reversed(frontier[:-1]):
        root = node_hash(left, root)
    return root


class Frontier:
    """A growing tree of which only the roots of the complete parts are kept: O(log n)."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count():
            expected = f"{size.bit_count()} hashes for {size} records"
            raise NotVerified(Finding("frontier", expected, f"{len(self.hashes)}"))

    def append(self, hashed_leaf: bytes) -> None:
        """Add the next leaf."""
        carried, size = hashed_leaf, self.size
        while size & 1:
            carried = node_hash(self.hashes.pop(), carried)
            size >>= 1
        self.hashes.append(carried)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree so far."""
        return joined(self.hashes)


# Proofs


def root_from_inclusion(
    index: int, size: int, hashed_leaf: bytes, proof: Sequence[bytes]
) -> bytes | None:
    """The root that a proof leads to (RFC 9162, 2.1.3.2); None when it has not the right shape."""
    if not 0 <= index < size:
        return None
    first, last, root = index, size - 1, hashed_leaf
    for sibling in proof:
        if last == 0:
            return None
        if first & 1 or first == last:
            root = node_hash(sibling, root)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        first, last = first >> 1, last >> 1
    return root if last == 0 else None


def is_consistent(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """True when the larger tree begins with the smaller one (RFC 9162, 2.1.4.2)."""
    if old_size == new_size:
        return old_root == new_root and not proof
    if old_size == 0:
        return old_root == EMPTY_ROOT and not proof
    if not 0 < old_size < new_size:
        return False
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    first, last = old_size - 1, new_size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old = new = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new = node_hash(new, node)
        first, last = first >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


# Keys and checkpoints


@dataclass(frozen=True)
class VerifierKey:
    """Whose signature is believed: a name and an Ed25519 public key (C2SP signed-note)."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name ‖ newline ‖ 0x01 ‖ public key)."""
        content = self.name.encode() + b"\n" + bytes([_ED25519]) + self.public
        return hashlib.sha256(content).digest()[:4]

    def text(self) -> str:
        """The key as it is written down: `name+id+base64`."""
        encoded = base64.b64encode(bytes([_ED25519]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """The key that a text holds.

        Raises:
            NotVerified: when it is not `name+id+base64` of an Ed25519 key, or its id is another's.
        """
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        require_key_name(name)
        raw = _from_base64(encoded, "verifier key")
        if len(raw) != 1 + _HASH_BYTES or raw[0] != _ED25519:
            expected = "an Ed25519 key: a byte 1 and 32 bytes, in base64"
            raise NotVerified(Finding("verifier key", expected, f"{len(raw)} bytes"))
        key = cls(name, raw[1:])
        if key.key_id.hex() != key_id:
            raise NotVerified(Finding("verifier key", f"the id {key.key_id.hex()}", key_id))
        return key

    def signed(self, text: str, signature: bytes) -> bool:
        """True when the signature is this key's, over that text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


def require_key_name(name: str) -> None:
    """Return when a key may have that name.

    Raises:
        NotVerified: when it is empty or holds a space, a plus or a control character.
    """
    if not name or "+" in name or any(c.isspace() or not c.isprintable() for c in name):
        raise NotVerified(Finding("key name", "a name without spaces and +", repr(name)))


@dataclass(frozen=True)
class Checkpoint:
    """A tree head as it was signed: which log, how many records, and their root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def verified_checkpoint(note: str, *keys: VerifierKey) -> Checkpoint:
    """The checkpoint that a note holds, signed by one of the keys; others are ignored.

    Raises:
        UnknownKey: when none of the keys has signed it.
        NotVerified: when it is no checkpoint, or a signature of a key is not that key's.
    """
    text, signatures = _opened_note(note)
    known = {(key.name, key.key_id): key for key in keys}
    ours = [(known[n, k], signature) for n, k, signature in signatures if (n, k) in known]
    if not ours:
        had = ", ".join(f"{name} {key_id.hex()}" for name, key_id, _ in signatures)
        expected = " or ".join(f"{name} {key_id.hex()}" for name, key_id in known) or "a known key"
        raise UnknownKey(Finding("checkpoint", f"a signature of {expected}", f"those of {had}"))
    for key, signature in ours:
        if len(signature) != _SIGNATURE_BYTES or not key.signed(text, signature):
            expected = f"a valid signature of {key.name}"
            raise NotVerified(Finding("checkpoint", expected, "one that does not verify"))
    return _read_checkpoint(text)


def _opened_note(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """The text of a signed note, and the name, key id and signature of each of its signatures."""
    text, blank, tail = note.rpartition("\n\n")
    controls = any(ord(c) < 0x20 and c != "\n" for c in note)
    if not blank or not tail.endswith("\n") or controls:
        expected = "a signed note: text, a blank line, and signature lines"
        raise NotVerified(Finding("checkpoint", expected, "something else"))
    lines = tail[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        expected = f"at most {_MOST_SIGNATURES} signatures"
        raise NotVerified(Finding("checkpoint", expected, f"{len(lines)}"))
    signatures = []
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != _EM_DASH:
            expected = f"signature lines `{_EM_DASH} name base64`"
            raise NotVerified(Finding("checkpoint", expected, repr(line[:80])))
        raw = _from_base64(parts[2], "signature")
        signatures.append((parts[1], raw[:4], raw[4:]))
    return text + "\n", signatures


def _read_checkpoint(text: str) -> Checkpoint:
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        expected = "the lines origin, size and root"
        raise NotVerified(Finding("checkpoint", expected, f"{len(lines)} lines"))
    size = lines[1]
    if not (size.isascii() and size.isdecimal()) or (size[0] == "0" and size != "0"):
        raise NotVerified(Finding("checkpoint", "a size in decimal", repr(size[:40])))
    root = _from_base64(lines[2], "root")
    if len(root) != _HASH_BYTES:
        raise NotVerified(Finding("checkpoint", "a root of 32 bytes", f"{len(root)}"))
    return Checkpoint(lines[0], int(size), root)


def _from_base64(text: Any, place: str) -> bytes:
    try:
        if isinstance(text, str):
            return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        pass
    raise NotVerified(Finding(place, "base64", repr(text)[:80]))


# One record, two checkpoints, one private value


def record_findings(
    receipt: Mapping[str, Any], leaf: bytes, checkpoint: Checkpoint
) -> list[Finding]:
    """What speaks against a record being the one that a receipt and a checkpoint speak of.

    Args:
        receipt: leaf_index, tree_size and proof (in base64), as the service gives it out.
        leaf: the bytes of the record.
        checkpoint: a verified one, of the receipt's tree size.
    """
    index, size = _whole(receipt, "leaf_index"), _whole(receipt, "tree_size")
    place = f"record {index}"
    if size != checkpoint.size:
        expected = f"a proof for the checkpoint's {checkpoint.size} records"
        return [Finding(place, expected, f"one for {size}")]
    proof = _hashes(receipt.get("proof"), "proof")
    root = root_from_inclusion(index, size, leaf_hash(leaf), proof)
    if root is None:
        return [Finding(place, f"a proof for a tree of {size}", f"{len(proof)} hashes")]
    if root != checkpoint.root:
        return [Finding(place, f"the root {_short(checkpoint.root)}", _short(root))]
    return []


def consistency_findings(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> list[Finding]:
    """What speaks against the newer log having grown from the older one by appending only."""
    if old.origin != new.origin:
        return [Finding("checkpoints", f"the same log, {old.origin}", new.origin)]
    if is_consistent(old.size, old.root, new.size, new.root, proof):
        return []
    expected = f"the {new.size} records to begin with the {old.size} of {_short(old.root)}"
    return [Finding("checkpoints", expected, f"another history, of {_short(new.root)}")]


def private_findings(
    leaf: bytes, name: str, salt: bytes, value: bytes, place: str = "record"
) -> list[Finding]:
    """What speaks against a private value being the one that a leaf commits to."""
    committed = _commitments(_leaf_content(leaf, place), place)
    if name not in committed:
        had = ", ".join(committed) or "none"
        return [Finding(place, f"a private value among {had}", name)]
    found = commitment(salt, value)
    if not hmac.compare_digest(found, committed[name]):
        expected = f"{name} to hash to {_short(committed[name])}"
        return [Finding(place, expected, _short(found))]
    return []


def _commitments(content: Mapping[str, Any], place: str) -> dict[str, bytes]:
    found = content.get("private", {})
    if not isinstance(found, dict):
        raise NotVerified(Finding(place, "commitments by name", type(found).__name__))
    return {name: _from_base64(text, f"{place}, {name}") for name, text in found.items()}


def _leaf_content(leaf: bytes, place: str) -> Mapping[str, Any]:
    try:
        content = json.loads(leaf)
    except ValueError as error:
        raise NotVerified(Finding(place, "a record in JSON", str(error))) from error
    if not isinstance(content, dict):
        raise NotVerified(Finding(place, "a JSON object", type(content).__name__))
    return content


# One exported record


@dataclass
class RecordVerdict:
    """What was found out about an exported record.

    proven: the checkpoints kept elsewhere among whose records it is. sizes: of the logs that its
    receipts speak of. private_values: those that are as committed. withheld: those that the export
    leaves out, or that were erased.
    """

    index: int = 0
    sizes: list[int] = field(default_factory=list)
    proven: list[Checkpoint] = field(default_factory=list)
    private_values: int = 0
    withheld: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """True when nothing was found."""
        return not self.findings


def verify_record(
    exported: Mapping[str, Any],
    keys: Sequence[VerifierKey] = (),
    outside: Sequence[Checkpoint] = (),
) -> RecordVerdict:
    """The verdict on an exported record.

    Args:
        exported: what `exported_record` reads.
        keys: whose checkpoints inside the export are believed; those of others say nothing.
        outside: verified checkpoints that were kept elsewhere.

    Raises:
        NotVerified: when it is no exported record.
    """
    if exported.get("type") != "record" or exported.get("format") != EXPORT_FORMAT:
        got = f"{exported.get('type')!r} of format {exported.get('format')!r}"
        raise NotVerified(Finding("export", f"a record of format {EXPORT_FORMAT}", got))
    if not isinstance(exported.get("leaf"), str) or not isinstance(exported.get("receipts"), list):
        raise NotVerified(Finding("export", "a leaf and receipts", "another thing"))
    leaf, verdict = exported["leaf"].encode(), RecordVerdict()
    _leaf_content(leaf, "leaf")
    believed = list(_believed(exported.get("checkpoints", []), keys, verdict))
    awaited = {checkpoint.size: checkpoint for checkpoint in outside}
    for receipt in exported["receipts"]:
        size = _whole(receipt, "tree_size")
        verdict.index = _whole(receipt, "leaf_index")
        verdict.sizes.append(size)
        said = Checkpoint("receipt", size, _from_base64(receipt.get("root"), "root"))
        for signed in (said, *(each for each in (*believed, *outside) if each.size == size)):
            found = record_findings(receipt, leaf, signed)
            verdict.findings += found
            if not found and awaited.get(size) == signed:
                verdict.proven.append(awaited.pop(size))
    for size in sorted(awaited):
        reach = " and ".join(map(str, verdict.sizes)) or "none"
        got = f"receipts for logs of {reach}; export the record again"
        verdict.findings.append(Finding("checkpoint", f"a receipt for its {size} records", got))
    _exported_private(exported.get("private", {}), leaf, verdict)
    return verdict


def _believed(
    notes: Iterable[Any], keys: Sequence[VerifierKey], verdict: RecordVerdict
) -> Iterator[Checkpoint]:
    """The checkpoints of an export that the given keys have signed."""
    for note in notes:
        try:
            yield verified_checkpoint(str(note), *keys)
        except UnknownKey:
            continue
        except NotVerified as error:
            verdict.findings.append(error.finding)


def _exported_private(kept: Any, leaf: bytes, verdict: RecordVerdict) -> None:
    committed = _commitments(_leaf_content(leaf, "record"), "record")
    if not isinstance(kept, dict) or set(kept) - set(committed):
        raise NotVerified(Finding("private", "values that the record commits to", "others"))
    for name in committed:
        value = kept.get(name)
        if value is None:
            verdict.withheld += 1
            continue
        salt = _from_base64(value.get("salt"), name)
        found = private_findings(leaf, name, salt, str(value.get("value")).encode())
        verdict.findings += found
        verdict.private_values += not found


def exported_record(text: str) -> Mapping[str, Any]:
    """The exported record that a file holds: JSON by itself, or within a page.

    Raises:
        NotVerified: when it holds none.
    """
    _, begun, rest = text.partition(_EVIDENCE)
    inside = html.unescape(rest.partition("</pre>")[0]) if begun else text
    return _exported(inside, 1)


# A whole log


@dataclass
class Verdict:
    """What was found out about an exported log.

    start: the index of its first record; size: the number of records up to its last. covered: how
    many of the records, from the first of the log, stand as a checkpoint signed them that was kept
    outside the database. not_compared: checkpoints of a size that a part of a log does not reach.
    unknown_keys: checkpoints in the log that none of the believed keys has signed. erased: private
    values of which only the commitment is left.
    """

    start: int = 0
    size: int = 0
    root: bytes = EMPTY_ROOT
    covered: int = 0
    checkpoints: int = 0
    not_compared: int = 0
    unknown_keys: int = 0
    private_values: int = 0
    erased: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """True when nothing was found."""
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        """The verdict for machines."""
        return {
            "holds": self.holds,
            "start": self.start,
            "size": self.size,
            "root": base64.b64encode(self.root).decode(),
            "covered_by_outside_checkpoints": self.covered,
            "checkpoints": self.checkpoints,
            "checkpoints_not_compared": self.not_compared,
            "checkpoints_of_unknown_keys": self.unknown_keys,
            "private_values": self.private_values,
            "erased": self.erased,
            "findings": [
                {"place": f.place, "expected": f.expected, "got": f.got} for f in self.findings
            ],
        }


def verify_log(
    lines: Iterable[str], keys: Sequence[VerifierKey] = (), outside: Sequence[Checkpoint] = ()
) -> Verdict:
    """The verdict on an exported log.

    Args:
        lines: the export; read once, in constant memory.
        keys: whose checkpoints inside the export are believed; those of others are only counted.
        outside: verified checkpoints that were kept elsewhere.
    """
    reading = _Reading(keys, outside)
    number = 0
    for number, line in enumerate(lines, start=1):
        try:
            reading.read(_exported(line, number), number)
        except NotVerified as error:
            reading.verdict.findings.append(error.finding)
            if not reading.begun:
                return reading.verdict
    if number == 0:
        reading.verdict.findings.append(Finding("line 1", "the head of a log", "an empty file"))
        return reading.verdict
    return reading.ended()


def _exported(line: str, number: int) -> Mapping[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise NotVerified(Finding(f"line {number}", "JSON", str(error))) from error
    if not isinstance(entry, dict):
        raise NotVerified(Finding(f"line {number}", "a JSON object", type(entry).__name__))
    return entry


class _Reading:
    """An export while it is read."""

    def __init__(self, keys: Sequence[VerifierKey], outside: Sequence[Checkpoint]) -> None:
        self.verdict = Verdict()
        self.begun = False
        self._keys = keys
        self._frontier = Frontier()
        self._head: Mapping[str, Any] = {}
        self._awaited = _by_size((checkpoint, True) for checkpoint in outside)
        self._agreed = 0
        self._next = 0
        self._unsaid: dict[tuple[str, str], str] = {}

    def read(self, entry: Mapping[str, Any], number: int) -> None:
        kind = entry.get("type")
        if not self.begun:
            if kind != "log":
                raise NotVerified(Finding(f"line {number}", "the head of a log", repr(kind)))
            self._begin(entry)
        elif kind == "leaf":
            self._leaf(entry)
        elif kind == "checkpoint":
            self._inner_checkpoint(entry)
        else:
            raise NotVerified(Finding(f"line {number}", "a leaf or a checkpoint", repr(kind)))

    def _begin(self, entry: Mapping[str, Any]) -> None:
        if entry.get("format") != EXPORT_FORMAT:
            got = repr(entry.get("format"))
            raise NotVerified(Finding("line 1", f"an export of format {EXPORT_FORMAT}", got))
        start = _whole(entry, "start")
        self._frontier = Frontier(start, _hashes(entry.get("frontier"), "frontier"))
        self._head, self.begun = entry, True
        self.verdict.start = self._agreed = self._next = start
        self._compare()

    def _leaf(self, entry: Mapping[str, Any]) -> None:
        index, position = _whole(entry, "index"), self._frontier.size
        place = f"record {position}"
        if not isinstance(entry.get("leaf"), str):
            raise NotVerified(Finding(place, "a leaf", repr(entry.get("leaf"))[:80]))
        leaf = entry["leaf"].encode()
        if index != self._next:
            self._found(place, f"the record with index {self._next}", f"index {index}")
        self._next = index + 1
        hashed, stored = leaf_hash(leaf), _from_base64(entry.get("hash"), place)
        if hashed != stored:
            self._found(place, f"a record that hashes to {_short(stored)}", _short(hashed))
        self._frontier.append(hashed)
        self._compare()
        self._private(entry.get("private", {}), leaf, place)

    def _private(self, kept: Any, leaf: bytes, place: str) -> None:
        content = _leaf_content(leaf, place)
        self._said_erased(content)
        record_id, committed = str(content.get("record_id")), _commitments(content, place)
        if not isinstance(kept, dict) or set(kept) - set(committed):
            expected = f"private values among {', '.join(committed) or 'none'}"
            raise NotVerified(Finding(place, expected, ", ".join(map(str, kept))))
        for name in committed:
            value = kept.get(name)
            where = f"{place}, {name}"
            if not isinstance(value, dict) or value.get("damaged"):
                got = "bytes that were not sealed for it" if value else "nothing"
                self._found(where, "a value that its key opens, or that it was erased", got)
                continue
            if value.get("erased"):
                self.verdict.erased += 1
                self._unsaid[record_id, name] = where
                continue
            self.verdict.private_values += 1
            salt = _from_base64(value.get("salt"), where)
            self.verdict.findings += private_findings(
                leaf, name, salt, str(value.get("value")).encode(), place
            )

    def _said_erased(self, content: Mapping[str, Any]) -> None:
        """Note which erasures a record accounts for: they stand before it in the log."""
        said = content.get("content")
        if content.get("kind") != ERASURE or not isinstance(said, dict):
            return
        for record_id in content.get("about") or ():
            for name in said.get("names") or ():
                self._unsaid.pop((record_id, name), None)

    def _inner_checkpoint(self, entry: Mapping[str, Any]) -> None:
        try:
            checkpoint = verified_checkpoint(str(entry.get("note")), *self._keys)
        except UnknownKey:
            self.verdict.unknown_keys += 1
            return
        if checkpoint.size < self._frontier.size:
            got = f"after {self._frontier.size}"
            self._found("checkpoint", f"its place after {checkpoint.size} records", got)
            return
        self._awaited.setdefault(checkpoint.size, []).append((checkpoint, False))
        self._compare()

    def _compare(self) -> None:
        """Hold every checkpoint of just this size against the records so far."""
        size = self._frontier.size
        for checkpoint, outside in self._awaited.pop(size, ()):
            self.verdict.checkpoints += 1
            root = self._frontier.root()
            if root != checkpoint.root:
                place = f"records {self._agreed} to {size - 1}" if size > self._agreed else "start"
                where = "kept outside" if outside else "in the log"
                expected = f"the root {_short(checkpoint.root)} of the checkpoint {where}"
                self._found(place, expected, _short(root))
                continue
            self._agreed = size
            if outside:
                self.verdict.covered = size

    def ended(self) -> Verdict:
        """The verdict, once everything is read."""
        verdict, size = self.verdict, self._frontier.size
        verdict.size, verdict.root = size, self._frontier.root()
        end, whole = _whole(self._head, "end"), _whole(self._head, "size")
        if end != size:
            self._found("end of the log", f"{end} records, as its head says", f"{size}")
        elif end == whole and _from_base64(self._head.get("root"), "root") != verdict.root:
            said = _from_base64(self._head.get("root"), "root")
            self._found("head", f"the root {_short(verdict.root)} of its records", _short(said))
        if end == whole:  # the record of an erasure stands behind what was erased
            for where in self._unsaid.values():
                got = "none; where a value was erased during the export, export again"
                self._found(where, "the record of its erasure behind it in the log", got)
        for awaited, checkpoints in sorted(self._awaited.items()):
            for _, outside in checkpoints:
                if awaited < verdict.start or end < whole:  # the export is a part of the log
                    verdict.not_compared += 1
                    continue
                where = "kept outside" if outside else "in the log"
                expected = f"the {awaited} records of the checkpoint {where}"
                self._found("end of the log", expected, f"{size} records")
        return verdict

    def _found(self, place: str, expected: str, got: str) -> None:
        self.verdict.findings.append(Finding(place, expected, got))


def _by_size(
    checkpoints: Iterable[tuple[Checkpoint, bool]],
) -> dict[int, list[tuple[Checkpoint, bool]]]:
    found: dict[int, list[tuple[Checkpoint, bool]]] = {}
    for checkpoint, outside in checkpoints:
        found.setdefault(checkpoint.size, []).append((checkpoint, outside))
    return found


def _whole(entry: Mapping[str, Any], name: str) -> int:
    number = entry.get(name)
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise NotVerified(Finding(name, "a whole number", repr(number)))
    return number


def _hashes(texts: Any, place: str) -> list[bytes]:
    if not isinstance(texts, list):
        raise NotVerified(Finding(place, "a list of hashes", repr(texts)[:80]))
    hashes = [_from_base64(text, place) for text in texts]
    for found in hashes:
        if len(found) != _HASH_BYTES:
            raise NotVerified(Finding(place, "hashes of 32 bytes", f"{len(found)}"))
    return hashes


def _short(digest: bytes) -> str:
    """The beginning of a hash, enough to recognise it."""
    return f"{digest.hex()[:16]}…"


# The program


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify an exported log or record: 0 when it holds, 1 when it does not, 2 for wrong use."""
    parser = argparse.ArgumentParser(
        description="Verify an exported record log, offline. Exit code 0: it holds; 1: it does not."
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("log", type=Path, nargs="?", help="the export, JSON lines")
    what.add_argument(
        "--record", type=Path, metavar="FILE", help="one exported record, a page or JSON"
    )
    parser.add_argument(
        "--key",
        action="append",
        required=True,
        help="a verifier key, or a file that holds it; once for each key that was ever in use",
    )
    parser.add_argument(
        "--checkpoint",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a checkpoint that was kept elsewhere; may be given more than once",
    )
    given = parser.parse_args(arguments)
    try:
        keys = [VerifierKey.parse(text_or_file(key)) for key in given.key]
        notes = [path.read_text(encoding="utf-8") for path in given.checkpoint]
        outside = [verified_checkpoint(note, *keys) for note in notes]
        if given.record is not None:
            exported = exported_record(given.record.read_text(encoding="utf-8"))
            return _say(record_told(found := verify_record(exported, keys, outside)), found.holds)
        with given.log.open(encoding="utf-8", newline="\n") as lines:
            verdict = verify_log(lines, keys, outside)
    except NotVerified as error:
        print(f"does not hold: {error}")
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    return _say(told(verdict), verdict.holds)


def _say(lines: Iterable[str], holds: bool) -> int:
    for line in lines:
        print(line)
    return 0 if holds else 1


def record_told(verdict: RecordVerdict) -> Iterator[str]:
    """The verdict on a record in sentences, with what it does not show."""
    for finding in verdict.findings:
        yield f"- {finding.message()}"
    yield f"{'holds' if verdict.holds else 'DOES NOT HOLD'}: record {verdict.index}"
    yield f"{verdict.private_values} private values as committed, {verdict.withheld} not shown"
    for signed in verdict.proven:
        yield f"Proven: it is one of the {signed.size} records that {signed.origin} signed"
    if not verdict.proven:
        yield (
            "Not shown: that it is what was first written; no checkpoint kept outside the database "
            "was given"
        )


def text_or_file(given: str) -> str:
    """The content of the file of that name; where there is none, the text itself."""
    path = Path(given)
    return path.read_text(encoding="utf-8") if path.is_file() else given


def told(verdict: Verdict) -> Iterator[str]:
    """The verdict in sentences, with what it does not show."""
    for finding in verdict.findings:
        yield f"- {finding.message()}"
    records = f"records {verdict.start} to {verdict.size - 1}" if verdict.size else "no records"
    yield f"{'holds' if verdict.holds else 'DOES NOT HOLD'}: {records}, root {verdict.root.hex()}"
    yield (
        f"{verdict.checkpoints} checkpoints compared; {verdict.private_values} private values "
        f"as committed, {verdict.erased} erased"
    )
    if verdict.not_compared:
        yield f"Not compared: {verdict.not_compared} checkpoints that this part does not reach"
    if verdict.unknown_keys:
        yield f"Not looked at: {verdict.unknown_keys} checkpoints in the log, of keys not given"
    if verdict.covered < verdict.size:
        yield (
            f"Not shown: that records {verdict.covered} to {verdict.size - 1} are what was first "
            "written; no checkpoint kept outside the database covers them"
        )


if __name__ == "__main__":
    sys.exit(main())
