"""What can still be read of a record that may be damaged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def object_in(holder: Mapping[str, Any], name: str, *fields: str) -> dict[str, Any]:
    """An object within another, with all of these fields, None where it has none.

    Empty where it is no object.
    """
    found = holder.get(name)
    return dict.fromkeys(fields) | (found if isinstance(found, dict) else {})


def texts_in(holder: Mapping[str, Any], name: str) -> list[str]:
    """The texts of a list within an object; empty where it is no list."""
    found = holder.get(name)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
