"""How a gate says what it found, in Chinese and in English."""

from __future__ import annotations

from typing import Any, NamedTuple

from models.approval import Status, Verdict


class Said(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str


_NOTHING = Said("", "")


def passed(gate: str, said: Said = _NOTHING, **about: Any) -> Verdict:
    """That a gate is passed, and what there is to say of it."""
    return _verdict(gate, Status.PASS, said, about)


def failed(gate: str, said: Said, **about: Any) -> Verdict:
    """That a gate is not passed, and why."""
    return _verdict(gate, Status.FAIL, said, about)


def not_applicable(gate: str, said: Said, **about: Any) -> Verdict:
    """That a gate cannot be judged here, and why not."""
    return _verdict(gate, Status.NOT_APPLICABLE, said, about)


def judged(gate: str, holds: bool, said: Said, **about: Any) -> Verdict:
    """Passed when it holds, else failed for the reason."""
    return passed(gate, **about) if holds else failed(gate, said, **about)


def _verdict(gate: str, status: Status, said: Said, about: dict[str, Any]) -> Verdict:
    return Verdict(gate=gate, status=status, reason=said.en, reason_zh=said.zh, **about)
