"""The closed set of written forms that a text may be asked to have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from features.policy_basis import is_document_number

_DIVISION = re.compile(r"\d{6}(\d{3})?")
_PROJECT = re.compile(r"[0-9A-Za-z]+([-_][0-9A-Za-z]+)*")
_ECONOMIC = re.compile(r"\d{5}")
_FUNCTION = re.compile(r"\d{3}(\d{2}(\d{2})?)?")


def division_code(text: str) -> bool:
    """Six digits of GB/T 2260, or nine with those of the street."""
    return _DIVISION.fullmatch(text) is not None


def project_code(text: str) -> bool:
    """Latin letters and digits in groups, with hyphens between them."""
    return _PROJECT.fullmatch(text) is not None


def economic_code(text: str) -> bool:
    """Five digits of an economic class."""
    return _ECONOMIC.fullmatch(text) is not None


def function_code(text: str) -> bool:
    """Three, five or seven digits of a functional class."""
    return _FUNCTION.fullmatch(text) is not None


def document_number(text: str) -> bool:
    """A number of an official document, such as 国发〔2023〕5号, or of a decree."""
    return is_document_number(text)


FORMS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        form.__name__: form
        for form in (document_number, division_code, economic_code, function_code, project_code)
    }
)
"""Name → whether a text has the form."""
