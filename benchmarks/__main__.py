"""`python -m benchmarks` measures everything and writes docs/performance.md.

`… SECTION …` measures parts and prints them; `… tuning` writes docs/tuning.md.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from benchmarks import tuning_pays
from benchmarks.machine import machine
from benchmarks.page import page, part
from benchmarks.run import run
from benchmarks.sections import SECTIONS
from benchmarks.sizes import BY_NAME, FULL
from features.catalogue import load_catalogue
from training.appraisal_data import read_appraisal_data
from training.province import simulate_province
from training.tuning import SearchBudget

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
WORK = ROOT / "var" / "benchmarks"
TUNING = "tuning"


def main(arguments: list[str] | None = None) -> None:
    """Measure what was asked for; write the page, or print the parts."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument(
        "sections",
        metavar="section",
        nargs="*",
        help=f"{', '.join((*SECTIONS, TUNING))}; default: all",
    )
    parser.add_argument("--sizes", default=FULL.name, choices=tuple(BY_NAME), help="how much")
    parser.add_argument("--out", type=Path, help="the page to write; default: in docs/")
    parser.add_argument("--work", type=Path, default=WORK, help="the folder of a full run")
    parser.add_argument(
        "--resume", action="store_true", help="go on with a full run that was interrupted"
    )
    parser.add_argument("--projects", type=int, default=6_000, help="tuning: projects to simulate")
    parser.add_argument("--trials", type=int, default=20, help="tuning: settings tried per head")
    parser.add_argument("--japan-review", type=Path, help="tuning: the Japanese reviews, parquet")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.sections if name not in (*SECTIONS, TUNING)]
    if unknown:
        parser.error(f"invalid choice: {', '.join(unknown)}; known: {', '.join(SECTIONS)}")
    if asked.sections == [TUNING]:
        _written(asked.out or DOCS / "tuning.md", _tuning(asked))
    elif TUNING in asked.sections:
        parser.error(f"{TUNING} is asked for alone")
    elif asked.sections:
        _parts(asked)
    else:
        work = asked.work.resolve()  # services are started in it
        found = run(tuple(SECTIONS), BY_NAME[asked.sizes], work, asked.resume, _say)
        _written(asked.out or DOCS / "performance.md", page(found))


def _say(line: str) -> None:
    print(line, flush=True)


def _written(out: Path, told: str) -> None:
    out.write_text(told, encoding="utf-8")
    print(f"written: {out}")


def _parts(asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = run(asked.sections, BY_NAME[asked.sizes], Path(folder), say=_say)
    print(f"\n{found.machine}\n")
    for name in asked.sections:
        print(part(found, name))


def _tuning(asked: argparse.Namespace) -> str:
    budget = SearchBudget(trials=asked.trials)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        simulate_province(Path(folder) / "province", asked.projects)
        data = read_appraisal_data(Path(folder) / "province", load_catalogue("zero_base"))
        found.append(tuning_pays.compare("An invented province (zero_base)", data, budget))
    if asked.japan_review:
        data = read_appraisal_data(asked.japan_review, load_catalogue("japan_review"))
        found.append(tuning_pays.compare("Japan's programme reviews (japan_review)", data, budget))
    return tuning_pays.page(found, budget, machine())


if __name__ == "__main__":
    # Being asked to end is an exit, so that no server is left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
