"""What the forms of the review send, read into what is kept; or what is wrong, field by field."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from starlette.responses import HTMLResponse, Response

from features.catalogue import Catalogue
from features.errors import Fault
from features.head_declaration import HeadDeclaration, HeadKind
from features.identity_number import holds_identity_number
from models.release.review import Severity
from models.review.case import CaseAnswers
from models.review.finding import Answered, Closed, Opened, Returned
from models.review.judgement import Correction, JudgedAmount, Judgement, Opinion, Stance
from models.review.round import CaseEntry
from serving.wording.envelope import Refusal

Sent = Mapping[str, str]
LONGEST_TEXT = 2_000
GREATEST_AMOUNT = 1e15
EXPECTED = {
    "points": "a number from 0 to 100",
    "amount": "an amount above 0",
    "ends": "both ends of the range or neither",
    "order": "low at most the amount, and that at most high",
    "text": f"a text of 1 to {LONGEST_TEXT:,} characters, without citizen identity numbers",
    "comment": f"at most {LONGEST_TEXT:,} characters, without citizen identity numbers",
    "stance": f"one of {', '.join(Stance)}",
    "severity": f"one of {', '.join(Severity)}",
    "name": "a name of 1 to 100 characters",
    "due": "a day from today on, as 2026-01-31",
    "version": "the number of a registered version, or nothing",
    "round": "the name of a round, or the id of a case",
}
"""What each fault of a form says that it expected, for programs; pages have words of their own."""


class FormFaults(Refusal):
    """A form that is not what it must be. wrong: field → one of EXPECTED."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        self.wrong = dict(wrong)
        faults = [Fault(None, n, EXPECTED[w], "another value") for n, w in self.wrong.items()]
        super().__init__(422, "The form is not what this call takes.", faults)


class FormShown(FormFaults):
    """The same for a browser: the page of the form again, with what was typed and what is wrong."""

    def __init__(self, faults: FormFaults, page: str) -> None:
        super().__init__(faults.wrong)
        self._page = page

    def response(self) -> Response:
        """The page."""
        return HTMLResponse(self._page, self.status)


@dataclass
class _Reading:
    """One form being read, and what has been found wrong so far."""

    sent: Sent
    wrong: dict[str, str] = field(default_factory=dict)

    def number(self, name: str, sort: str, most: float, *, wanted: bool = False) -> float | None:
        """The number of a field; None where it is empty, or wrong, which is noted."""
        text = unicodedata.normalize("NFKC", self.sent.get(name, "")).replace(",", "").strip()
        if not text and not wanted:
            return None
        try:
            value = float(text) if text.isascii() else math.nan
        except ValueError:
            value = math.nan
        least_met = value >= 0 if sort == "points" else value > 0
        if not (least_met and value <= most):
            self.wrong[name] = sort
            return None
        return value

    def text(self, name: str, *, wanted: bool = True, longest: int = LONGEST_TEXT) -> str:
        """The text of a field, noted where it is wrong."""
        text = self.sent.get(name, "").replace("\r\n", "\n").strip()
        missing = wanted and not text
        if missing or len(text) > longest or "\0" in text or holds_identity_number(text):
            self.wrong[name] = "text" if wanted else "comment"
        return text

    def one_of(self, name: str, known: Sequence[str], sort: str) -> str:
        """The choice of a field, noted where it is none."""
        if self.sent.get(name, "") not in known:
            self.wrong[name] = sort
        return self.sent.get(name, "")

    def require_sound(self) -> None:
        """Return when nothing is wrong.

        Raises:
            FormFaults: otherwise.
        """
        if self.wrong:
            raise FormFaults(self.wrong)


def judged_heads(catalogue: Catalogue, kind: HeadKind) -> tuple[HeadDeclaration, ...]:
    """The heads of a kind that experts judge."""
    return tuple(head for head in catalogue.heads if head.kind is kind)


def read_judgement(sent: Sent, entry: CaseEntry, catalogue: Catalogue) -> Judgement:
    """The judgement that a form sends: `score_HEAD`, `low_HEAD`, `mid_HEAD`, `high_HEAD` and so on.

    Raises:
        FormFaults: naming every field that is wrong.
    """
    reading = _Reading(sent)
    scores, amounts = _judged(reading, catalogue)
    comment = reading.text("comment", wanted=False)
    reading.require_sound()
    return Judgement(
        case=entry.id, case_digest=entry.case, scores=scores, amounts=amounts, comment=comment
    )


def read_correction(sent: Sent, entry: CaseEntry, catalogue: Catalogue) -> Correction:
    """The correction that a form sends: as a judgement, with the `reason`.

    Raises:
        FormFaults: naming every field that is wrong.
    """
    reading = _Reading(sent)
    scores, amounts = _judged(reading, catalogue)
    reason = reading.text("reason")
    reading.require_sound()
    return Correction(
        case=entry.id, case_digest=entry.case, scores=scores, amounts=amounts, reason=reason
    )


def _judged(
    reading: _Reading, catalogue: Catalogue
) -> tuple[dict[str, float], dict[str, JudgedAmount]]:
    scores = {
        head.name: reading.number(f"score_{head.name}", "points", 100, wanted=True) or 0.0
        for head in judged_heads(catalogue, HeadKind.SCORE)
    }
    amounts = {}
    for head in judged_heads(catalogue, HeadKind.AMOUNT):
        low, mid, high = (
            reading.number(f"{part}_{head.name}", "amount", GREATEST_AMOUNT)
            for part in ("low", "mid", "high")
        )
        given = [amount for amount in (low, mid, high) if amount is not None]
        if (low is None) != (high is None) and not reading.wrong:
            reading.wrong[f"low_{head.name}"] = "ends"
        elif given != sorted(given):
            reading.wrong[f"low_{head.name}"] = "order"
        elif given and not reading.wrong:
            amounts[head.name] = JudgedAmount(low=low, mid=mid, high=high)
    return scores, amounts


def read_opinion(
    sent: Sent, entry: CaseEntry, answers: CaseAnswers, heads: Sequence[str]
) -> Opinion:
    """The opinion that a form sends: `stance_SIDE_HEAD` for each side, from 1, and the `comment`.

    Args:
        heads: those that the answers say something of.

    Raises:
        FormFaults: naming every field that is wrong.
    """
    reading = _Reading(sent)
    known = list(Stance)
    stances = {
        side.model: {
            head: reading.one_of(f"stance_{number}_{head}", known, "stance") for head in heads
        }
        for number, side in enumerate(answers.sides, start=1)
    }
    comment = reading.text("comment", wanted=False)
    reading.require_sound()
    told = {model: {h: Stance(s) for h, s in said.items()} for model, said in stances.items()}
    return Opinion(case=entry.id, stances=told, comment=comment)


def read_opened(sent: Sent, rounds: Mapping[str, str], today: date) -> Opened:
    """The finding that a form opens: `subject`, `text`, `severity`, `owner`, `due`.

    Args:
        rounds: of each subject, a round's name or a case's id, the round's name.

    Raises:
        FormFaults: naming every field that is wrong.
    """
    reading = _Reading(sent)
    subject = reading.one_of("subject", list(rounds), "round")
    text = reading.text("text")
    severity = reading.one_of("severity", list(Severity), "severity")
    owner = sent.get("owner", "").strip()
    if not 0 < len(owner) <= 100 or not owner.isprintable() or holds_identity_number(owner):
        reading.wrong["owner"] = "name"
    due = sent.get("due", "").strip()
    try:
        if date.fromisoformat(due) < today or len(due) != len("2026-01-31"):
            reading.wrong["due"] = "due"
    except ValueError:
        reading.wrong["due"] = "due"
    reading.require_sound()
    case = None if rounds[subject] == subject else subject
    return Opened(
        round=rounds[subject],
        case=case,
        text=text,
        severity=Severity(severity),
        owner=owner,
        due=due,
    )


def read_answered(sent: Sent, versions: Sequence[int]) -> Answered:
    """The answer to a finding that a form sends: `text`, `fixed_in`, `evidence`.

    Args:
        versions: those that are registered.

    Raises:
        FormFaults: naming every field that is wrong.
    """
    reading = _Reading(sent)
    text, evidence = reading.text("text"), reading.text("evidence")
    fixed_in = sent.get("fixed_in", "").strip()
    if fixed_in and fixed_in not in map(str, versions):
        reading.wrong["fixed_in"] = "version"
    reading.require_sound()
    return Answered(text=text, fixed_in=int(fixed_in) if fixed_in else None, evidence=evidence)


def read_returned(sent: Sent) -> Returned:
    """That an answer is not enough, as a form sends it: `text`.

    Raises:
        FormFaults: when the text is wrong.
    """
    reading = _Reading(sent)
    text = reading.text("text")
    reading.require_sound()
    return Returned(text=text)


def read_closed(sent: Sent) -> Closed:
    """That an answer is enough, as a form sends it: `text`.

    Raises:
        FormFaults: when the text is wrong.
    """
    reading = _Reading(sent)
    text = reading.text("text")
    reading.require_sound()
    return Closed(text=text)
