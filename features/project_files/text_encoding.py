"""Which encoding a text file is in, and its lines, in bounded memory.

Finance bureaus exchange CSV as UTF-8 (with or without a mark) and as GB18030. The whole file is
decoded once to decide, because a file may look like ASCII for a long time. Bytes that do not
belong are carried as lone surrogates, so that the one damaged row can be named and the others kept.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from features.errors import Fault

LONGEST_LINE = 8 * 2**20
"""Characters; no declared project is that long, so a longer line is not one."""

_CHUNK = 2**20
_SURE_OF_UTF8 = 32
"""Continuation bytes (two to a Chinese character). GB18030 text hardly ever passes for UTF-8 beyond
a few characters, so a file that has done so this long is UTF-8 with damage."""

_DAMAGE = re.compile("[\x00\ud800-\udfff]")
_DAMAGE_UTF16 = re.compile("[\x00\ud800-\udfff\ufffd]")


def find_encoding(path: Path) -> str:
    """The codec to read a text file with: "utf-8-sig", "gb18030" or "utf-16"."""
    with path.open("rb") as stream:
        start = stream.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if start.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        stream.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        continuation_bytes = 0
        while chunk := stream.read(_CHUNK):
            try:
                continuation_bytes += len(chunk) - len(decoder.decode(chunk))
            except UnicodeDecodeError as error:
                before = error.object[: error.start]
                continuation_bytes += len(before) - len(before.decode("utf-8"))
                return "utf-8-sig" if continuation_bytes >= _SURE_OF_UTF8 else "gb18030"
    return "utf-8-sig"


def plain_name(codec: str) -> str:
    """The codec as it is said to people."""
    return codec.removesuffix("-sig")


def open_text(path: Path, codec: str) -> TextIO:
    """The file as text with its line ends kept; damaged bytes become lone surrogates."""
    errors = "replace" if codec == "utf-16" else "surrogateescape"
    return path.open(encoding=codec, errors=errors, newline="")


def lines(stream: TextIO) -> Iterator[str | None]:
    """The lines of a file with their ends; None for one longer than LONGEST_LINE."""
    while line := stream.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line.endswith(("\n", "\r")):
            yield line
            continue
        while (rest := stream.readline(_CHUNK)) and not rest.endswith(("\n", "\r")):
            pass
        yield None


def sound(text: str, codec: str) -> bool:
    """Whether a text is free of damage; fast, and says no more than that."""
    if "\x00" in text or (codec == "utf-16" and "\ufffd" in text):
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def damage(row: int, field: str | None, text: str, codec: str) -> Fault | None:
    """The fault of a text with NUL or with bytes outside the encoding; None if it is sound."""
    if sound(text, codec):
        return None
    found = (_DAMAGE_UTF16 if codec == "utf-16" else _DAMAGE).search(text)
    if not found:
        return None
    what = "a NUL character" if found[0] == "\x00" else "bytes that are not part of it"
    return Fault(row, field, f"text in {plain_name(codec)}", what, "export the file again")
