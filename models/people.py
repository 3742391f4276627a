"""People who may approve a release: their names, their accounts, and the keys that are theirs.

`people.json` in the working folder lists public keys only; a private key is a file of its own that
its person keeps.
"""

from __future__ import annotations

import base64
import getpass
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from pydantic import StringConstraints

from features.errors import PersonError
from features.form import Form, Moment
from features.owner_file import open_to_others, write_new

PEOPLE = "people.json"
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]
"""An Ed25519 public key: 32 bytes in base64."""


def now() -> str:
    """The time, in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def account() -> str:
    """The account under which this process runs, as this machine knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return "unknown"


@dataclass(frozen=True)
class PersonKey:
    """A private key; whose it is, `people.json` says."""

    private: Ed25519PrivateKey

    @classmethod
    def generate(cls) -> PersonKey:
        """A new key."""
        return cls(Ed25519PrivateKey.generate())

    @property
    def public(self) -> str:
        """The public half."""
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(raw).decode()

    def sign(self, content: bytes) -> str:
        """The signature of bytes, in base64."""
        return base64.b64encode(self.private.sign(content)).decode()

    def save(self, path: Path) -> None:
        """Write the key, readable by its owner only.

        Raises:
            PersonError: when a file is there already.
        """
        pem = self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            write_new(path, pem)
        except FileExistsError as error:
            raise PersonError(
                f"expected no file at {path}; got one; a key is never overwritten: choose another"
            ) from error

    @classmethod
    def load(cls, path: Path) -> PersonKey:
        """The key in a file.

        Raises:
            PersonError: when there is none, or others can read it.
        """
        if not path.is_file():
            raise PersonError(
                f"expected a person's key in {path}; got no file; make one: lingji people add"
            )
        if (mode := open_to_others(path)) is not None:
            raise PersonError(
                f"expected {path} to be readable by its owner only (0600); got {mode}; "
                "use chmod 600, and a new key if others may have read it"
            )
        try:
            private = load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, TypeError) as error:
            raise PersonError(f"expected a private key in {path}; got {error}") from error
        if not isinstance(private, Ed25519PrivateKey):
            got = type(private).__name__
            raise PersonError(f"expected an Ed25519 key in {path}; got {got}")
        return cls(private)


class Person(Form):
    """Somebody whose signature counts from `since` until `until`, or for ever where that is None.

    account: the account under which this person works, so that who trained a model is known again.
    """

    name: Name
    account: Name
    key: Key
    since: Moment
    until: Moment | None = None

    def signed(self, content: bytes, signature: str) -> bool:
        """Whether a signature, in base64, is this person's over the bytes."""
        try:
            public = Ed25519PublicKey.from_public_bytes(base64.b64decode(self.key))
            public.verify(base64.b64decode(signature, validate=True), content)
        except (InvalidSignature, ValueError):
            return False
        return True

    def counted(self, made: str) -> bool:
        """Whether this person's signature counted at that time."""
        at = datetime.fromisoformat(made)
        if at < datetime.fromisoformat(self.since):
            return False
        return self.until is None or at <= datetime.fromisoformat(self.until)

    def is_called(self, name: str) -> bool:
        """Whether a name or an account is this person's."""
        return name in (self.name, self.account)


class People(Form):
    """Everybody whose signature counts or once did."""

    format: Literal[1] = 1
    people: tuple[Person, ...] = ()

    @classmethod
    def of(cls, home: Path) -> People:
        """Those of a working folder; nobody where none are listed.

        Raises:
            FormError: when the list is damaged.
        """
        path = home / PEOPLE
        return cls.read(path) if path.is_file() else cls()

    def save(self, home: Path) -> None:
        """Write the list in one step."""
        home.mkdir(parents=True, exist_ok=True)
        waiting = home / f"{PEOPLE}.new"
        waiting.write_bytes(self.to_bytes())
        waiting.replace(home / PEOPLE)

    def owner(self, key: str) -> Person:
        """The person with that public key.

        Raises:
            PersonError: when nobody has it.
        """
        for person in self.people:
            if person.key == key:
                return person
        raise PersonError(
            "expected the key of a listed person; got another; list it: lingji people add"
        )

    def joined_by(self, person: Person) -> People:
        """The list with one more.

        Raises:
            PersonError: when the name or the account is somebody's already.
        """
        for other in self.people:
            called = other.is_called(person.name) or other.is_called(person.account)
            if other.until is None and (called or other.key == person.key):
                raise PersonError(
                    f"expected a name, an account and a key that nobody has; got {person.name} of "
                    f"{person.account}, where {other.name} of {other.account} is listed; give "
                    "another --account, or end the old key first: lingji people end"
                )
        return People(people=(*self.people, person))

    def left_by(self, name: str, when: str) -> People:
        """The list in which that person's signature counts no longer.

        Raises:
            PersonError: when nobody of that name counts.
        """
        if not any(p.name == name and p.until is None for p in self.people):
            have = ", ".join(p.name for p in self.people if p.until is None) or "nobody"
            raise PersonError(f"expected one of: {have}; got {name}")
        ended = (
            person.model_copy(update={"until": when})
            if person.name == name and person.until is None
            else person
            for person in self.people
        )
        return People(people=tuple(ended))
