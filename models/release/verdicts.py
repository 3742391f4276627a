"""How a gate says what it found."""

from __future__ import annotations

from typing import Any

from models.approval import Status, Verdict


def passed(gate: str, **about: Any) -> Verdict:
    """That a gate is passed."""
    return Verdict(gate=gate, status=Status.PASS, **about)


def failed(gate: str, reason: str, **about: Any) -> Verdict:
    """That a gate is not passed, and why."""
    return Verdict(gate=gate, status=Status.FAIL, reason=reason, **about)


def not_applicable(gate: str, reason: str, **about: Any) -> Verdict:
    """That a gate cannot be judged here, and why not."""
    return Verdict(gate=gate, status=Status.NOT_APPLICABLE, reason=reason, **about)


def judged(gate: str, holds: bool, reason: str, **about: Any) -> Verdict:
    """Passed when it holds, else failed for the reason."""
    return passed(gate, **about) if holds else failed(gate, reason, **about)
