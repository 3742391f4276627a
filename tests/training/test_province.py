"""The files of the invented province: reproducible, of any size, marked, and without the truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.province import ProvinceFiles, simulate, simulate_province

ROWS = 2_600  # more than one block of series


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> ProvinceFiles:
    return simulate_province(tmp_path_factory.mktemp("province"), projects=ROWS)


def _tables(files: ProvinceFiles) -> list[pa.Table]:
    return [pq.read_table(path) for path in (files.projects, files.outcomes, files.truth)]


def _says_simulated(table: pa.Table) -> bool:
    codes = table["pro_code"].to_pylist()
    marked = (table.schema.metadata or {}).get(b"lingji.simulated") == b"true"
    return marked and all(code.startswith("SIM") for code in codes)


def _leaks(table: pa.Table) -> set[str]:
    """Columns of a table, nested ones included, that only the truth may have."""
    truth = {"necessity_true", "necessity_explainable", "importance_true", "padding", "cost_true",
             "importance_explainable", "cost_q10", "cost_q90", "cost_noise_sd", "p_low_execution",
             "p_poor_performance", "necessity_terms", "importance_terms"}  # fmt: skip
    return truth & set(table.schema.names)


def test_the_same_seed_gives_the_same_content(files: ProvinceFiles, tmp_path: Path) -> None:
    again = simulate_province(tmp_path, projects=ROWS)
    assert all(a.equals(b) for a, b in zip(_tables(files), _tables(again), strict=True))
    assert files.projects.read_bytes() == again.projects.read_bytes()


def test_another_seed_gives_other_content(files: ProvinceFiles, tmp_path: Path) -> None:
    other = simulate_province(tmp_path, projects=ROWS, seed=8)
    assert not any(a.equals(b) for a, b in zip(_tables(files), _tables(other), strict=True))


def test_fewer_projects_are_the_first_of_more(files: ProvinceFiles, tmp_path: Path) -> None:
    fewer = simulate_province(tmp_path / "few", projects=500)
    other = simulate_province(tmp_path / "other", projects=500, seed=8)
    for whole, part, control in zip(_tables(files), _tables(fewer), _tables(other), strict=True):
        assert part.equals(whole.slice(0, 500))
        assert not control.equals(whole.slice(0, 500))


def test_content_does_not_depend_on_row_groups(
    files: ProvinceFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulate, "_BLOCKS_PER_GROUP", 1)
    cut = simulate_province(tmp_path, projects=ROWS)
    assert pq.ParquetFile(cut.projects).num_row_groups > 1
    assert pq.ParquetFile(files.projects).num_row_groups == 1
    assert all(a.equals(b) for a, b in zip(_tables(files), _tables(cut), strict=True))


def test_there_are_as_many_projects_as_asked_for(files: ProvinceFiles) -> None:
    projects, outcomes, truth = _tables(files)
    assert projects.num_rows == outcomes.num_rows == truth.num_rows == files.counts["projects"]
    assert files.counts["projects"] == ROWS
    for table in (outcomes, truth):
        assert table["pro_code"].equals(projects["pro_code"])
        assert table["fiscal_year"].equals(projects["fiscal_year"])
    assert files.counts["funded"] == ROWS - outcomes["budget_amt"].null_count


def test_a_project_is_declared_once_a_year(files: ProvinceFiles) -> None:
    projects = _tables(files)[0]
    keys = list(zip(projects["pro_code"].to_pylist(), projects["fiscal_year"].to_pylist(),
                    strict=True))  # fmt: skip
    assert len(set(keys)) == len(keys)
    assert len({code for code, _ in keys}) < len(keys)  # and many come back


def test_rounds_end_in_the_same_year(tmp_path: Path) -> None:
    files = simulate_province(tmp_path, projects=600, years=2)
    assert set(pq.read_table(files.projects)["fiscal_year"].to_pylist()) == {2024, 2025}


def test_every_file_says_that_it_is_simulated(files: ProvinceFiles) -> None:
    assert all(_says_simulated(table) for table in _tables(files))
    readme = (files.projects.parent / "README.md").read_text(encoding="utf-8")
    assert "模拟数据" in readme
    assert "simulated" in readme
    unmarked = _tables(files)[0].replace_schema_metadata({})
    assert not _says_simulated(unmarked)
    real = pa.table({"pro_code": ["990101-2025-205001-1"]}).replace_schema_metadata(
        simulate.SIMULATED
    )
    assert not _says_simulated(real)


def test_the_truth_is_in_its_own_file_only(files: ProvinceFiles) -> None:
    projects, outcomes, truth = _tables(files)
    assert _leaks(projects) == set()
    assert _leaks(outcomes) == set()
    assert set(truth.schema.names) - _leaks(truth) == {"pro_code", "fiscal_year"}
    careless = outcomes.append_column("cost_true", truth["cost_true"])
    assert _leaks(careless) == {"cost_true"}
    assert files.truth not in set(files.projects.parent.glob("*.parquet"))


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    simulate_province(tmp_path, projects=ROWS, progress=lambda done, of: told.append((done, of)))
    assert [of for _, of in told] == [ROWS] * len(told)
    assert np.all(np.diff([done for done, _ in told]) > 0)
    assert told[-1] == (ROWS, ROWS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"projects": 0}, "projects must be at least 1, got 0"),
        ({"years": 0}, "years must be at least 1 and at most 25, got 0"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
    ],
)
def test_impossible_sizes_are_refused(
    tmp_path: Path, options: dict[str, int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        simulate_province(tmp_path, **options)
    assert list(tmp_path.iterdir()) == []
