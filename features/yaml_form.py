"""A form that people write as YAML, read as strictly as one that is kept as JSON."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from features.errors import Fault, FormError
from features.form import Form, form_bytes
from features.strict_yaml import NotYaml, read_yaml

AForm = TypeVar("AForm", bound=Form)


def yaml_form(form: type[AForm], content: bytes, origin: str) -> AForm:
    """The form that a YAML text states.

    Raises:
        FormError: naming every place where it is of another shape.
    """
    try:
        raw = read_yaml(content.decode("utf-8-sig"))
        plain = json.dumps(raw, allow_nan=False, default=_written).encode()
    except NotYaml as error:
        raise FormError([error.fault], origin) from error
    except (UnicodeDecodeError, TypeError, ValueError) as error:
        fault = Fault(None, None, "words and finite numbers in UTF-8", "something else")
        raise FormError([fault], origin) from error
    return form.parse(plain, origin)


def form_in_force(
    form: type[AForm], path: Path | None, home: Path, shipped: Traversable, origin: str
) -> AForm:
    """The form in a file; else in the working folder's of the same name; else the one that ships.

    Args:
        shipped: the file that ships. origin: how a fault calls it.

    Raises:
        FormError: when the file cannot be read or is of another shape.
    """
    if path is None and (home / shipped.name).is_file():
        path = home / shipped.name
    if path is None:
        return yaml_form(form, shipped.read_bytes(), origin)
    return yaml_form(form, form_bytes(path), str(path))


def _written(value: object) -> str:
    """A day as it was written: YAML takes one without quotation marks for more than words."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"expected words and numbers; got a {type(value).__name__}")
