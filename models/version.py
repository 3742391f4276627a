"""A registered version of a catalogue's model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Version:
    """A registered version: its number, its bundle's digest, when, from which run, and by whom."""

    number: int
    digest: str
    created: str
    run: str = ""
    trainer: str = ""
