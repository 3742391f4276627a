"""YAML without silent loss: a key given twice is a fault, and so is a key that is no word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import yaml

from features.errors import Fault

if TYPE_CHECKING:
    from yaml import SafeLoader as _SafeLoader
else:  # LibYAML where it is built in: the same documents, read ten times as fast
    _SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotYaml(ValueError):
    """Text that is not YAML as it is read here: what is wrong and where."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.message())


class _StrictLoader(_SafeLoader):
    """The safe loader, made stricter."""


def _mapping_without_duplicates(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str | int | float | None):
            got = f"a {type(key).__name__}"
            raise NotYaml(Fault(None, f"line {line}", "a word as key", got))
        if key in seen:
            raise NotYaml(Fault(None, f"line {line}", "each key once", f"{key!r} a second time"))
        seen.add(key)
    mapping: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return mapping


_StrictLoader.add_constructor(
    yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_duplicates
)


def read_yaml(text: str) -> Any:
    """The one YAML document that a text holds.

    Raises:
        NotYaml: when it is none, or a key stands twice.
    """
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 (a SafeLoader, made stricter)
    except yaml.YAMLError as error:
        raise NotYaml(Fault(None, None, "YAML", " ".join(str(error).split()))) from error


def line_of(text: str, place: Sequence[int | str]) -> int:
    """The line, from 1, on which a place of a document stands, or the nearest one around it.

    Args:
        text: YAML that `read_yaml` can read.
        place: the keys and positions that lead to it.
    """
    node = yaml.compose(text, Loader=_StrictLoader)
    line = 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                return line
            key, node = found[0]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            if step >= len(node.value):
                return line
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line
