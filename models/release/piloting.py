"""From verdicts to a pilot: people sign what the gates said, for which regions and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from features.errors import ReleaseRefused
from models.approval import Statement, Waiver, named
from models.people import People, PersonKey, now
from models.pilot import PilotApproval, PilotStatement, Regions
from models.pilots import PilotEntry, Pilots
from models.release.releasing import Candidate

LONGEST_DAYS = 366
"""A pilot is a trial; what shall serve for longer is released."""


@dataclass(frozen=True)
class PilotCandidate:
    """A version that is to serve some regions, with all that the gates look at.

    until: the moment at which it ends by itself.
    """

    candidate: Candidate
    regions: Regions
    until: str

    @classmethod
    def begun(cls, candidate: Candidate) -> PilotCandidate:
        """The candidate with the regions and the end that people have signed so far.

        Raises:
            ReleaseRefused: when nobody has.
        """
        number = candidate.case.version.number
        approval = Pilots(candidate.registry).begun(number)
        if approval is None:
            raise ReleaseRefused(
                f"expected an approval of a pilot of version {number}; got none; "
                f"`lingji pilot approve {number}` signs one"
            )
        return cls(candidate, approval.statement.regions, approval.statement.until)

    def statement(self, waivers: Sequence[Waiver] = ()) -> PilotStatement:
        """What is to be signed.

        Raises:
            ReleaseRefused: as `Candidate.statement` has it, or when nothing serves beside which it
                could be.
        """
        told = self.candidate.statement(waivers)
        if told.replaces.digest is None:
            raise ReleaseRefused("expected a version in service beside a pilot; got none")
        same = {name: getattr(told, name) for name in Statement.model_fields}
        return PilotStatement(**same, regions=self.regions, until=self.until)

    def approve(
        self, key: PersonKey, reasons: Mapping[str, str], anew: bool = False
    ) -> PilotApproval:
        """The approval with one more signature; arguments as of `Candidate.approve`.

        Raises:
            ReleaseRefused: when a failure stays open, this person may not sign, or what others
                have signed is no longer what is so.
            PersonError: when the key is nobody's.
        """
        registry = self.candidate.registry
        people, pilots = People.of(registry.root), Pilots(registry)
        person = people.owner(key.public)
        given = [Waiver(verdict=n, reason=r, person=person.name) for n, r in reasons.items()]
        with registry.locked():
            begun = None if anew else pilots.begun(self.candidate.case.version.number)
            if begun is None:
                approval = PilotApproval(statement=self.statement(given))
            else:
                if given:
                    raise ReleaseRefused(
                        "expected the waivers that the first person signed; got others; begin "
                        "again with --anew"
                    )
                approval = self._still_so(begun)
            if open_ := approval.statement.open_failures():
                raise ReleaseRefused(
                    f"expected every gate passed or waived; got {len(open_)} that failed: "
                    f"{named(verdict.name for verdict in open_)}; see "
                    f"`lingji gates {approval.statement.version}`"
                )
            signed = approval.signed_by(key, people, now())
            pilots.keep_begun(signed)
        return signed

    def start(self, by: str = "") -> tuple[PilotEntry, PilotApproval]:
        """What is in force from now on, and what allowed it.

        Raises:
            ReleaseRefused: when it is not approved, or what was approved is no longer so.
        """
        registry = self.candidate.registry
        pilots = Pilots(registry)
        with registry.locked():
            begun = pilots.begun(self.candidate.case.version.number)
            if begun is None:
                raise ReleaseRefused("expected an approval of this pilot; got none")
            approval = self._still_so(begun)
            return pilots.start(approval, by), approval

    def _still_so(self, begun: PilotApproval) -> PilotApproval:
        """What was signed, when it still says what is so.

        Raises:
            ReleaseRefused: naming what has changed.
        """
        fresh = self.statement(begun.statement.waivers).model_dump(mode="json")
        old = begun.statement.model_dump(mode="json")
        if changed := [name for name in old if old[name] != fresh[name]]:
            raise ReleaseRefused(
                f"expected what was signed for the pilot of version {begun.statement.version} to "
                f"be so still; changed since: {named(changed)}; look at it again and approve with "
                "--anew"
            )
        return begun


def end_of(day: date, today: date | None = None) -> str:
    """The moment at which a day ends here, at most a year ahead.

    Raises:
        ReleaseRefused: when the day is over, or further ahead.
    """
    present = today or datetime.now().astimezone().date()
    if not present <= day <= present + timedelta(days=LONGEST_DAYS):
        last = present + timedelta(days=LONGEST_DAYS)
        raise ReleaseRefused(f"expected a last day from {present} to {last}; got {day}")
    midnight = datetime.combine(day + timedelta(days=1), time()).astimezone()
    return midnight.isoformat(timespec="seconds")
