"""The memory of a process with its children."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from benchmarks.process_tree import family, memory, peak_of, workers


def test_memory_of_a_process_and_its_children_is_seen() -> None:
    if memory(os.getpid()) is None:
        pytest.skip("the system tells no PSS")
    holds = "x = bytearray(80 << 20); print(flush=True); input()"
    code = (
        "import subprocess, sys; child = subprocess.Popen((sys.executable, '-c', sys.argv[1]));"
        "child.wait()"
    )
    parent = subprocess.Popen(
        (sys.executable, "-c", code, holds), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdin
    assert parent.stdout
    with parent.stdin, parent.stdout, peak_of(parent.pid) as peak:
        parent.stdout.readline()
        assert len(family(parent.pid)) == 2
        assert workers(parent.pid) == 1
        assert (memory(parent.pid) or 0) > 80 << 20
        # Control: the parent alone holds less.
        assert (memory(family(parent.pid)[1]) or 0) < (memory(parent.pid) or 0)
        peak.bytes = max(peak.bytes, memory(parent.pid) or 0)
        parent.stdin.write(b"\n")
        parent.stdin.flush()
        parent.wait()
    assert peak.bytes > 80 << 20
    assert peak.how == "sampled PSS"
