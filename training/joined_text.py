"""LightGBM's text of trees: two joined into one, and one without the addresses of a cluster."""

from __future__ import annotations

import re

_FIRST = "Tree=0\n"
_END = "end of trees\n"
_SIZES = re.compile(r"^tree_sizes=.*\n", re.MULTILINE)
_NUMBER = re.compile(r"^Tree=(\d+)$", re.MULTILINE)
_ALONE = {"machines": "", "local_listen_port": "12400", "num_machines": "1"}
"""What LightGBM writes for a training on one machine."""
_NETWORK = re.compile(rf"^\[({'|'.join(_ALONE)}): .*\]$", re.MULTILINE)


def joined(first: str, second: str) -> str:
    """One text with the trees of `first`, then those of `second`, for LightGBM to read.

    Its raw prediction is the sum of both. What is said beside the trees is the second's, as when
    LightGBM itself goes on from a model.
    """
    head, new, tail = _parts(second)
    _, begun, _ = _parts(first)
    count = len(_NUMBER.findall(begun))
    new = _NUMBER.sub(lambda found: f"Tree={int(found[1]) + count}", new)
    return without_sizes(head + begun + new + tail)


def without_sizes(text: str) -> str:
    """The text without the sizes of its trees: LightGBM then looks for where each begins.

    Where they are given and wrong, reading the text ends the process.
    """
    return _SIZES.sub("", text)


def without_network(text: str) -> str:
    """The text without the addresses and ports of the machines that grew its trees."""
    return _NETWORK.sub(lambda found: f"[{found[1]}: {_ALONE[found[1]]}]", text)


def _parts(text: str) -> tuple[str, str, str]:
    """What stands before the trees, the trees, and what stands after them."""
    begin, end = text.index(_FIRST), text.index(_END)
    return text[:begin], text[begin:end], text[end:]
