"""The page on performance: what must be reached first, then every section."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.machine import LOAD, measured_against
from benchmarks.markdown import paragraph, table
from benchmarks.run import Run
from benchmarks.sections import SECTIONS
from benchmarks.targets import NOT_MEASURED, REACHED, targets
from benchmarks.told.figures import NOTHING, shown


def page(found: Run) -> str:
    """The page that reports a run, in Markdown."""
    return "\n".join(_page(found)) + "\n"


def part(found: Run, name: str) -> str:
    """One section of it."""
    return "\n".join(SECTIONS[name].told(found.results[name])) + "\n"


def _page(found: Run) -> Iterator[str]:
    yield "# What it costs"
    yield ""
    yield from paragraph(
        "Ratios first, measured in turn in the same run on the same bundle, so that they mean "
        "more than the milliseconds do. Each cell: median, and in brackets the interquartile "
        "range over the turns. This page is written by `make bench`; no test has a time limit."
    )
    yield ""
    yield from paragraph(
        f"Machine: {found.machine}. "
        f"Measured against: {measured_against()}. "
        f"Bundle: {found.bundle}. "
        f"{_measured(found)}Sizes: “{found.sizes.name}”."
    )
    yield from _taken_over(found)
    yield ""
    yield from _targets(found)
    for name, section in SECTIONS.items():
        if name in found.results:
            yield ""
            yield from section.told(found.results[name])


def _taken_over(found: Run) -> Iterator[str]:
    """Which sections were measured before, and on what where it was not the same."""
    before: dict[str, list[str]] = {}
    for name, machine in found.resumed.items():
        before.setdefault(machine.partition(LOAD)[0], []).append(name)
    for machine, names in before.items():
        yield ""
        same = machine == found.machine.partition(LOAD)[0]
        where = "an earlier run on this machine" if same else f"a run on {machine}"
        yield from paragraph(f"Taken over from {where}: {', '.join(names)}.")


def _measured(found: Run) -> str:
    """How long it took, where anything was measured anew."""
    if found.resumed.keys() == found.results.keys():
        return ""
    return f"The run took {found.seconds / 60:,.0f} minutes. "


def _targets(found: Run) -> Iterator[str]:
    judged = targets(found.results)
    reached = sum(target.verdict == REACHED for target in judged)
    missing = sum(target.verdict == NOT_MEASURED for target in judged)
    yield "## What must be reached"
    yield ""
    yield f"**{reached} of {len(judged)} reached**" + (
        f", {missing} not measured." if missing else "."
    )
    yield ""
    yield from table(
        ("what", "must be", "measured", "verdict"),
        [
            (t.what, t.must_be, NOTHING if t.measured is None else shown(t.measured), t.verdict)
            for t in judged
        ],
    )
