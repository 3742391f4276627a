"""What people do with releases: sign, release, return, stop, resume; as the command line does it.

A private key never comes here: a signature is made where its person is. Of a release, a return, a
stop and its end there is a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from features.errors import Fault, RegistryError
from features.identity_number import holds_identity_number
from models.approval import Approval
from models.registry import Registry, Version
from models.release.releasing import begun_approval
from models.stop import Stop
from serving.access.caller import Caller
from serving.asker import Asker
from serving.inquiry import Desk
from serving.recording.release_record import RESUME, STOP, ReleaseRecords
from serving.releasing.case import Cases, approval_sent
from serving.releasing.refusals import CODE
from serving.wording.envelope import Refusal

LONGEST_REASON = 2_000
_LONGEST_NAME = 100
TICKED = "yes"

Fields = dict[str, Any]
"""What was sent, by name: values of JSON, or the texts of a form."""


@dataclass(frozen=True)
class ReleaseActs:
    """The acts of callers upon the registry of a service.

    Every method raises LingjiError where the registry or the gates refuse, and RecordsError where
    the log cannot take the record.
    """

    desk: Desk
    cases: Cases

    def approve(self, number: str, given: Fields) -> Approval:
        """The approval of a version with the signatures that were sent.

        Raises:
            Refusal: 404 where there is no such version, 422 when what was sent is no statement.
        """
        version = self.cases.version(number)
        sent, anew = approval_sent(given.get("approval")), _flag(given, "anew")
        _require_about(sent, version)
        return self.cases.candidate(version, anew=True).accept(sent, anew=anew)

    def promote(self, caller: Caller, number: str, given: Fields) -> Version:
        """The version put into service, when the statement is the one that the caller has seen.

        Raises:
            Refusal: 404 where there is no such version, 409 for another statement, 422 for none.
        """
        version, registry = self.cases.version(number), self._registry
        begun = begun_approval(registry, version.number)
        signed = None if begun is None else begun.statement.file_digest
        if signed is None or _text(given, "statement") != signed:
            got = "none" if signed is None else "another"
            raise Refusal(
                409,
                "This is not the statement that was signed; look at the version again.",
                [Fault(None, "statement", "the digest of the statement that was signed", got)],
                code=CODE,
            )
        before = registry.champion()
        candidate = self.cases.candidate(version, anew=True)
        version, approval = candidate.promote(_by(caller))
        way = "POST /releases/{n}/promote"
        self._records(caller, way).add(registry.catalogue, before, version, approval)
        return version

    def rollback(self, caller: Caller, given: Fields) -> Version:
        """The version that served before, when no release came since the caller looked.

        Raises:
            Refusal: 409 when one came, 422 when how many there were is not said.
        """
        registry = self._registry
        so_far = len(registry.releases())
        if _count(given, "releases") != so_far:
            raise Refusal(
                409,
                "Another release came in between; look at the releases again.",
                [Fault(None, "releases", f"how many there are: {so_far}", "another number")],
                code=CODE,
            )
        before = registry.champion()
        version = registry.rollback(_by(caller))
        entry = registry.releases().in_service
        digest = entry.approval if entry else None
        approval = registry.approvals.kept(digest) if digest else None
        self._records(caller, "POST /releases/rollback").add(
            registry.catalogue, before, version, approval
        )
        return version

    def stop(self, caller: Caller, given: Fields) -> Stop:
        """The stop that now takes the model out of service.

        Raises:
            Refusal: 422 without a reason.
        """
        registry = self._registry
        # First of all: a log that fails must not keep it in service.
        stop = registry.stop(_reason(given.get("reason")), _by(caller))
        records = self._records(caller, "POST /releases/stop")
        records.add_switch(STOP, registry.catalogue, self._serving(), stop)
        return stop

    def resume(self, caller: Caller) -> None:
        """Put the model that was stopped back into service."""
        registry = self._registry
        given = registry.stopped()
        registry.resume()
        if given is not None:
            records = self._records(caller, "POST /releases/resume")
            records.add_switch(RESUME, registry.catalogue, self._serving(), given)

    @property
    def _registry(self) -> Registry:
        return self.cases.registry

    def _serving(self) -> Version | None:
        try:
            return self._registry.verified_champion()[0]
        except RegistryError:
            return None

    def _records(self, caller: Caller, way: str) -> ReleaseRecords:
        return ReleaseRecords(self.desk.records, Asker.of(caller, way))


def _require_about(sent: Approval, version: Version) -> None:
    """Return when what was signed is about this version.

    Raises:
        Refusal: 422 otherwise.
    """
    if sent.statement.version != version.number:
        fault = Fault(None, "approval", f"a statement of version {version.number}", "another's")
        raise Refusal(422, "This statement is about another version.", [fault])


def _reason(given: Any) -> str:
    """Why, as a person wrote it.

    Raises:
        Refusal: 422 for no text, a very long one, or one that holds an identity number.
    """
    text = given.strip() if isinstance(given, str) else ""
    expected = f"a text of 1 to {LONGEST_REASON:,} characters without identity numbers"
    if not 0 < len(text) <= LONGEST_REASON or "\0" in text or holds_identity_number(text):
        raise Refusal(422, faults=[Fault(None, "reason", expected, "another value")])
    return text


def _flag(given: Fields, name: str) -> bool:
    """Whether something was ticked, in JSON true.

    Raises:
        Refusal: 422 for another value.
    """
    value = given.get(name, False)
    if isinstance(value, bool):
        return value
    if value not in ("", TICKED):
        raise Refusal(422, faults=[Fault(None, name, "true or false", "another value")])
    return bool(value == TICKED)


def _text(given: Fields, name: str) -> str:
    """A text that was sent.

    Raises:
        Refusal: 422 where there is none.
    """
    value = given.get(name)
    if not isinstance(value, str):
        raise Refusal(422, faults=[Fault(None, name, "a text", "nothing, or another value")])
    return value


def _count(given: Fields, name: str) -> int:
    """A number of things that was sent, as a number or, by a form, as its digits.

    Raises:
        Refusal: 422 where there is none.
    """
    value = given.get(name)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0 or value % 1:
        expected = "a whole number, not negative"
        raise Refusal(422, faults=[Fault(None, name, expected, "another value")])
    return int(value)


def _by(caller: Caller) -> str:
    """The caller's name as the list of releases can hold it."""
    name = "".join(each for each in caller.name if each.isprintable())
    return name[:_LONGEST_NAME] or "unknown"
