"""The auditor's file needs nothing of the project, and nobody else hashes."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import serving.records.verification as verification
from serving.records.checkpoint import SigningKey
from serving.records.record import Record
from serving.records.record_log import RecordLog

FILE = Path(verification.__file__)


def imports(path: Path) -> set[str]:
    """The top-level names that a file imports, wherever it does."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def test_it_imports_the_standard_library_and_cryptography_only() -> None:
    assert imports(FILE) - set(sys.stdlib_module_names) == {"cryptography"}


def test_control_its_neighbour_imports_more() -> None:
    neighbour = FILE.with_name("checkpoint.py")
    assert "serving" in imports(neighbour) - set(sys.stdlib_module_names)


def test_nobody_else_hashes() -> None:
    others = [path for path in FILE.parent.glob("*.py") if path != FILE]
    assert [path.name for path in others if "hashlib" in imports(path)] == []


def test_a_copy_of_it_verifies_an_export(tmp_path: Path, key: SigningKey) -> None:
    with RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}") as log:
        for number in range(3):
            log.append(Record("score", "platform", {"number": number})).result()
        note = log.checkpoint(key)
        export = "".join(log.export())
    alone = tmp_path / "auditor"
    alone.mkdir()
    shutil.copy(FILE, alone)
    (alone / "log.jsonl").write_text(export, encoding="utf-8")
    (alone / "kept").write_text(note, encoding="utf-8")
    (alone / "key").write_text(key.verifier.text(), encoding="utf-8")
    command = [sys.executable, "-I", "verification.py", "log.jsonl", "--key", "key"]
    command += ["--checkpoint", "kept"]
    done = subprocess.run(command, cwd=alone, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("holds: records 0 to 2, root ")
    assert "Not shown" not in done.stdout
    (alone / "log.jsonl").write_text(export.replace('\\"number\\":1', '\\"number\\":7'))
    done = subprocess.run(command, cwd=alone, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("- record 1: expected a record that hashes to ")
