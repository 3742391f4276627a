"""Projects of a JSON file: one object per line (jsonl), or one array or object (json)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from features.errors import Fault
from features.project_files import text_encoding
from features.project_files.batch import BadRow, GoodRow, Origin, Row
from features.project_files.piece import ReadRows, read_in_pieces
from features.strict_json import NotJson, ReadValue, read_json, read_json_at

_CHUNK = 2**18
_SPACE = re.compile(r"[ \t\r\n\ufeff]*")
_CUT_SHORT = "what follows was not read; in a .jsonl file a bad line costs that line only"


@dataclass(frozen=True)
class JsonLines:
    """Consecutive lines of a file, each with its number; None for one too long to be read."""

    lines: tuple[tuple[int, str | None], ...]
    codec: str

    @property
    def first(self) -> int:
        """The number of its first line."""
        return self.lines[0][0]

    @property
    def last(self) -> int:
        """The number of its last line."""
        return self.lines[-1][0]

    def rows(self) -> Iterator[Row]:
        """The documents that the lines hold."""
        for number, line in self.lines:
            if line is None:
                limit = f"a line of at most {text_encoding.LONGEST_LINE:,} characters"
                yield BadRow(number, (Fault(number, None, limit, "a longer one"),))
            else:
                yield _line_row(number, line, self.codec)


def read_json_lines(path: Path, size: int) -> tuple[Origin, Iterator[JsonLines]]:
    """How a file of one object per line is read, and its rows in pieces of at most `size`.

    A row's number is its line.
    """
    codec = text_encoding.find_encoding(path)
    return Origin("jsonl", text_encoding.plain_name(codec)), _line_pieces(path, codec, size)


def read_json_document(path: Path, size: int) -> tuple[Origin, Iterator[ReadRows]]:
    """How a JSON array (or a single object) is read, and its items, numbered from 1, in pieces."""
    codec = text_encoding.find_encoding(path)
    origin = Origin("json", text_encoding.plain_name(codec))
    return origin, read_in_pieces(_document_rows(path, codec), size)


def _line_pieces(path: Path, codec: str, size: int) -> Iterator[JsonLines]:
    with text_encoding.open_text(path, codec) as stream:
        numbered = enumerate(text_encoding.lines(stream), start=1)
        given = ((n, line) for n, line in numbered if line is None or not line.isspace())
        while piece := tuple(islice(given, size)):
            yield JsonLines(piece, codec)


def _line_row(number: int, line: str, codec: str) -> Row:
    try:
        return _row(number, read_json(line), line, codec)
    except NotJson as error:
        return BadRow(number, (error.fault.at_row(number),))


def _row(number: int, found: ReadValue, text: str, codec: str) -> Row:
    if fault := text_encoding.damage(number, None, text, codec):
        return BadRow(number, (fault,))
    if not isinstance(found.value, dict):
        got = f"a JSON {_kind(found.value)}"
        return BadRow(number, (Fault(number, None, "an object with a project's fields", got),))
    if found.faults:
        return BadRow(number, tuple(fault.at_row(number) for fault in found.faults))
    return GoodRow(number, found.value)


def _kind(value: object) -> str:
    names = {list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


def _document_rows(path: Path, codec: str) -> Iterator[Row]:
    number = 0
    with text_encoding.open_text(path, codec) as stream:
        try:
            for number, (found, text) in enumerate(_values(_Window(stream)), start=1):
                yield _row(number, found, text, codec)
        except NotJson as error:
            fault = Fault(number + 1, None, error.fault.expected, error.fault.got, _CUT_SHORT)
            yield BadRow(number + 1, (fault,))


def _values(window: _Window) -> Iterator[tuple[ReadValue, str]]:
    """Each item with its text.

    Raises:
        NotJson: where the syntax breaks; nothing after that place can be read.
    """
    if not window.take("["):
        yield window.value()
    elif not window.take("]"):
        yield window.value()
        while window.take(","):
            yield window.value()
        window.expect("]")
    window.expect("")


class _Window:
    """A stretch of a text file that grows at its end and is cut at its start."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""
        self._at = 0

    def take(self, sign: str) -> bool:
        """Whether `sign` comes next; if so it is passed."""
        found = self._next_sign() == sign
        self._at += found
        return found

    def expect(self, sign: str) -> None:
        """Pass `sign`, or the end of the file where it is empty.

        Raises:
            NotJson: when something else comes next.
        """
        came = self._next_sign()
        if came != sign:
            expected = f"',' or '{sign}' after an item" if sign else "the end of the file"
            got = f"the character {came!r}" if came else "the end of the file"
            raise NotJson(Fault(None, None, expected, got), self._at)
        self._at += len(sign)

    def value(self) -> tuple[ReadValue, str]:
        """The value that begins here, passed, and its text.

        Raises:
            NotJson: when it is not JSON, or longer than any project.
        """
        self._next_sign()
        while True:
            try:
                found = read_json_at(self._text, self._at)
            except NotJson as error:
                if len(self._text) - self._at > text_encoding.LONGEST_LINE or not self._grow():
                    fault = Fault(None, None, error.fault.expected, error.problem)
                    raise NotJson(fault, error.position) from error
                continue
            # A number may go on beyond the window, so one that ends with it is read again.
            if found.end < len(self._text) or not self._grow():
                text = self._text[self._at : found.end]
                self._at = found.end
                return found, text

    def _next_sign(self) -> str:
        """The next character that is not space, not yet passed; empty at the end of the file."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._grow():
                return ""

    def _grow(self) -> bool:
        """Read on, dropping what is passed; False at the end of the file."""
        more = self._stream.read(max(_CHUNK, len(self._text) - self._at))
        if more:
            self._text = self._text[self._at :] + more
            self._at = 0
        return bool(more)
