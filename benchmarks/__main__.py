"""`python -m benchmarks` measures and writes docs/performance.md; `… tuning` docs/tuning.md."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks import performance, tuning_pays
from benchmarks.machine import machine
from features.catalogue import load_catalogue
from training.appraisal_data import read_appraisal_data
from training.province import simulate_province
from training.tuning import SearchBudget

DOCS = Path(__file__).parent.parent / "docs"
PROJECTS = 6_000


def main(arguments: list[str] | None = None) -> None:
    """Measure what was asked for and write its page."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="?", default="performance", choices=("performance", "tuning"))
    parser.add_argument("--projects", type=int, default=PROJECTS, help="projects to simulate")
    parser.add_argument("--out", type=Path, help="the page to write; default: in docs/")
    parser.add_argument("--repeats", type=int, default=1, help="performance: times as many repeats")
    parser.add_argument("--trials", type=int, default=20, help="tuning: settings tried per head")
    parser.add_argument("--japan-review", type=Path, help="tuning: the Japanese reviews, parquet")
    asked = parser.parse_args(arguments)
    written = _performance(asked) if asked.what == "performance" else _tuning(asked)
    out = asked.out or DOCS / f"{asked.what}.md"
    out.write_text(written, encoding="utf-8")
    print(f"written: {out}")


def _performance(asked: argparse.Namespace) -> str:
    sizes = performance.Sizes(projects=asked.projects).repeated(asked.repeats)
    return performance.page(performance.measure(sizes), machine())


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
    main()
