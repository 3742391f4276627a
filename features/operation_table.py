"""The closed set of operations that a catalogue may name, as Markdown."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from features.item_operation import UNBOUNDED, ItemOperation
from features.item_operations import ITEM_OPERATIONS
from features.operations import COLUMN_OPERATIONS, MANY, ColumnOperation

_TITLES = (
    ("Operations on indicators", COLUMN_OPERATIONS),
    ("Operations on the records of a part", ITEM_OPERATIONS),
)
_HEADER = ("| operation | reads | options | gives |", "|---|---|---|---|")


def operation_table() -> str:
    """Markdown with one table per family: name, arguments, options, and what comes out."""
    return "\n".join(chain.from_iterable(_family(*family) for family in _TITLES)) + "\n"


def _family(
    title: str, operations: Mapping[str, ColumnOperation] | Mapping[str, ItemOperation]
) -> Iterator[str]:
    yield from (f"### {title}", "", *_HEADER)
    for name, operation in operations.items():
        cells = (f"`{name}`", _reads(operation), _options(operation), _gives(operation))
        yield f"| {' | '.join(cells)} |"
    yield ""


def _reads(operation: ColumnOperation | ItemOperation) -> str:
    if isinstance(operation, ColumnOperation):
        noun = {"any": "of any kind", "texts": "texts or codes"}.get(operation.takes, "numbers")
        return f"{_span(operation.arguments)}, {noun}"
    names: list[str] = []
    for parameter in inspect.signature(operation.function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY:
            continue
        word = parameter.name if operation.takes_list(len(names)) else f"*{parameter.name}*"
        several = "…" if parameter.kind is parameter.VAR_POSITIONAL else ""
        optional = parameter.default is not parameter.empty
        names.append(f"[{word}]" if optional else f"{word}{several}")
    return ", ".join(names)


def _span(arguments: tuple[int, int]) -> str:
    least, most = arguments
    if most in (MANY, UNBOUNDED):
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"


def _options(operation: ColumnOperation | ItemOperation) -> str:
    if isinstance(operation, ColumnOperation):
        return _listed(operation.required, operation.optional)
    required = operation.required_options
    return _listed(required, operation.options - required)


def _listed(required: Iterable[str], optional: Iterable[str]) -> str:
    words = [f"`{name}`" for name in sorted(required)]
    words += [f"[`{name}`]" for name in sorted(optional)]
    return ", ".join(words) or "—"


def _gives(operation: ColumnOperation | ItemOperation) -> str:
    if isinstance(operation, ColumnOperation):
        return operation.description.replace("|", "\\|")
    said = (
        (operation.function.__doc__ or "")
        .strip()
        .splitlines()[0]
        .removeprefix("Return ")
        .replace("None", "unknown")
    )
    return f"{said[:1].upper()}{said[1:]}".replace("|", "\\|")
