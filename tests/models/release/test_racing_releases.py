"""Forty releases at once, each approved against the same champion: one of them wins."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from models.release import releasing
from models.trial import try_bundle
from tests.releases import Waiting

RACERS = 40
RACE = """
import multiprocessing, sys
from pathlib import Path

def race(home, number, start, results):
    from features.errors import ReleaseRefused
    from models.approval import Approval
    from models.registry import Registry
    registry = Registry(Path(home), "small")
    approval = Approval.read(registry.folder / "approvals" / f"begun-{number}.json")
    start.wait()
    try:
        registry.promote(number, approval)
        results.put((number, "won"))
    except ReleaseRefused as error:
        results.put((number, str(error)))
    except Exception as error:
        results.put((number, f"{type(error).__name__}: {error}"))

def main():
    home, numbers = sys.argv[1], [int(n) for n in sys.argv[2:]]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["models.registry", "models.approval"])
    start, results = context.Barrier(len(numbers)), context.Queue()
    racers = [context.Process(target=race, args=(home, n, start, results)) for n in numbers]
    for racer in racers:
        racer.start()
    for _ in racers:
        number, became = results.get(timeout=120)
        print(number, became, flush=True)
    for racer in racers:
        racer.join()

if __name__ == "__main__":
    main()
"""


def test_of_forty_racing_releases_one_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releasing, "tried", cache(try_bundle))
    home = tmp_path / "home"
    waiting = Waiting.at(home)
    numbers = [waiting.challenger(f"{place % 4}").number for place in range(RACERS)]
    for number in numbers:
        waiting.review(number)
        waiting.approve(number)
    script = tmp_path / "race.py"
    script.write_text(RACE, encoding="utf-8")
    environment = {"PYTHONPATH": str(Path(__file__).parents[3]), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, str(script), str(home), *map(str, numbers)]
    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stderr
    became = dict(line.split(" ", 1) for line in ended.stdout.splitlines())
    assert sorted(map(int, became)) == numbers
    won = [int(number) for number, outcome in became.items() if outcome == "won"]
    assert len(won) == 1
    lost = {outcome.partition(": another")[0] for outcome in became.values()} - {"won"}
    assert lost == {
        "expected an approval that was compared with what serves now, after release 2; got one "
        "compared after release 1"
    }
    releases = waiting.registry.releases()
    assert [entry.version for entry in releases.entries] == [1, *won]
    assert waiting.registry.release().reviewed


def test_one_racer_alone_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: what the others lost for was the race, not their approval."""
    monkeypatch.setattr(releasing, "tried", cache(try_bundle))
    assert Waiting.at(tmp_path).released("3").number == 2
