"""Signed checkpoints: how many records a log holds and what they are, in a note of 150 bytes.

A C2SP tlog-checkpoint (c2sp.org/tlog-checkpoint) in a C2SP signed note (c2sp.org/signed-note), with
an Ed25519 signature. Reading and verifying is `serving.records.verification`, so that whoever
verifies needs that file only.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from features.owner_file import OWNER_ONLY, open_to_others, write_new
from serving.records.errors import SigningKeyError
from serving.records.verification import (
    Checkpoint,
    NotVerified,
    VerifierKey,
    require_key_name,
)

PUBLIC_SUFFIX = ".vkey"


@dataclass(frozen=True)
class SigningKey:
    """A key pair that signs checkpoints; its name is the origin of the log."""

    name: str
    private: Ed25519PrivateKey

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        """A new key pair of that name, which should be an address without scheme: a.example/log.

        Raises:
            SigningKeyError: when a key may not have that name.
        """
        try:
            require_key_name(name)
        except NotVerified as error:
            raise SigningKeyError(str(error)) from error
        return cls(name, Ed25519PrivateKey.generate())

    @property
    def verifier(self) -> VerifierKey:
        """The public half, for those who verify."""
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return VerifierKey(self.name, raw)

    def sign(self, size: int, root: bytes) -> str:
        """The signed checkpoint of a log of that many records: always the same text."""
        text = Checkpoint(self.name, size, root).text()
        signature = self.verifier.key_id + self.private.sign(text.encode())
        return f"{text}\n\u2014 {self.name} {base64.b64encode(signature).decode()}\n"

    def save(self, path: Path) -> Path:
        """Write the private key (PEM, readable by its owner only); returns the public key's path.

        Raises:
            SigningKeyError: when a file is there already: keys are never overwritten.
        """
        public = path.with_suffix(PUBLIC_SUFFIX)
        pem = self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write_new(path, pem, OWNER_ONLY)
        _write_new(public, f"{self.verifier.text()}\n".encode(), 0o644)
        return public

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        """The key pair of a private key's file and the public key beside it, which holds the name.

        Raises:
            SigningKeyError: when a part is absent, others can read it, or the parts do not match.
        """
        public = path.with_suffix(PUBLIC_SUFFIX)
        for part in (path, public):
            if not part.is_file():
                hint = "make a key pair with `lingji audit key`"
                raise SigningKeyError(f"expected a key in {part}; got no file; {hint}")
        if (mode := open_to_others(path)) is not None:
            raise SigningKeyError(
                f"expected {path} to be readable by its owner only (0600); got {mode}; "
                "use chmod 600, and a new key if others may have read it"
            )
        try:
            private = load_pem_private_key(path.read_bytes(), password=None)
            verifier = VerifierKey.parse(public.read_text(encoding="utf-8"))
        except (ValueError, TypeError, NotVerified) as error:
            raise SigningKeyError(f"{path}: expected a key pair; got {error}") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise SigningKeyError(f"{path}: expected an Ed25519 key; got {type(private).__name__}")
        key = cls(verifier.name, private)
        if key.verifier != verifier:
            raise SigningKeyError(
                f"expected {public} to belong to {path}; got the public key of another; "
                "restore the two files of one pair"
            )
        return key


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        write_new(path, content, mode)
    except FileExistsError as error:
        raise SigningKeyError(
            f"expected no file at {path}; got one; a key is never overwritten: choose another name"
        ) from error
