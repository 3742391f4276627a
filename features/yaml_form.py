"""A form that people write as YAML: a policy with its thresholds."""

from __future__ import annotations

import json
from typing import TypeVar

from features.errors import Fault, FormError
from features.form import Form
from features.strict_yaml import NotYaml, read_yaml

Written = TypeVar("Written", bound=Form)


def yaml_form(kind: type[Written], content: bytes, origin: str) -> Written:
    """The form that a YAML text states.

    Raises:
        FormError: naming every place where it is of another shape.
    """
    try:
        raw = read_yaml(content.decode("utf-8-sig"))
        plain = json.dumps(raw, allow_nan=False).encode()
    except NotYaml as error:
        raise FormError([error.fault], origin) from error
    except (UnicodeDecodeError, TypeError, ValueError) as error:
        fault = Fault(None, None, "words and finite numbers in UTF-8", "something else")
        raise FormError([fault], origin) from error
    return kind.parse(plain, origin)
