"""Where the record database is: the one that was named, or SQLite in the working folder."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

RECORDS_FILE = "records.db"
KEYS_FILE = "records.keys"


def record_address(given: str | None, home: Path) -> str:
    """The address of the record database, which may hold a password: never to be shown.

    It ends with the file of the keys of private values, `?keys=FILE`; where it does not say, that
    is beside SQLite's file, and for PostgreSQL in the working folder.
    """
    address = given or f"sqlite:///{quote(str((home / RECORDS_FILE).absolute()))}"
    if not address.startswith("postgresql") or "keys=" in address.partition("?")[2]:
        return address
    keys = quote(str((home / KEYS_FILE).absolute()), safe="")
    return f"{address}{'&' if '?' in address else '?'}keys={keys}"
