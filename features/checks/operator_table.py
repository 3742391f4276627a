"""The closed lists that conditions are composed of, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from features.checks.conditions import OPERATORS
from features.checks.forms import FORMS
from features.checks.values import ARITHMETIC, READINGS


def operator_table() -> str:
    """Markdown with the operators of conditions, the calculations of values, and the forms."""
    return "\n".join([*_operators(), "", *_values(), "", *_forms()]) + "\n"


def _operators() -> Iterator[str]:
    yield "| condition | holds when | options |"
    yield "|---|---|---|"
    for name, operator in OPERATORS.items():
        must = [f"`{option}`" for option in sorted(operator.required)]
        may = [f"[`{option}`]" for option in sorted(operator.optional)]
        yield f"| `{name}` | {operator.description} | {', '.join([*must, *may]) or '–'} |"


def _values() -> Iterator[str]:
    yield "| value | is |"
    yield "|---|---|"
    for name, (function, _, _) in ARITHMETIC.items():
        yield f"| `{name}` | {_first_line(function)} |"
    for name, read in READINGS.items():
        yield f"| `{name}` | {read.description} |"


def _forms() -> Iterator[str]:
    yield "| form | is |"
    yield "|---|---|"
    for name, form in FORMS.items():
        yield f"| `{name}` | {_first_line(form)} |"


def _first_line(function: object) -> str:
    line = (function.__doc__ or "").strip().splitlines()[0]
    return line[:1].lower() + line[1:].rstrip(".")
