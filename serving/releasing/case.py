"""The case of one version: what the gates say of it, who reviewed it, what is to be signed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from features.errors import BundleError, FormError, LingjiError, RegistryError
from models.approval import Approval, Signature, Status, Verdict, Waiver
from models.registry import Registry, Version
from models.release.comparison import Comparison
from models.release.release_policy import ReleasePolicy, release_policy
from models.release.releasing import Candidate, try_apart
from models.release.review import Review
from models.trial import Trial
from serving.wording.envelope import Json, Refusal


@dataclass(frozen=True)
class Case:
    """One version on its way to a release, or after it.

    candidate: None for what serves or cannot be judged; then why_not says why. signed: what has
    been signed so far, or what allowed its release. overtaken: why that is no longer so; "" where
    it is. to_sign: what the next person signs.
    """

    version: Version
    standing: str
    candidate: Candidate | None = None
    gates: tuple[Verdict, ...] = ()
    signed: Approval | None = None
    overtaken: str = ""
    to_sign: Approval | None = None
    why_not: str = ""

    @property
    def open_failures(self) -> list[Verdict]:
        """The verdicts that failed and nobody has waived."""
        waived = {waiver.verdict for waiver in self.waivers}
        return [v for v in self.gates if v.status is Status.FAIL and v.name not in waived]

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The failures that somebody waived, and why."""
        return self.signed.statement.waivers if self.signed else ()

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """Who has signed."""
        return self.signed.signatures if self.signed else ()

    @property
    def needed(self) -> int:
        """How many people must sign."""
        found = self.signed or self.to_sign
        return found.statement.approvers if found else 0

    @property
    def comparison(self) -> Comparison | None:
        """The comparison with what serves."""
        return self.candidate.case.comparison if self.candidate else None

    @property
    def review(self) -> Review | None:
        """The newest review of that comparison."""
        return self.candidate.case.review if self.candidate else None

    @property
    def may_be_released(self) -> bool:
        """Whether it can be put into service as it stands."""
        enough = bool(self.signatures) and len(self.signatures) >= self.needed
        return self.candidate is not None and enough and not self.overtaken

    def as_json(self) -> Json:
        """The case for machines."""
        candidate, review, comparison = self.candidate, self.review, self.comparison
        return {
            "version": self.version.number,
            "digest": self.version.digest,
            "trainer": self.version.trainer,
            "standing": self.standing,
            "why_not": self.why_not,
            "comparison": None if comparison is None else comparison.model_dump(mode="json"),
            "comparison_digest": None if candidate is None else candidate.comparison,
            "review": None if review is None else review.model_dump(mode="json"),
            "policy_digest": None if candidate is None else candidate.case.policy.file_digest,
            "gates": [{"name": v.name, **v.model_dump(mode="json")} for v in self.gates],
            "open": [verdict.name for verdict in self.open_failures],
            "waivers": [each.model_dump(mode="json") for each in self.waivers],
            "signatures": [{"person": s.person, "made": s.made} for s in self.signatures],
            "signatures_needed": self.needed,
            "overtaken": self.overtaken,
            "statement_digest": self.to_sign.statement.file_digest if self.to_sign else None,
            "may_be_released": self.may_be_released,
        }


@dataclass
class Cases:
    """The cases of a registry's versions.

    A bundle is tried in a child process once for those who look; whoever signs or releases has it
    tried anew.
    """

    registry: Registry
    _trials: dict[tuple[int, str], Trial] = field(default_factory=dict)

    def policy(self) -> ReleasePolicy:
        """The policy in force.

        Raises:
            FormError: when the working folder's is of another shape.
        """
        return release_policy(None, self.registry.root)

    def version(self, number: str) -> Version:
        """The version of that number.

        Raises:
            Refusal: 404 where there is none.
        """
        for version in self.registry.versions():
            if str(version.number) == number:
                return version
        raise Refusal(404, "There is no such version.")

    def is_quick(self, number: str) -> bool:
        """Whether telling a case needs no child process."""
        version = self.version(number)
        return (version.number, version.digest) in self._trials

    def case(self, number: str) -> Case:
        """The case of a version.

        Raises:
            Refusal: 404 where there is none.
            LingjiError: when the list of releases or the policy cannot be read.
        """
        version, releases = self.version(number), self.registry.releases()
        of_it = [entry for entry in releases.entries if entry.digest == version.digest]
        serving = releases.in_service
        if serving is not None and serving.digest == version.digest:
            kept = serving.approval and self.registry.approvals.kept(serving.approval)
            gates = kept.statement.gates if kept else ()
            return Case(version, "in_service", gates=gates, signed=kept or None)
        standing = "served_before" if of_it else "waiting"
        try:
            candidate = self.candidate(version)
            begun, to_sign = candidate.begun(), candidate.to_sign()
        except (FormError, BundleError, RegistryError) as error:
            return Case(version, standing, why_not=str(error))
        overtaken = "" if begun is None else candidate.overtaken(begun)
        gates = tuple(candidate.verdicts())
        return Case(version, standing, candidate, gates, begun, overtaken, to_sign)

    def candidate(self, version: Version, *, anew: bool = False) -> Candidate:
        """A version as the gates see it now; `anew`: with its bundle tried once more.

        Raises:
            LingjiError: as `Candidate.of` has it.
        """
        trying = try_apart if anew else self._tried
        return Candidate.of(self.registry, version.number, self.policy(), trying=trying)

    def to_sign(self, number: str) -> Approval:
        """What a person signs: the statement as it is now, with the signatures so far.

        Raises:
            Refusal: 404 where there is no such version.
            LingjiError: when it cannot be released, such as one that nothing compares.
        """
        return self.candidate(self.version(number)).to_sign()

    def _tried(self, registry: Registry, version: Version) -> Trial | BundleError:
        key = (version.number, version.digest)
        if key not in self._trials:
            found = try_apart(registry, version)
            if isinstance(found, BundleError):
                return found
            self._trials[key] = found
        return self._trials[key]


def approval_sent(given: object) -> Approval:
    """The approval that a body holds, as JSON or as the text of a file.

    Raises:
        Refusal: 422 when it is none.
    """
    content = given if isinstance(given, str) else json.dumps(given)
    try:
        return Approval.parse(content.encode(), "approval")
    except FormError as error:
        raise Refusal(422, "This is no signed statement.", error.faults) from error
    except (LingjiError, ValueError) as error:
        raise Refusal(422, "This is no signed statement.") from error
