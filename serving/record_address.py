"""Where the record database is: the one that was named, or SQLite in the working folder."""

from __future__ import annotations

from pathlib import Path

RECORDS_FILE = "records.db"


def record_address(given: str | None, home: Path) -> str:
    """The address of the record database, which may hold a password: never to be shown."""
    return given or f"sqlite:///{(home / RECORDS_FILE).absolute()}"
