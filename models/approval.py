"""The approval of a release: what the gates said of a bundle, and which people signed it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Generic, Literal, Self, TypeVar

from pydantic import Field, StringConstraints

from features.errors import ReleaseRefused
from features.form import Count, Digest, Form, Moment, Words
from models.people import Key, Name, People, Person, PersonKey

FOLDER = "approvals"
LEAST_APPROVERS = 2
"""No policy asks for fewer: one who trains, others who approve."""
_SIGNED_AS = b"lingji release approval 1\n"
Part = Annotated[str, StringConstraints(max_length=500)]


class Status(StrEnum):
    """What a gate says."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


class Verdict(Form):
    """What one gate says of one head in one group.

    head, group, metric: "" where the gate is of all of them. figure, threshold: None where there is
    no number. reason, reason_zh: in one sentence, always given unless it passed; what was signed
    before there was a Chinese one has none and keeps its bytes.
    """

    gate: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
    head: Part = ""
    group: Part = ""
    metric: Part = ""
    status: Annotated[Status, Field(strict=False)]
    figure: float | None = None
    threshold: float | None = None
    reason: str = ""
    reason_zh: Annotated[str, Field(exclude_if=lambda said: not said)] = ""

    @property
    def name(self) -> str:
        """The verdict's name, by which it can be waived: no_worse/cost/region=33/mae."""
        return "/".join(part for part in (self.gate, self.head, self.group, self.metric) if part)


class Waiver(Form):
    """That a failed verdict does not stand in the way, by whose word and why."""

    verdict: Part
    reason: Words
    person: Name


class Replaced(Form):
    """What the release is meant to replace: so many releases so far, the last of this digest."""

    releases: Count
    digest: Digest | None


class Signable(Form):
    """What people sign."""

    @property
    def maker(self) -> str:
        """Who made it, by name or account, and may not sign it."""
        raise NotImplementedError

    def to_sign(self, name: str, made: str) -> bytes:
        """The bytes that a person of a name signs at a time."""
        raise NotImplementedError


class Statement(Signable):
    """What is signed. Everything that was judged is named by its digest."""

    format: Literal[1]
    catalogue: Name
    version: Annotated[int, Field(ge=1)]
    digest: Digest
    trainer: Name
    replaces: Replaced
    comparison: Digest
    policy: Digest
    review: Digest | None
    approvers: Annotated[int, Field(ge=LEAST_APPROVERS)]
    gates: tuple[Verdict, ...]
    waivers: tuple[Waiver, ...]

    def open_failures(self) -> list[Verdict]:
        """The verdicts that failed and nobody waived."""
        waived = {waiver.verdict for waiver in self.waivers}
        return [v for v in self.gates if v.status is Status.FAIL and v.name not in waived]

    @property
    def maker(self) -> str:
        """Who trained it."""
        return self.trainer

    def to_sign(self, name: str, made: str) -> bytes:
        """The bytes that a person signs."""
        return _SIGNED_AS + self.to_bytes() + f"{name}\n{made}\n".encode()


class Signature(Form):
    """One person's signature: Ed25519, over the statement, the name and the time."""

    person: Name
    key: Key
    made: Moment
    signature: str


def require_signed(
    signatures: Sequence[Signature],
    people: People,
    to_sign: Callable[[str, str], bytes],
    maker: str,
) -> None:
    """Return when every signature holds and is of another person who may sign.

    Args:
        to_sign: the bytes that a person of a name signs at a time.
        maker: who made what is signed, by name or account, and may not sign it.

    Raises:
        ReleaseRefused: otherwise.
    """
    signers = [_signer(signature, people, to_sign) for signature in signatures]
    for person in signers:
        if person.is_called(maker):
            raise ReleaseRefused(
                f"expected another person than the maker to sign; got {person.name}, who made it"
            )
    for said in ("name", "account", "key"):
        if len({getattr(person, said) for person in signers}) < len(signers):
            names = ", ".join(person.name for person in signers)
            raise ReleaseRefused(f"expected different people; got one {said} twice: {names}")


def _signer(signature: Signature, people: People, to_sign: Callable[[str, str], bytes]) -> Person:
    person = next((p for p in people.people if p.key == signature.key), None)
    if person is None or person.name != signature.person:
        raise ReleaseRefused(
            f"expected the signature of a listed person; got one of {signature.person}, "
            "whose key is not listed"
        )
    if not person.counted(signature.made):
        raise ReleaseRefused(
            f"expected a signature made while it counts; got {person.name}'s of "
            f"{signature.made}, when it did not"
        )
    content = to_sign(signature.person, signature.made)
    if not person.signed(content, signature.signature):
        raise ReleaseRefused(
            f"expected the signature of {person.name} over this statement; got one that does "
            "not hold: what was signed was altered"
        )
    return person


S = TypeVar("S", bound=Signable)


class Signed(Form, Generic[S]):
    """A statement with the signatures under it."""

    statement: S
    signatures: tuple[Signature, ...] = ()

    def signed_by(self, key: PersonKey, people: People, made: str) -> Self:
        """The same with one more signature.

        Raises:
            PersonError: when the key is nobody's.
            ReleaseRefused: when that person may not sign, or has signed.
        """
        signed = self.signed_apart(key, people.owner(key.public).name, made)
        signed.require_sound(people)
        return signed

    def signed_apart(self, key: PersonKey, name: str, made: str) -> Self:
        """The same with one more signature, of whoever has that name where it is taken in.

        Nothing is looked up, so that it can be made where the list of people is not at hand.
        """
        signature = key.sign(self.statement.to_sign(name, made))
        added = Signature(person=name, key=key.public, made=made, signature=signature)
        return self.model_copy(update={"signatures": (*self.signatures, added)})

    def require_sound(self, people: People) -> None:
        """Return when every signature holds and is of another person who may sign.

        Raises:
            ReleaseRefused: otherwise.
        """
        statement = self.statement
        require_signed(self.signatures, people, statement.to_sign, statement.maker)

    def save(self, path: Path) -> None:
        """Write it in one step."""
        path.parent.mkdir(parents=True, exist_ok=True)
        waiting = path.with_suffix(".new")
        waiting.write_bytes(self.to_bytes())
        waiting.replace(path)


class Approval(Signed[Statement]):
    """The statement of a release with the signatures under it."""

    def require_complete(self, people: People, digest: str) -> None:
        """Return when the approval is one of the bundle of that digest and nothing is open.

        Raises:
            ReleaseRefused: otherwise.
        """
        statement = self.statement
        if statement.digest != digest:
            raise ReleaseRefused(
                f"expected an approval of the bundle {digest}; got one of {statement.digest}"
            )
        if open_ := statement.open_failures():
            raise ReleaseRefused(
                f"expected every gate passed or waived; got {len(open_)} that failed: "
                f"{named(v.name for v in open_)}; see `lingji gates {statement.version}`"
            )
        self.require_sound(people)
        if len(self.signatures) < statement.approvers:
            raise ReleaseRefused(
                f"expected {statement.approvers} people to approve version {statement.version}; "
                f"got {len(self.signatures)}; `lingji approve {statement.version}` signs"
            )


def named(names: Iterable[str], most: int = 5) -> str:
    """The first few of several names."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
