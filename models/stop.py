"""The stop switch: a model out of service at once, until somebody puts it back."""

from __future__ import annotations

import os
from pathlib import Path

from features.errors import FormError, RegistryError
from features.form import Form, Moment, Words
from models.people import Name

FILE = "stopped.json"


class Stop(Form):
    """Why a model is out of service, by whose hand and since when."""

    reason: Words
    by: Name
    made: Moment


def is_stopped(folder: Path) -> bool:
    """Whether a catalogue's model is out of service: quick enough to ask before every answer."""
    return os.access(os.path.join(folder, FILE), os.F_OK)  # quicker than by way of `Path`


def stop_of(folder: Path) -> Stop | None:
    """The stop in force; None where there is none. A damaged one stops as well."""
    if not is_stopped(folder):
        return None
    try:
        return Stop.read(folder / FILE)
    except FormError:
        return Stop(reason="not readable", by="unknown", made="1970-01-01T00:00:00Z")


def stop(folder: Path, given: Stop) -> None:
    """Take the model out of service."""
    waiting = folder / f"{FILE}.new"
    waiting.write_bytes(given.to_bytes())
    waiting.replace(folder / FILE)


def resume(folder: Path) -> None:
    """Put the model back into service.

    Raises:
        RegistryError: when it is not stopped.
    """
    try:
        (folder / FILE).unlink()
    except FileNotFoundError as error:
        raise RegistryError("expected a model that is stopped; got one in service") from error
