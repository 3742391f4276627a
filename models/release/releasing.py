"""From verdicts to a release: people sign what the gates said, and of several releases one wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from features.errors import BundleError, ReleaseRefused
from features.form import digest_of, form_bytes
from models.approval import FOLDER, Approval, Replaced, Statement, Status, Verdict, Waiver, named
from models.bundle import bundle_heads
from models.people import People, PersonKey, now
from models.registry import Registry, Version
from models.release.comparison import Comparison, comparison_path
from models.release.gates import Judged, verdicts
from models.release.release_policy import ReleasePolicy
from models.release.review import newest_review
from models.trial import Trial, tried

Trying = Callable[[Registry, Version], Trial | BundleError]


@dataclass(frozen=True)
class Candidate:
    """A version that is to replace what serves, with all that the gates look at.

    replaces: the releases so far. comparison: the digest of the comparison's file.
    """

    registry: Registry
    case: Judged
    replaces: Replaced
    comparison: str

    @classmethod
    def of(
        cls,
        registry: Registry,
        number: int,
        policy: ReleasePolicy,
        at: str | None = None,
        trying: Trying | None = None,
    ) -> Candidate:
        """The candidate of that number.

        Args:
            at: the time, else now.
            trying: what says what its bundle shows; else it is tried in a child process.

        Raises:
            RegistryError: when there is no such version.
            FormError: when it has no comparison with what serves, or one of another shape.
            BundleError: when the files of what serves are not what was registered.
        """
        version, serving = registry.version(number), registry.champion()
        path = comparison_path(registry.folder, number, serving.number if serving else None)
        content = form_bytes(path)
        digest = digest_of(content)
        case = Judged(
            catalogue=registry.catalogue,
            comparison=Comparison.parse(content, str(path)),
            policy=policy,
            version=version,
            serving=serving,
            serving_heads=_heads(registry, serving),
            trial=(trying or try_apart)(registry, version),
            review=newest_review(registry.folder, number, digest),
            now=at or now(),
            people=People.of(registry.root),
        )
        replaces = Replaced(
            releases=len(registry.releases()), digest=serving.digest if serving else None
        )
        return cls(registry, case, replaces, digest)

    def verdicts(self) -> list[Verdict]:
        """What every gate says."""
        return verdicts(self.case)

    def statement(self, waivers: Sequence[Waiver] = ()) -> Statement:
        """What is to be signed.

        Raises:
            ReleaseRefused: when nobody is known as its trainer, or a waiver is of no failure, or of
                one that nobody can waive.
        """
        version, policy, review = self.case.version, self.case.policy, self.case.review
        if not version.trainer:
            raise ReleaseRefused(
                f"expected version {version.number} to say who trained it; got nobody: it is from "
                "an earlier version of Lingji; train it again"
            )
        gates = tuple(self.verdicts())
        _require_waivable(gates, waivers, policy)
        return Statement(
            format=1,
            catalogue=self.registry.catalogue,
            version=version.number,
            digest=version.digest,
            trainer=version.trainer,
            replaces=self.replaces,
            comparison=self.comparison,
            policy=policy.file_digest,
            review=review.file_digest if review else None,
            approvers=policy.approvers,
            gates=gates,
            waivers=tuple(waivers),
        )

    def approve(self, key: PersonKey, reasons: Mapping[str, str], anew: bool = False) -> Approval:
        """The approval with one more signature.

        Args:
            reasons: why each named failure does not stand in the way. The next person signs the
                same waivers and gives none.
            anew: begin again, without the signatures that are there.

        Raises:
            ReleaseRefused: when a failure stays open, this person may not sign, or what others
                have signed is no longer what is so.
            PersonError: when the key is nobody's.
        """
        people = People.of(self.registry.root)
        person = people.owner(key.public)
        given = [Waiver(verdict=n, reason=r, person=person.name) for n, r in reasons.items()]
        with self.registry.locked():
            begun = None if anew else self.begun()
            if begun is None:
                approval = Approval(statement=self.statement(given))
            else:
                if given:
                    raise ReleaseRefused(
                        "expected the waivers that the first person signed; got others; begin "
                        "again with --anew"
                    )
                approval = self._still_so(begun)
            _require_nothing_open(approval.statement)
            signed = approval.signed_by(key, people, now())
            signed.save(self._path)
        return signed

    def accept(self, sent: Approval, anew: bool = False) -> Approval:
        """The approval with the signatures that were made elsewhere.

        Args:
            sent: the statement as it was signed, with signatures; those known already are passed
                over. Who signed first may have waived failures.
            anew: begin again, without the signatures that are there.

        Raises:
            ReleaseRefused: when what was signed is not what is so, a signature does not hold, none
                is new, or a failure stays open.
        """
        with self.registry.locked():
            begun = None if anew else self.begun()
            if begun is not None:
                known = self._still_so(begun)
            else:
                waivers = sent.statement.waivers
                _require_own(waivers, sent)
                known = Approval(statement=self.statement(waivers))
            _require_same(sent.statement, known.statement)
            _require_nothing_open(known.statement)
            keys = {signature.key for signature in known.signatures}
            new = tuple(signature for signature in sent.signatures if signature.key not in keys)
            if not new:
                raise ReleaseRefused(
                    f"expected a new signature under the statement of version "
                    f"{sent.statement.version}; got none; `lingji approve` makes one"
                )
            signed = known.model_copy(update={"signatures": (*known.signatures, *new)})
            signed.require_sound(People.of(self.registry.root))
            signed.save(self._path)
        return signed

    def to_sign(self) -> Approval:
        """What the next person signs: what others have begun where that is so still, else anew.

        Raises:
            ReleaseRefused: when nobody is known as its trainer.
        """
        begun = self.begun()
        if begun is not None and not self.overtaken(begun):
            return begun
        return Approval(statement=self.statement())

    def overtaken(self, begun: Approval) -> str:
        """Why what was signed is no longer so; "" where it still is."""
        try:
            self._still_so(begun)
        except ReleaseRefused as error:
            return str(error)
        return ""

    def begun(self) -> Approval | None:
        """The approval as it has been signed so far; None where nobody has."""
        return begun_approval(self.registry, self.case.version.number)

    def promote(self, by: str = "") -> tuple[Version, Approval]:
        """The version put into service, and what allowed it.

        Raises:
            ReleaseRefused: when it is not approved, or what was approved is no longer so, or
                another release came first.
        """
        begun = self.begun()
        if begun is None:
            number = self.case.version.number
            raise ReleaseRefused(
                f"expected an approval of version {number}; got none; see `lingji gates {number}` "
                f"and `lingji approve {number}`"
            )
        approval = self._still_so(begun)
        return self.registry.promote(self.case.version.number, approval, by), approval

    def _still_so(self, begun: Approval) -> Approval:
        """What was signed, when it still says what is so.

        Raises:
            ReleaseRefused: naming what has changed.
        """
        _require_same(begun.statement, self.statement(begun.statement.waivers))
        return begun

    @property
    def _path(self) -> Path:
        return _begun_path(self.registry, self.case.version.number)


def begun_approval(registry: Registry, number: int) -> Approval | None:
    """The approval of a version as it has been signed so far; None where nobody has.

    Raises:
        FormError: when it is of another shape.
    """
    path = _begun_path(registry, number)
    return Approval.read(path) if path.is_file() else None


def _begun_path(registry: Registry, number: int) -> Path:
    return registry.folder / FOLDER / f"begun-{number}.json"


def try_apart(registry: Registry, version: Version) -> Trial | BundleError:
    """What a version's bundle showed in a child process, or why it showed nothing."""
    try:
        return tried(registry.folder / str(version.number), version.digest)
    except BundleError as error:
        return error


def _heads(registry: Registry, serving: Version | None) -> tuple[str, ...]:
    """What the version in service predicts.

    Raises:
        BundleError: when its files are not what was registered.
    """
    if serving is None:
        return ()
    return bundle_heads(registry.folder / str(serving.number), serving.digest)


def _require_waivable(
    gates: Sequence[Verdict], waivers: Sequence[Waiver], policy: ReleasePolicy
) -> None:
    failed = {verdict.name: verdict.gate for verdict in gates if verdict.status is Status.FAIL}
    for waiver in waivers:
        gate = failed.get(waiver.verdict)
        if gate is None:
            have = named(failed) or "none"
            raise ReleaseRefused(f"expected a failure to waive ({have}); got {waiver.verdict}")
        if gate in policy.never_waived:
            raise ReleaseRefused(
                f"expected a failure that can be waived; got {waiver.verdict}, which the policy "
                "never lets pass"
            )


def _require_same(signed: Statement, now: Statement) -> None:
    """Return when what was signed is what is so.

    Raises:
        ReleaseRefused: naming what has changed.
    """
    old, fresh = signed.model_dump(mode="json"), now.model_dump(mode="json")
    if changed := [name for name in old if old[name] != fresh[name]]:
        raise ReleaseRefused(
            f"expected what was signed for version {signed.version} to be so still; changed "
            f"since: {named(changed)}; look at it again and approve with --anew"
        )


def _require_own(waivers: Sequence[Waiver], sent: Approval) -> None:
    """Return when who signed first is who waived."""
    first = sent.signatures[0].person if sent.signatures else ""
    if others := [waiver.person for waiver in waivers if waiver.person != first]:
        raise ReleaseRefused(
            f"expected waivers of the first person to sign ({first or 'nobody'}); got waivers of "
            f"{named(others)}"
        )


def _require_nothing_open(statement: Statement) -> None:
    if open_ := statement.open_failures():
        raise ReleaseRefused(
            f"expected every gate passed or waived; got {len(open_)} that failed: "
            f"{named(verdict.name for verdict in open_)}; see `lingji gates {statement.version}`"
        )
