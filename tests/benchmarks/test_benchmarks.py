"""The benchmarks run and say what they measured; how long anything takes is not tested."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from benchmarks import __main__ as command
from benchmarks import affordable, big_files, explaining, growing, services, single
from benchmarks.competitor import NOT_INSTALLED, Field
from benchmarks.explainers import CONTRIB, OURS, PREDICT, SHAP, XGBOOST
from benchmarks.explaining import OWN, REFERENCE, Explaining
from benchmarks.heads import ALL
from benchmarks.kept import keep, kept
from benchmarks.machine import instruction_sets, machine, measured_against
from benchmarks.page import page
from benchmarks.reference import FEATURES, smooth_matrix, smooth_target
from benchmarks.run import Run, run
from benchmarks.sample import Sample
from benchmarks.sections import SECTIONS
from benchmarks.services import BATCH, MLFLOW, NUMBERS_READY, PLAIN, SCORE, UNRECORDED
from benchmarks.sizes import TINY
from benchmarks.stages import STAGES, WATCHED, Stages
from benchmarks.targets import NOT_MEASURED, NOT_REACHED, REACHED, Target, targets
from benchmarks.tuning_pays import HeadComparison
from serving import appraisal
from training.growing import TreeSettings
from training.tuning import Search

SMALL = TreeSettings(trees=10, leaves=4)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A whole run on tiny sizes."""
    return run(tuple(SECTIONS), TINY, tmp_path_factory.mktemp("run") / "work", say=lambda _: None)


def present(names: Mapping[str, str]) -> set[str]:
    """The names whose package is installed here."""
    return {name for name, package in names.items() if find_spec(package)}


def positive(sample: Sample, count: int) -> bool:
    return len(sample.values) == count and min(sample.values) > 0


# What each section produces


def test_batches_are_explained_in_every_way(found: Run) -> None:
    result = found.results["explaining"]
    for models in (REFERENCE, OWN):
        for threads in explaining.THREADS:
            explained = result.of(models, threads)
            others = {SHAP: "shap"} | ({XGBOOST: "xgboost"} if models == REFERENCE else {})
            installed = present(others)
            assert {OURS, PREDICT, CONTRIB} | installed <= set(explained.seconds)
            assert explained.absent == dict.fromkeys(set(others) - installed, NOT_INSTALLED)
            assert all(positive(s, TINY.repeats) for s in explained.seconds.values())
            rows = explained.rows.values()
            assert all(TINY.slow_rows <= n <= TINY.fast_rows for n in rows)


def test_one_row_is_explained_in_every_way(found: Run) -> None:
    result = found.results["single"]
    frames = {single.SHAP_CATEGORIES, single.SHAP_FRAME}
    ways = {single.NUMBERS, single.ONE_THREAD, *frames, single.SHAP_NUMPY, CONTRIB, PREDICT}
    assert set(result.own.seconds) == ways | {single.ANSWER}
    assert set(result.reference.seconds) == ways
    for row in (result.own, result.reference):
        assert row.first.keys() == row.seconds.keys()
        for seconds in (*row.seconds.values(), *row.first.values()):
            assert positive(seconds, TINY.singles)


def test_services_are_asked_on_every_number_of_connections(found: Run) -> None:
    result = found.results["answering"]
    assert result.absent == {}
    assert result.workers == 1
    everyone = (services.OURS, UNRECORDED, PLAIN, NUMBERS_READY, MLFLOW)
    asked = {SCORE: everyone, BATCH: (services.OURS, PLAIN, MLFLOW)}
    for path, names in asked.items():
        for service in names:
            for connections in TINY.connections:
                seen = result.of(service, path, connections)
                assert seen is not None
                assert seen.errors == 0
                assert seen.answers >= TINY.load_turns * connections
                assert positive(seen.p50, TINY.load_turns)
                assert seen.p99 >= seen.p50.median
                assert positive(seen.per_second, TINY.load_turns)
    assert {(seen.path, seen.service) for seen in result.loads} == {
        (path, service) for path, names in asked.items() for service in names
    }


def test_files_are_scored_row_for_row(found: Run) -> None:
    result = found.results["files"]
    assert result.absent == {}
    assert [(f.kind, f.rows, f.recorded) for f in result.scored] == [
        ("parquet", 60, False),
        ("parquet", 150, False),
        ("csv", 60, False),
        ("parquet", 60, True),
    ]
    assert all(f.refused == 0 and f.peak > 50 << 20 and f.seconds > 0 for f in result.scored)
    assert result.memory_ratio == result.scored[1].peak / result.scored[0].peak


def test_heads_are_grown_in_every_way(found: Run) -> None:
    (grown,) = found.results["growing"].found
    others = {growing.XGBOOST: "xgboost", growing.CATBOOST: "catboost"}
    installed = present(others)
    assert set(grown.seconds) == {growing.OURS, growing.BARE} | installed == set(grown.error)
    assert grown.absent == dict.fromkeys(set(others) - installed, NOT_INSTALLED)
    assert all(positive(s, 2) for s in grown.seconds.values())
    assert all(1 < error < 6 for error in grown.error.values())


def test_services_tell_their_start_and_memory(found: Run) -> None:
    result = found.results["starting"]
    assert set(result.services) == {services.OURS, PLAIN, MLFLOW}
    for started in result.services.values():
        assert positive(started.ready, TINY.starts)
        assert min(*started.idle.values, *started.loaded.values) > 50 << 20
    assert positive(result.bundle, TINY.repeats)


def test_trees_of_every_size_are_judged_and_timed(found: Run) -> None:
    for grown in found.results["tree_size"].found.values():
        assert [g.leaves for g in grown] == list(TINY.leaves)
        assert all(0 < g.trees <= TINY.most_trees and g.error > 0 for g in grown)
        assert all(positive(s, TINY.repeats) for g in grown for s in g.seconds.values())


def test_shares_of_the_stages_make_the_whole(found: Run) -> None:
    result = found.results["time_spent"]
    assert result.gone == ()  # no stage has gone stale
    for shares in result.shares.values():
        assert list(shares) == list(STAGES)
        assert np.sum([s.values for s in shares.values()], axis=0) == pytest.approx(1.0)


def test_every_head_is_trained_beside_bare_lightgbm(found: Run) -> None:
    seconds = found.results["heads"].seconds
    assert {"necessity", "importance", "reasonable_cost", ALL} <= set(seconds)
    assert all(positive(s, 1) and len(t) == 2 for t in seconds.values() for s in t.values())


# The page and its targets


def test_page_has_every_section_and_every_target(found: Run) -> None:
    told = page(found)
    assert re.findall(r"^## (.*)$", told, re.MULTILINE) == [
        "What must be reached",
        "Explaining a batch",
        "One explained score, in process",
        "The service under load",
        "No record, no score",
        "File to file",
        "Starting, and memory",
        "Where the time goes",
        "Tree size is part of the answer",
        "Training one head",
        "Training a bundle",
    ]
    assert "nan" not in told
    verdicts = re.findall(r"\| (reached|\*\*not reached\*\*|not measured) \|$", told, re.MULTILINE)
    assert len(verdicts) == len(targets(found.results)) == 10
    assert NOT_MEASURED not in verdicts
    assert f"**{verdicts.count(REACHED)} of 10 reached**" in told
    # Every table is one: as many cells in each row as in its head.
    for block in re.findall(r"(?:^\|.*\n)+", told, re.MULTILINE):
        assert len({line.count("|") for line in block.splitlines()}) == 1


def test_ratios_of_the_targets_are_those_of_the_run(found: Run) -> None:
    ours, predict = (found.results["explaining"].of(REFERENCE).seconds[w] for w in (OURS, PREDICT))
    quotients = [a / b for a, b in zip(ours.values, predict.values, strict=True)]
    first = targets(found.results)[0]
    assert first.measured == ours.ratio_to(predict)
    assert first.measured.median == pytest.approx(np.median(quotients))
    assert f"| ≤ 1.5 | {first.measured} |" in page(found)


def test_targets_under_load_are_set_against_the_usual_way(found: Run) -> None:
    result = found.results["answering"]

    def answering(service: str) -> list[Target]:
        """The targets when one service takes ten times as long."""
        loads = tuple(
            replace(seen, p50=seen.p50.times(10), per_second=seen.per_second.times(0.1))
            if seen.service == service
            else seen
            for seen in result.loads
        )
        judged = targets({"answering": replace(result, loads=loads)})
        return [t for t in judged if SCORE in t.what]

    p50, rate = (t.measured.median for t in answering("nobody"))
    assert [t.measured.median for t in answering(PLAIN)] == pytest.approx([10 * p50, 10 * rate])
    assert [t.measured.median for t in answering(UNRECORDED)] == pytest.approx(
        [p50 / 10, rate / 10]
    )
    # Controls: the same program with its numbers ready is shown beside it and judges nothing, and
    # so are recorded answers.
    for service in (NUMBERS_READY, services.OURS):
        assert [t.measured.median for t in answering(service)] == [p50, rate]
    assert all("DataFrame with categories" in t.what for t in answering(PLAIN))


def test_both_plain_services_are_told_apart_on_the_page(found: Run) -> None:
    one, batch = page(found).split("### `POST /score`")[1].split("### `POST /score_batch`")
    for connections in TINY.connections:
        assert f"| {PLAIN} | {connections} | " in one
        assert f"| {NUMBERS_READY} | {connections} | " in one
        assert f"| {PLAIN} | {connections} | " in batch
    assert NUMBERS_READY not in batch.split("## File to file")[0]
    told = " ".join(page(found).split())
    assert f"**{PLAIN}** (`benchmarks/plain_service.py`" in told
    assert f"**{NUMBERS_READY}** is the same program" in told


def slowed(result: Explaining, factor: float) -> Explaining:
    """A made-up result in which ours takes `factor` times as long as bare prediction."""
    changed = (
        replace(f, seconds={**f.seconds, OURS: f.seconds[PREDICT].times(factor)})
        for f in result.found
    )
    return replace(result, found=tuple(changed))


def test_control_a_slow_result_turns_reached_into_not_reached(found: Run) -> None:
    def verdicts(factor: float) -> list[str]:
        made_up = slowed(found.results["explaining"], factor)
        return [t.verdict for t in targets({**found.results, "explaining": made_up})[:2]]

    assert verdicts(0.9) == [REACHED, REACHED]
    assert verdicts(1.2) == [REACHED, NOT_REACHED]
    assert verdicts(1.6) == [NOT_REACHED, NOT_REACHED]
    slow = replace(found, results={"explaining": slowed(found.results["explaining"], 1.6)})
    assert "**0 of 10 reached**, 6 not measured." in page(slow)


@pytest.mark.parametrize(
    ("at_most", "measured", "verdict"),
    [
        (True, 1.5, REACHED),
        (True, 1.51, NOT_REACHED),
        (False, 1.5, REACHED),
        (False, 1.49, NOT_REACHED),
        (False, None, NOT_MEASURED),
        (True, Sample((1.0, 1.4, 9.0)).ratio_to(Sample((1.0, 1.0, 1.0))), REACHED),
    ],
)
def test_verdicts(at_most: bool, measured: Any, verdict: str) -> None:
    assert Target("it", 1.5, at_most, measured).verdict == verdict


def test_what_was_not_measured_is_named_so() -> None:
    assert {target.verdict for target in targets({})} == {NOT_MEASURED}


def test_missing_and_failing_competitors_are_named_on_the_page(found: Run) -> None:
    field = Field()
    field.enter("absent", ("no_such_package",), lambda: list)
    field.enter("broken", (), lambda: lambda: 1 // 0)
    field.enter("there", (), lambda: list)
    assert set(field.tasks) == {"there"}
    assert field.absent["absent"] == NOT_INSTALLED
    assert field.absent["broken"].startswith("failed: ZeroDivisionError")

    result = found.results["explaining"]
    without = tuple(
        replace(f, seconds={OURS: f.seconds[OURS]}, absent=field.absent | {SHAP: NOT_INSTALLED})
        for f in result.found
    )
    told = page(replace(found, results={"explaining": replace(result, found=without)}))
    assert told.count(f"| {SHAP} | {NOT_INSTALLED} |") == 4


def test_machine_is_named_with_its_instruction_sets() -> None:
    assert instruction_sets() in machine()
    assert "load average" in machine()
    assert re.search(r"catboost (\d|not installed)", measured_against())


# A run that was interrupted


def test_results_are_kept_and_taken_over(found: Run, tmp_path: Path) -> None:
    for name, section in SECTIONS.items():
        keep(tmp_path, name, section.kind, found.results[name])
        assert kept(tmp_path, name, section.kind) == found.results[name]
    assert kept(tmp_path / "nowhere", "growing", growing.Growing) is None


def test_resumed_run_measures_only_what_is_missing(tmp_path: Path) -> None:
    work, said = tmp_path / "work", list[str]()
    first = run(("time_spent",), TINY, work, say=said.append)
    again = run(("time_spent", "heads"), TINY, work, resume=True, say=said.append)
    assert list(again.resumed) == ["time_spent"]
    assert again.results["time_spent"] == first.results["time_spent"]
    assert "Taken over from an earlier run on this machine: time_spent." in page(again)
    elsewhere = replace(again, resumed={"time_spent": "A processor, Python 3.99.0; load average 9"})
    assert "Taken over from a run on A processor, Python 3.99.0: time_spent." in page(elsewhere)
    assert again.bundle == first.bundle
    with pytest.raises(ValueError, match="expected a run of the sizes other"):
        run(("heads",), replace(TINY, name="other"), work, resume=True)
    # Control: without resuming, the folder is begun anew.
    assert run((), replace(TINY, name="other"), work, say=said.append).resumed == {}


# What measuring stands on


@pytest.mark.parametrize(("each", "rows"), [(1.0, 5), (0.001, 10), (1e-9, 20)])
def test_batches_are_as_large_as_a_turn_affords(
    monkeypatch: pytest.MonkeyPatch, each: float, rows: int
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(affordable, "seconds_of", lambda task: task() or asked[-1] * each)
    # a turn of 0.01 s, between 5 and 20 rows
    assert affordable.affordable(TINY, asked.append) == rows


def test_reference_rows_are_of_the_kind_described() -> None:
    matrix = smooth_matrix(500, 1)
    assert matrix.shape == (500, FEATURES)
    assert 0.03 < np.isnan(matrix[:, :36]).mean() < 0.07
    assert set(np.unique(matrix[:, 36:])) == set(range(8))
    np.testing.assert_array_equal(matrix, smooth_matrix(500, 1))
    assert not np.array_equal(smooth_target(matrix, 0), smooth_target(matrix, 1))


def test_big_files_repeat_the_projects_under_new_ids(found: Run, tmp_path: Path) -> None:
    projects = pq.read_table(_projects(tmp_path))
    out = tmp_path / "big.parquet"
    big_files.write_parquet(tmp_path / "small.parquet", out, 7)
    table = pq.read_table(out)
    assert table.schema == projects.schema
    assert len(set(table["pro_code"].to_pylist())) == 7
    assert table["pro_name"].to_pylist() == (projects["pro_name"].to_pylist() * 3)[:7]


def _projects(folder: Path) -> Path:
    from tests.small_model import province_folder

    small = folder / "small.parquet"
    pq.write_table(pq.read_table(province_folder() / "projects.parquet").slice(0, 3), small)
    return small


def test_nothing_stays_watched(found: Run) -> None:
    assert appraisal.parse_project.__name__ != "timed"
    # Control: inside, it is; and a name that is gone is told.
    watching = Stages()
    with watching.watched((*WATCHED, ("flying", "serving.appraisal", "Gone.away"))):
        assert appraisal.parse_project.__name__ == "timed"
    assert watching.gone == ["flying"]


# Tuning


@pytest.mark.parametrize(
    ("tuned", "verdict", "gain"),
    [
        ([1.0, 1.0, 1.0, 1.0], "better", 0.5),
        ([3.0, 3.0, 3.0, 3.0], "worse", -0.5),
        ([2.0, 6.0, 0.0, 0.4], "no difference beyond chance", -0.05),
    ],
)
def test_gain_is_judged_by_paired_differences(
    tuned: list[float], verdict: str, gain: float
) -> None:
    search = Search("merit", 2, 1.0, 1.0, 1.0, TreeSettings(), SMALL)
    compared = HeadComparison(search, "loss", np.full(4, 2.0), np.array(tuned))
    assert compared.gain == pytest.approx(gain)
    assert compared.verdict == verdict


def test_command_writes_the_page_on_tuning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "tuning.md"
    command.main(["tuning", "--projects", "1500", "--trials", "1", "--out", str(out)])
    told = out.read_text(encoding="utf-8")
    assert "# Does tuning pay?" in told
    # One trial is the default, which differs from itself by nothing.
    assert "+0.0% ± 0.0%" in told
    assert "0 better, 0 worse, 0 no difference beyond chance" in told
    assert "does not pay in accuracy" in told
    assert "cost 100% of what the defaults' do" in " ".join(told.split())
    assert "4,200 → 4,200" in told
    assert str(out) in capsys.readouterr().out


# The command


def test_command_prints_the_parts_that_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], found: Run
) -> None:
    monkeypatch.setattr(command, "run", lambda *_, **__: found)
    command.main(["growing", "heads", "--sizes", "tiny"])
    told = capsys.readouterr().out
    assert re.findall(r"^## (.*)$", told, re.MULTILINE) == [
        "Training one head",
        "Training a bundle",
    ]


def test_command_writes_the_page_of_a_full_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, found: Run
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(command, "run", lambda *given: asked.append(given) or found)
    monkeypatch.chdir(tmp_path.parent)
    command.main(["--work", tmp_path.name, "--out", str(tmp_path / "page.md"), "--resume"])
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == page(found)
    assert asked[0][:4] == (tuple(SECTIONS), command.FULL, tmp_path, True)


@pytest.mark.parametrize("asked", [["nonsense"], ["single", "nonsense"]])
def test_unknown_section_is_refused(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(asked)
    assert "invalid choice: nonsense" in capsys.readouterr().err
