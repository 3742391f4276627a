"""The import rules of pyproject.toml hold, and each of them would notice being broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("features", "models", "training", "serving")
LINT = (
    "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
)


def lint(folder: Path) -> tuple[int, str]:
    """The exit code of import-linter over the packages in `folder`, and what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", LINT],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def empty_house(folder: Path, **modules: str) -> Path:
    """A copy of the rules with empty packages; `modules` maps, e.g., models__head to its source."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    (folder / "serving" / "records").mkdir()
    for name in ("__init__", "verification"):  # the rules name these
        (folder / "serving" / "records" / f"{name}.py").touch()
    for name, source in modules.items():
        path = folder / Path(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return folder


def test_the_import_rules_hold() -> None:
    code, said = lint(ROOT)
    assert code == 0, said
    assert " 0 broken" in said


@pytest.mark.parametrize(
    ("module", "source", "rule"),
    [
        ("features__row", "import models", "never back"),
        ("models__head", "def late():\n    import training", "never back"),
        ("training__fit", "from serving import record", "never back"),
        ("serving__application", "import training", "answers a request"),
        ("serving__appraisal", "from training.fit import x", "answers a request"),
        ("serving__page", "import lightgbm", "One door to LightGBM"),
        ("training__fit", "from lightgbm import Booster", "One door to LightGBM"),
        ("training__growing", "import mlflow", "One door to MLflow"),
        ("serving__application", "from bentoml import api", "One door to BentoML"),
        ("training__fit", "import optuna.samplers", "One door to Optuna"),
        ("training__fit", "import dask.array", "One door to Dask"),
        ("serving__application", "from joserfc import jwt", "One door to joserfc"),
        ("serving__appraisal", "def late():\n    import distributed", "One door to Dask"),
        ("serving__appraisal", "import sqlalchemy", "One door to the record database"),
        ("serving__records__record", "from alembic import op", "One door to the record database"),
        ("serving__records__record_log", "import starlette", "Records know nothing of HTTP"),
        ("serving__records__verification", "import rfc8785", "An auditor copies one file"),
        ("serving__records__verification", "import features", "An auditor copies one file"),
        ("features__one", "import features.two", "No import cycle"),
    ],
)
def test_control_a_forbidden_import_is_noticed(
    tmp_path: Path, module: str, source: str, rule: str
) -> None:
    others = {
        "training__fit": "x = 1",
        "serving__record": "",
        "features__two": "import features.one",
    }
    if rule != "No import cycle":
        others.pop("features__two")
    code, said = lint(empty_house(tmp_path, **(others | {module: source})))
    assert code == 1, said
    assert [line for line in said.splitlines() if rule in line and "BROKEN" in line], said


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("training__growing", "import lightgbm"),
        ("training__tracking", "import mlflow"),
        ("models__cluster", "import dask.array, distributed"),
        ("training__tuning", "import optuna"),
        ("serving__service", "import bentoml"),
        ("serving__access__tokens", "import joserfc"),
        ("serving__records__database", "import sqlalchemy"),
        ("serving__records__record_log", "from sqlalchemy import select"),
        ("serving__command_line", "import training"),
        ("serving__command_line__program", "import training"),
    ],
)
def test_control_the_doors_themselves_are_open(tmp_path: Path, module: str, source: str) -> None:
    code, said = lint(empty_house(tmp_path, **{module: source}))
    assert code == 0, said
