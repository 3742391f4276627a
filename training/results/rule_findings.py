"""What rules find of the violations that are planted: the section of the published page."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from features.catalogue import load_catalogue
from features.checks.checked import Checked
from features.checks.checks import Checks
from features.checks.rule_files import read_rule_book, rule_texts
from features.declared_project import DeclaredProject
from features.project_rows import parse_rows
from training.province import simulate_province
from training.results.markdown import count, percent, table

SEEDS, PROJECTS = (31, 32, 33), 6_000
"""Fresh: no rule was written with these provinces in view."""

FOUND_BY: Mapping[str, tuple[str, ...]] = {
    "missing_document": ("ATT-01",),
    "expired_policy": ("POL-05",),
    "sums_wrong": ("AMT-02", "AMT-03"),
    "wrong_economic_code": ("ECO-03",),
    "vague_targets": ("KPI-06", "KPI-07"),
}
"""The kinds of violations that are planted, each with the rules of which one must find it."""
_CLASS_RULE, _CLASS_KIND = "ECO-03", "wrong_economic_code"


@dataclass
class RuleFigures:
    """What was found.

    planted, found: violations by kind. judged, lines: calculation lines whose economic class could
    be judged, and all. wrong: lines flagged whose class was right. proposed: planted wrong classes
    for which the right one was proposed.
    """

    projects: int = 0
    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    judged: int = 0
    wrong: int = 0
    proposed: int = 0


def rules_section(progress: Callable[[str], None]) -> str:
    """The section, in Markdown."""
    figures = RuleFigures()
    for seed in SEEDS:
        progress(f"rules, seed {seed}")
        measure(figures, seed, PROJECTS)
    return _section(figures)


def measure(figures: RuleFigures, seed: int, projects: int) -> None:
    """Add what the rules that ship find in one province with planted faults."""
    catalogue = load_catalogue("zero_base")
    book = read_rule_book(rule_texts(catalogue.catalogue), catalogue, examples=False)
    checks = Checks(book, catalogue)
    with tempfile.TemporaryDirectory() as folder:
        files = simulate_province(Path(folder), projects, seed=seed, planting=True)
        planted = _planted(Path(folder) / "truth" / "planted.parquet")
        for batch in parse_rows(files.projects, catalogue):
            for project in (row.project for row in batch.rows if row.project is not None):
                key = (project.project_id, project.year)
                _count(figures, project, checks.checked(project), planted.get(key, {}))


_Planted = Mapping[str, tuple[str, str]]
"""What was planted in a project: of each kind the item and the detail."""


def _planted(path: Path) -> Mapping[tuple[str, int], dict[str, tuple[str, str]]]:
    found: defaultdict[tuple[str, int], dict[str, tuple[str, str]]] = defaultdict(dict)
    for row in pq.read_table(path).to_pylist():
        key = (row["project_id"], int(row["fiscal_year"]))
        found[key][row["kind"]] = (row["item"] or "", row["detail"] or "")
    return found


def _count(
    figures: RuleFigures, project: DeclaredProject, checked: Checked, planted: _Planted
) -> None:
    figures.projects += 1
    places = {(finding.rule.code, finding.place) for finding in checked.findings}
    codes = {code for code, _ in places}
    for kind in planted.keys() & FOUND_BY.keys():
        figures.planted[kind] += 1
        line = planted[kind][0].partition(".")[0]
        asked = ((c, line) in places if kind == _CLASS_KIND else c in codes for c in FOUND_BY[kind])
        figures.found[kind] += any(asked)
    for judged, wrong, proposed in _classes(checked, planted):
        figures.judged, figures.wrong = figures.judged + judged, figures.wrong + wrong
        figures.proposed += proposed
    lines = project.values["cost_lines"]
    figures.lines += len(lines) if isinstance(lines, tuple) else 0


def _classes(checked: Checked, planted: _Planted) -> Iterator[tuple[int, int, int]]:
    """Lines judged, flagged though right, and flagged with the right class proposed."""
    place, right = planted.get(_CLASS_KIND, ("", ""))
    for result in checked.results:
        if result.rule.code == _CLASS_RULE:
            hits = [f for f in result.findings if f.place == place.partition(".")[0]]
            proposed = sum(finding.measure.proposed == right for finding in hits)
            yield result.judged, len(result.findings) - len(hits), proposed


def _section(figures: RuleFigures) -> str:
    rows = [
        [kind, ", ".join(codes), count(figures.planted[kind]), _share(figures, kind)]
        for kind, codes in FOUND_BY.items()
    ]
    flagged = figures.found[_CLASS_KIND] + figures.wrong
    precision = figures.found[_CLASS_KIND] / flagged if flagged else float("nan")
    proposed = figures.proposed / max(figures.found[_CLASS_KIND], 1)
    told = [
        "## Rules",
        f"The rules that ship ([rules.md](rules.md)) were asked of {count(figures.projects)} "
        f"projects of {len(SEEDS)} provinces. Departments also err by themselves, in ways that are "
        "not planted, so that of most kinds only recall can be told.",
        table(["planted", "rule", "n", "found"], rows),
        f"Economic classes are judged by the words of a line; of {count(figures.lines)} lines "
        f"{percent(figures.judged / max(figures.lines, 1))} have words that tell. Of the lines "
        f"flagged {percent(precision)} were planted wrong, {count(figures.wrong)} were right; for "
        f"{percent(proposed)} of those found the right class was proposed. The words of invented "
        "lines are few and plain: real lines will be judged less often.",
    ]
    return "\n\n".join(told) + "\n"


def _share(figures: RuleFigures, kind: str) -> str:
    planted = figures.planted[kind]
    return percent(figures.found[kind] / planted) if planted else "–"
