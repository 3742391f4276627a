"""300 power cuts: with synchronous=FULL no acknowledged record is lost; with NORMAL many are."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving.records.power_cut import APPENDS, sqlite_library

ROOT = Path(__file__).parents[3]
CUTS = 300


def cut(folder: Path, synchronous: str) -> dict[str, int]:
    if not sqlite_library():
        pytest.skip(f"SQLite {sqlite3.sqlite_version} is built into Python: nothing to wrap")
    command = [sys.executable, "-m", "tests.serving.records.power_cut", str(folder)]
    command += [synchronous, str(CUTS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    assert (found["cuts"], found["acknowledged"]) == (CUTS, APPENDS)
    return found


def test_no_acknowledged_record_is_lost(tmp_path: Path) -> None:
    found = cut(tmp_path, "FULL")
    assert (found["cuts_with_losses"], found["records_lost"], found["refused"]) == (0, 0, 0)


def test_control_without_full_synchronisation_records_are_lost(tmp_path: Path) -> None:
    assert cut(tmp_path, "NORMAL")["cuts_with_losses"] > CUTS // 2
