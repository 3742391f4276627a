"""`python -m benchmarks.model_comparison` compares and writes docs/model-comparison.md."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.model_comparison.contestant import Contestant
from benchmarks.model_comparison.field import FIELD
from benchmarks.model_comparison.ours import LINGJI, Ours
from benchmarks.model_comparison.page import PICTURE, Compared, page
from benchmarks.model_comparison.picture import distances
from benchmarks.model_comparison.run import run, worlds
from benchmarks.model_comparison.sizes import FULL, QUICK, Sizes
from benchmarks.model_comparison.standings import contest
from benchmarks.model_comparison.worlds import World

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
_LIBRARIES = ("scikit-learn", "xgboost-cpu", "catboost", "interpret-core")
WORK = ROOT / "var" / "benchmarks" / "model_comparison"


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare, and write the page with its picture."""
    parser = argparse.ArgumentParser("python -m benchmarks.model_comparison", description=__doc__)
    parser.add_argument("--japan-review", type=Path, help="the Japanese reviews, parquet")
    parser.add_argument("--quick", action="store_true", help="little data, no search, one seed")
    parser.add_argument("--out", type=Path, help="the folder of the page; default: docs/")
    parser.add_argument("--work", type=Path, default=WORK, help="where answers are kept")
    parser.add_argument("--afresh", action="store_true", help="forget an interrupted run")
    asked = parser.parse_args(arguments)
    sizes = QUICK if asked.quick else FULL
    work = asked.work / sizes.name
    if asked.afresh and work.is_dir():
        shutil.rmtree(work)
    found = compare(FIELD, sizes, worlds(sizes, asked.japan_review), work)
    out = asked.out or DOCS
    picture = out / PICTURE
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(distances(found.contests, found.rivals), encoding="utf-8")
    (out / "model-comparison.md").write_text(page(found), encoding="utf-8")
    print(f"written: {out / 'model-comparison.md'}")


def compare(
    field: Sequence[Contestant], sizes: Sizes, places: Sequence[World], work: Path
) -> Compared:
    """The comparison of a field of contestants, what an earlier run kept taken over."""
    found, absent = run(field, sizes, places, work)
    known = {world.catalogue: world.data.catalogue for world in places}
    contests = {
        catalogue: [contest(known[catalogue].head(name), by, LINGJI) for name, by in heads.items()]
        for catalogue, heads in found.items()
    }
    rivals = [each.name for each in field if not isinstance(each, Ours)]
    return Compared(sizes, f"{machine()}, {_libraries()}", contests, absent, rivals)


def _libraries() -> str:
    found = []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:  # its contestant is told as absent
            continue
    return ", ".join(found)


if __name__ == "__main__":
    main()
