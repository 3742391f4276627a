"""A program that records what SQLite writes to the disk, then cuts the power at random places.

    python -m tests.serving.records.power_cut FOLDER SYNCHRONOUS CUTS

SQLite's own VFS does the work; its methods for writing, truncating and syncing are wrapped, so that
the order of all writes, syncs and acknowledgements is known. After a cut a file holds what was
written before its last sync, and of what was written later any part: whole, torn, or nothing. The
log is then opened on those files, and must hold every record that was acknowledged before the cut.

Prints {"cuts", "acknowledged", "cuts_with_losses", "records_lost", "refused"} in JSON.
"""

from __future__ import annotations

import ctypes
import json
import random
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from serving.records import database
from serving.records.errors import RecordsError
from serving.records.record import Record
from serving.records.record_log import RecordLog
from serving.records.verification import verify_log

APPENDS = 600
CALLERS = 4
_SECTOR = 512
_SEED = 20260131
_VERIFY_EVERY = 20
_INT = ctypes.c_int
_POINTER = ctypes.c_void_p
_LONG = ctypes.c_int64

# The name stays a pointer: SQLite keeps it, and has written more behind the text's end.
OPEN = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _POINTER, _INT, _POINTER)
WRITE = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _INT, _LONG)
TRUNCATE = ctypes.CFUNCTYPE(_INT, _POINTER, _LONG)
SYNC = ctypes.CFUNCTYPE(_INT, _POINTER, _INT)


class Vfs(ctypes.Structure):
    """struct sqlite3_vfs, https://sqlite.org/c3ref/vfs.html."""

    _fields_ = (
        ("version", _INT),
        ("file_size", _INT),
        ("longest_path", _INT),
        ("next", _POINTER),
        ("name", ctypes.c_char_p),
        ("data", _POINTER),
        ("open", OPEN),
        ("others", _POINTER * 14),
    )


class Methods(ctypes.Structure):
    """struct sqlite3_io_methods, https://sqlite.org/c3ref/io_methods.html."""

    _fields_ = (
        ("version", _INT),
        ("close", _POINTER),
        ("read", _POINTER),
        ("write", WRITE),
        ("truncate", TRUNCATE),
        ("sync", SYNC),
        ("others", _POINTER * 13),
    )


@dataclass
class Recorder:
    """The acts of SQLite on files of one folder, in order: written, truncated, synced, told."""

    folder: Path
    acts: list[tuple[Any, ...]] = field(default_factory=list)
    _paths: dict[int, str] = field(default_factory=dict)
    _kept: list[Any] = field(default_factory=list)

    def install(self) -> None:
        """Make this SQLite's default way to files, in this process."""
        library = ctypes.CDLL(sqlite_library())
        library.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
        original = library.sqlite3_vfs_find(None).contents
        if sqlite3.sqlite_version_info != tuple(map(int, _version(library).split("."))):
            raise RuntimeError("Python's sqlite3 uses another SQLite than the shared library")
        wrapped = Vfs.from_buffer_copy(original)
        wrapped.name = b"recorded"
        methods: dict[int, Methods] = {}

        def opened(vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
            code: int = original.open(vfs, name, file, flags, out)
            pointer = ctypes.cast(file, ctypes.POINTER(_POINTER))
            path = ctypes.string_at(name) if name else b""
            if code == 0 and pointer[0] and path.startswith(bytes(self.folder)):
                self._paths[file] = Path(path.decode()).name
                if pointer[0] not in methods:
                    methods[pointer[0]] = self._wrapped(pointer[0])
                pointer[0] = ctypes.addressof(methods[pointer[0]])
            return code

        wrapped.open = OPEN(opened)
        self._kept += [wrapped, original, methods, library]
        library.sqlite3_vfs_register(ctypes.byref(wrapped), 1)

    def _wrapped(self, address: int) -> Methods:
        original = Methods.from_address(address)
        wrapped = Methods.from_buffer_copy(original)

        def write(file: int, content: int, count: int, offset: int) -> int:
            self.acts.append(("w", self._paths[file], offset, ctypes.string_at(content, count)))
            return int(original.write(file, content, count, offset))

        def truncate(file: int, size: int) -> int:
            self.acts.append(("t", self._paths[file], size))
            return int(original.truncate(file, size))

        def sync(file: int, flags: int) -> int:
            code = int(original.sync(file, flags))
            self.acts.append(("s", self._paths[file]))
            return code

        wrapped.write, wrapped.truncate, wrapped.sync = WRITE(write), TRUNCATE(truncate), SYNC(sync)
        return wrapped


def sqlite_library() -> str:
    """The path of the shared SQLite that this process has loaded; empty where there is none."""
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    except OSError:
        return ""
    return next((line.split()[-1] for line in maps.splitlines() if "libsqlite3" in line), "")


def _version(library: ctypes.CDLL) -> str:
    library.sqlite3_libversion.restype = ctypes.c_char_p
    found: bytes = library.sqlite3_libversion()
    return found.decode()


def _apply(content: bytearray, act: tuple[Any, ...]) -> None:
    if act[0] == "t":
        del content[act[2] :]
        return
    offset, written = act[2], act[3]
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(written)] = written


def after_cuts(
    before: dict[str, bytes], acts: list[tuple[Any, ...]], cuts: list[int], chance: random.Random
) -> Iterator[tuple[dict[str, bytearray], set[str]]]:
    """For each cut: what the files hold, and which records had been acknowledged."""
    durable = {name: bytearray(content) for name, content in before.items()}
    pending: list[tuple[Any, ...]] = []
    told: set[str] = set()
    done = 0
    for cut in cuts:
        for act in acts[done:cut]:
            if act[0] == "told":
                told.add(act[1])
            elif act[0] == "s":
                for earlier in (act_ for act_ in pending if act_[1] == act[1]):
                    _apply(durable.setdefault(act[1], bytearray()), earlier)
                pending = [act_ for act_ in pending if act_[1] != act[1]]
            else:
                durable.setdefault(act[1], bytearray())
                pending.append(act)
        done = cut
        files = {name: bytearray(content) for name, content in durable.items()}
        for act in pending:
            fate = chance.random()
            if fate < 0.4:
                _apply(files[act[1]], act)
            elif fate < 0.6 and act[0] == "w" and len(act[3]) > _SECTOR:
                torn = chance.randrange(len(act[3]) // _SECTOR) * _SECTOR
                _apply(files[act[1]], (*act[:3], act[3][:torn]))
        yield files, set(told)


def main() -> None:
    """Record a run, cut its power, and print what was lost."""
    folder, synchronous, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    database.SQLITE_PRAGMAS["synchronous"] = synchronous
    recorder = Recorder(folder / "recorded")
    recorder.install()
    with RecordLog.open(f"sqlite:///{recorder.folder / 'records.db'}", patience=60) as log:
        # The key of private values is made, and durable, before a record is sealed with it.
        log.append(_record(-1)).result()
        before = {
            path.name: path.read_bytes()
            for path in recorder.folder.iterdir()
            if not path.name.endswith("-shm")
        }
        recorder.acts.clear()

        def append(number: int) -> None:
            made = _record(number)
            log.append(made).result()
            recorder.acts.append(("told", made.record_id))

        with ThreadPoolExecutor(CALLERS) as callers:
            list(callers.map(append, range(APPENDS)))
        acts = list(recorder.acts)
    chance = random.Random(_SEED)  # noqa: S311
    cuts = sorted(chance.randrange(len(acts)) for _ in range(count))
    result = {"cuts": count, "acknowledged": APPENDS, "cuts_with_losses": 0, "records_lost": 0}
    result["refused"] = 0
    for number, (files, told) in enumerate(after_cuts(before, acts, cuts, chance)):
        shutil.rmtree(folder / "cut", ignore_errors=True)
        (folder / "cut").mkdir()
        for name, content in files.items():
            (folder / "cut" / name).write_bytes(content)
            (folder / "cut" / name).chmod(0o600)  # as the key is, or it is refused
        lost = _lost(folder / "cut" / "records.db", told, whole=number % _VERIFY_EVERY == 0)
        result["refused"] += lost is None
        result["cuts_with_losses"] += lost != 0
        result["records_lost"] += lost or 0
    print(json.dumps(result))


def _record(number: int) -> Record:
    return Record("score", "platform", {"number": number}, private={"phone": "1"})


def _lost(path: Path, told: set[str], *, whole: bool) -> int | None:
    """How many acknowledged records are not there; None where the log cannot be opened."""
    try:
        with RecordLog.open(f"sqlite:///{path}") as log:
            if whole and not verify_log(log.export()).holds:
                return None
    except RecordsError:
        return None
    connection = sqlite3.connect(path)
    there = {row[0] for row in connection.execute("SELECT record_id FROM record")}
    connection.close()
    return len(told - there)


if __name__ == "__main__":
    main()
