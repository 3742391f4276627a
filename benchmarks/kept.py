"""Results of sections as JSON in a folder, so that a run that was interrupted can go on."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

Result = TypeVar("Result")


def keep(folder: Path, name: str, kind: type[Result], found: Result) -> None:
    """Write a section's result."""
    (folder / f"{name}.json").write_bytes(TypeAdapter(kind).dump_json(found, indent=1))


def kept(folder: Path, name: str, kind: type[Result]) -> Result | None:
    """A section's result from an earlier run; None where there is none."""
    file = folder / f"{name}.json"
    return TypeAdapter(kind).validate_json(file.read_bytes()) if file.is_file() else None
