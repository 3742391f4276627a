"""The keys that private values are sealed with: in a file of their own, never in the database.

A private value and its salt are sealed together, with AES-256-GCM under a nonce of its own. The
record's id and the value's name are authenticated with it, so that no sealed value can stand in
another's place. The salt is sealed as well, because with it a short value could be guessed from the
commitment in its leaf.

The file holds a key a line, its id and its 32 bytes in base64; the id is made from the key, so that
a wrong key is noticed before anything is opened with it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from features.owner_file import open_to_others, write_new
from serving.records.errors import PrivateKeyError
from serving.records.record import PrivateValue
from serving.records.verification import SALT_BYTES

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D: up to 2**32 random ones under a key
_ID_BYTES = 8
_PURPOSE = b"lingji: id of a key of private values"
_DIGEST = "\0digest of the question"  # no private value has such a name


@dataclass(frozen=True)
class PrivateKey:
    """A key that seals private values. secret: its 32 bytes."""

    secret: bytes = field(repr=False)

    @cached_property
    def key_id(self) -> str:
        """What names the key, beside each value that it seals: 16 digits in hexadecimal."""
        derived = HKDF(SHA256(), _ID_BYTES, salt=None, info=_PURPOSE)
        return derived.derive(self.secret).hex()

    def sealed(self, record_id: str, name: str, kept: PrivateValue) -> bytes:
        """A private value that only this key opens, and only in its own place."""
        return self._sealed(kept.salt + kept.value, _place(record_id, name))

    def opened(self, record_id: str, name: str, sealed: bytes) -> PrivateValue | None:
        """The private value that was sealed for that place; None when these bytes were not."""
        plain = self._opened(sealed, _place(record_id, name))
        if plain is None:
            return None
        return PrivateValue(plain[:SALT_BYTES], plain[SALT_BYTES:])

    def sealed_digest(self, record_id: str, digest: bytes) -> bytes:
        """The digest of a question, sealed beside its first record: in clear, with the rest of the
        question known, it would let a short private value be guessed.
        """
        return self._sealed(digest, _place(record_id, _DIGEST))

    def opened_digest(self, record_id: str, sealed: bytes) -> bytes | None:
        """The digest that was sealed beside that record; None when these bytes were not."""
        return self._opened(sealed, _place(record_id, _DIGEST))

    def _sealed(self, plain: bytes, place: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, place)

    def _opened(self, sealed: bytes, place: bytes) -> bytes | None:
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, rest, place)
        except (InvalidTag, ValueError):
            return None

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self.secret)


def _place(record_id: str, name: str) -> bytes:
    return f"{record_id}\0{name}".encode()


class PrivateKeys:
    """The keys of one file, read when one is needed that is not known yet; for any thread.

    file: None where no place was named for it: then nothing can be sealed.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._known: dict[str, PrivateKey] = {}
        self._lock = threading.Lock()

    def key(self, key_id: str) -> PrivateKey:
        """The key of that id.

        Raises:
            PrivateKeyError: when the file is not there, has another key, or others can read it.
        """
        known = self._known.get(key_id)
        if known is not None:
            return known
        with self._lock:
            self._known = self._read()
        if key_id not in self._known:
            held = ", ".join(self._known) or "none"
            raise PrivateKeyError(
                f"expected the key {key_id} of private values in {self._file}; got {held}; "
                "restore the file of this database, or name its place"
            )
        return self._known[key_id]

    def newest(self) -> PrivateKey:
        """The last key of the file; a new one, and a new file, where there is none.

        To be called by one process at a time, and only while the database names no key.

        Raises:
            PrivateKeyError: when no place was named, or the file cannot be read or written.
        """
        if self._file is not None and self._file.exists():
            with self._lock:
                self._known = self._read()
            if self._known:
                return list(self._known.values())[-1]
        return self.made()

    def made(self) -> PrivateKey:
        """A new key, the file's last from now on; to be called by one process at a time."""
        key = PrivateKey(secrets.token_bytes(KEY_BYTES))
        with self._lock:
            held = self._read() if self._required().exists() else {}
            self._known = held | {key.key_id: key}
            self._write(self._known.values())
        return key

    def drop(self, key_id: str) -> None:
        """Take a key out of the file that seals nothing any longer."""
        with self._lock:
            self._known = {name: key for name, key in self._read().items() if name != key_id}
            self._write(self._known.values())

    def _required(self) -> Path:
        if self._file is None:
            raise PrivateKeyError(
                "expected a place for the keys of private values; got none; end the address of the "
                "record database with ?keys=FILE"
            )
        return self._file

    def _read(self) -> dict[str, PrivateKey]:
        file = self._required()
        try:
            mode = open_to_others(file)
            lines = file.read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise PrivateKeyError(
                f"expected the keys of private values in {file}; got {type(error).__name__}; "
                "restore the file: without it the private values of this database stay sealed"
            ) from error
        if mode is not None:
            raise PrivateKeyError(
                f"expected {file} to be readable by its owner only (0600); got {mode}; use "
                "chmod 600, and `lingji audit rotate-key` if others may have read it"
            )
        return dict(_parsed(line, f"{file}, line {n}") for n, line in enumerate(lines, 1))

    def _write(self, keys: Iterable[PrivateKey]) -> None:
        """Replace the file by a whole one, durably."""
        file = self._required()
        waiting = file.with_name(file.name + ".part")
        text = "".join(f"{key.key_id} {base64.b64encode(key.secret).decode()}\n" for key in keys)
        try:
            waiting.unlink(missing_ok=True)
            write_new(waiting, text.encode("ascii"))
            os.replace(waiting, file)
            _make_durable(file.parent)
        except OSError as error:
            raise PrivateKeyError(
                f"expected to write the keys of private values to {file}; got "
                f"{type(error).__name__}; name a place that can be written"
            ) from error


def _parsed(line: str, place: str) -> tuple[str, PrivateKey]:
    key_id, _, text = line.partition(" ")
    try:
        key = PrivateKey(base64.b64decode(text, validate=True))
    except binascii.Error:
        key = PrivateKey(b"")
    if len(key.secret) != KEY_BYTES or key.key_id != key_id:
        raise PrivateKeyError(
            f"{place}: expected an id and its key of {KEY_BYTES} bytes in base64; got another "
            "thing; restore the file from its backup"
        )
    return key_id, key


def _make_durable(folder: Path) -> None:
    with contextlib.suppress(PermissionError):  # systems where a folder cannot be opened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
