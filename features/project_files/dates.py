"""Dates of tables as texts."""

from __future__ import annotations

from datetime import date, datetime, time


def plain_date(value: date) -> str:
    """An ISO date, or date and time where there is a time of day."""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat()
