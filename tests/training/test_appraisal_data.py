"""Past projects with their outcomes: joined by project and round, faults named, nothing doubled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.errors import FileError
from tests.rulers import catalogue_of, ruler
from training.appraisal_data import AppraisalData, read_appraisal_data

RULER = catalogue_of(ruler())
PROJECTS = "code,year,office,area\nP1,2023,O1,1\nP1,2024,O1,2\nP2,2024,O2,3\n"


def _folder(path: Path, outcomes: str, projects: str = PROJECTS) -> AppraisalData:
    (path / "projects.csv").write_text(projects, encoding="utf-8")
    (path / "outcomes.csv").write_text(outcomes, encoding="utf-8")
    return read_appraisal_data(path, RULER)


def test_one_file_holds_projects_and_outcomes(tmp_path: Path) -> None:
    file = tmp_path / "past.csv"
    file.write_text("code,year,office,outcome_axis\nP1,2023,O1,70\nP2,2024,O2,\n", encoding="utf-8")
    data = read_appraisal_data(file, RULER)
    np.testing.assert_array_equal(data.outcomes["outcome_axis"], [70, np.nan])
    assert data.years.tolist() == [2023, 2024]
    assert (data.groups, data.faults, data.simulated) == (("O1", "O2"), (), False)


def test_outcomes_are_joined_by_project_and_round(tmp_path: Path) -> None:
    data = _folder(tmp_path, "year,code,outcome_axis\n2024,P2,62\n2024,P1,61\n")
    np.testing.assert_array_equal(data.outcomes["outcome_axis"], [np.nan, 61, 62])
    assert data.faults == ()


def test_what_cannot_be_joined_is_named(tmp_path: Path) -> None:
    data = _folder(
        tmp_path,
        "code,year,outcome_axis\nP1,2024,61\nP9,2024,1\nP1,2024,62\nP2,x,3\nP2,2024,much\n,2024,1\n",
    )
    np.testing.assert_array_equal(data.outcomes["outcome_axis"], [np.nan, 61, np.nan])
    told = [fault.message() for fault in data.faults]
    assert len(told) == 5
    assert all("outcomes.csv" in message for message in told)
    assert any("P9 of 2024, which is not among them" in message for message in told)
    assert any("P1 of 2024 again, first in row" in message for message in told)
    assert any("outcomes.csv year: expected a whole number" in message for message in told)
    assert any("outcome_axis: expected an outcome as a number" in message for message in told)
    assert any("outcomes.csv code" in message and "nothing" in message for message in told)


def test_numbers_as_ids_join_whatever_their_type(tmp_path: Path) -> None:
    year = pa.array([2024, 2024], pa.int64())
    ids = [12345678, 12345679]
    pq.write_table(pa.table({"code": ids, "year": year}), tmp_path / "projects.parquet")
    outcomes = {"code": pa.array(ids, pa.float64()), "year": year, "outcome_axis": [1.0, 2.0]}
    pq.write_table(pa.table(outcomes), tmp_path / "outcomes.parquet")
    data = read_appraisal_data(tmp_path, RULER)
    assert data.outcomes["outcome_axis"].tolist() == [1.0, 2.0]
    assert data.projects[0].project_id == "12345678"


def test_a_project_twice_in_a_round_is_a_fault(tmp_path: Path) -> None:
    data = _folder(tmp_path, "code,year\nP1,2023\n", PROJECTS + "P2,2024,O2,4\nP2,2025,O2,4\n")
    assert len(data.projects) == 4
    assert "P2 of 2024 again, first in row" in data.faults[0].message()


def test_faulty_rows_are_left_out_and_kept_in_mind(tmp_path: Path) -> None:
    data = _folder(tmp_path, "code,year,outcome_axis\nP1,2023,5\n", PROJECTS + "P3,1024,O3,4\n")
    assert len(data.projects) == 3
    assert [fault.field for fault in data.faults] == ["year"]


@pytest.mark.parametrize(
    ("projects", "told"),
    [
        ("code,year\n", "at least one project"),
        ("code,year\nP1,x\n", "year: expected a whole number"),
    ],
)
def test_no_usable_row_is_an_error(tmp_path: Path, projects: str, told: str) -> None:
    with pytest.raises(FileError, match=told):
        _folder(tmp_path, "code,year\nP1,2024\n", projects)


def test_a_folder_needs_both_files(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"projects with one of the endings .*no such file"):
        read_appraisal_data(tmp_path, RULER)
    (tmp_path / "projects.csv").write_text(PROJECTS, encoding="utf-8")
    with pytest.raises(FileError, match=r"outcomes with one of the endings"):
        read_appraisal_data(tmp_path, RULER)


def test_simulated_data_say_so_and_the_digest_follows_the_content(tmp_path: Path) -> None:
    table = pa.table({"code": ["P1"], "year": [2024]})
    real, made = tmp_path / "real.parquet", tmp_path / "made.parquet"
    pq.write_table(table, real)
    pq.write_table(table.replace_schema_metadata({b"lingji.simulated": b"true"}), made)
    first, second = (read_appraisal_data(file, RULER) for file in (real, made))
    assert (first.simulated, second.simulated) == (False, True)
    assert first.digest != second.digest
    assert first.digest == read_appraisal_data(real, RULER).digest


def test_chosen_rows_keep_projects_outcomes_and_groups_together(tmp_path: Path) -> None:
    data = _folder(tmp_path, "code,year,outcome_axis\nP1,2023,1\nP1,2024,2\nP2,2024,3\n")
    later = data.where(data.years == 2024)
    assert [p.project_id for p in later.projects] == ["P1", "P2"]
    assert later.outcomes["outcome_axis"].tolist() == [2.0, 3.0]
    assert later.groups == ("O1", "O2")
