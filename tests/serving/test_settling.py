from __future__ import annotations

import gc
import re
import subprocess
import sys
from pathlib import Path

import pytest

from serving.settling import settle

SETTING = Path("/sys/kernel/mm/transparent_hugepage/enabled")
PROGRAM = """
import re, sys
from pathlib import Path
from serving.settling import settle

def huge():
    told = Path("/proc/self/smaps_rollup").read_text()
    return int(re.search(r"AnonHugePages:\\s+([0-9]+)", told)[1])

kept = [str(number) for number in range(1_000_000)]
before = huge()
if sys.argv[1] == "settle":
    settle()
print(huge() - before, kept[-1])
"""


def huge_pages() -> bool:
    """Whether this system makes huge pages when it is asked to, and only then: Linux from 6.1."""
    if sys.platform != "linux" or not SETTING.is_file():
        return False
    release = re.match(r"(\d+)\.(\d+)", Path("/proc/sys/kernel/osrelease").read_text())
    asked = "[madvise]" in SETTING.read_text(encoding="ascii")
    return asked and release is not None and (int(release[1]), int(release[2])) >= (6, 1)


def grown(how: str) -> int:
    """Kibibytes in huge pages that came while a process loaded much and settled, or did not."""
    done = subprocess.run(
        (sys.executable, "-c", PROGRAM, how), capture_output=True, text=True, check=True
    )
    count, last = done.stdout.split()
    assert last == "999999"
    return int(count)


@pytest.mark.skipif(not huge_pages(), reason="this system makes no huge pages when asked")
def test_what_is_loaded_is_put_into_huge_pages() -> None:
    assert grown("settle") > 32 * 1024
    assert grown("not") < 8 * 1024  # the control


def test_what_is_loaded_is_looked_through_no_more() -> None:
    try:
        settle()
        kept = gc.get_freeze_count()
        assert kept > 10_000
        settle()
        assert abs(gc.get_freeze_count() - kept) < kept / 2
    finally:
        gc.unfreeze()
    assert gc.get_freeze_count() == 0
