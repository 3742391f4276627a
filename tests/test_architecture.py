"""The import rules of pyproject.toml hold, and each of them would notice being broken."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("features", "models", "training", "serving")
LINT = """
import json, os, sys
from importlinter.cli import lint_imports

def lint(folder, report):
    child = os.fork()  # each sees packages of its own; import-linter itself is imported once
    if not child:
        said = os.open(report, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(said, 1), os.dup2(said, 2)
        os.chdir(folder)
        sys.path[0] = folder
        code = lint_imports(no_cache=True)
        sys.stdout.flush()
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

print(json.dumps([lint(*each.split(os.pathsep)) for each in sys.argv[1:]]))
"""
Linted = tuple[int, str]
"""The exit code of import-linter, and what it printed."""

FORBIDDEN = (
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
)
ALLOWED = (
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
)


@pytest.fixture(scope="module")
def linted(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], Linted]:
    """What import-linter makes of this project, under (), and of each house."""
    houses = {(): ROOT}
    for each in (*FORBIDDEN, *ALLOWED):
        module, source, *rule = each
        others = {"training__fit": "x = 1", "serving__record": ""} if rule else {}
        if rule == ["No import cycle"]:
            others["features__two"] = "import features.one"
        houses[each] = empty_house(tmp_path_factory.mktemp("house"), **{**others, module: source})
    reports = tmp_path_factory.mktemp("reports")
    asked = [f"{house}{os.pathsep}{reports / str(n)}" for n, house in enumerate(houses.values())]
    done = subprocess.run(
        [sys.executable, "-c", LINT, *asked],
        env=os.environ | {"COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=True,
    )
    said = [(reports / str(n)).read_text(encoding="utf-8") for n in range(len(houses))]
    return dict(zip(houses, zip(json.loads(done.stdout), said, strict=True), strict=True))


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


def test_the_import_rules_hold(linted: dict[tuple[str, ...], Linted]) -> None:
    code, said = linted[()]
    assert code == 0, said
    assert " 0 broken" in said


@pytest.mark.parametrize("house", FORBIDDEN, ids=" ".join)
def test_control_a_forbidden_import_is_noticed(
    linted: dict[tuple[str, ...], Linted], house: tuple[str, ...]
) -> None:
    code, said = linted[house]
    assert code == 1, said
    assert [line for line in said.splitlines() if house[2] in line and "BROKEN" in line], said


@pytest.mark.parametrize("house", ALLOWED, ids=" ".join)
def test_control_the_doors_themselves_are_open(
    linted: dict[tuple[str, ...], Linted], house: tuple[str, ...]
) -> None:
    code, said = linted[house]
    assert code == 0, said


def _loaded_with(modules: str) -> set[str]:
    """Of what takes long to import, what these modules of the project import."""
    slow = {"lightgbm", "sklearn", "pandas", "scipy.stats", "shap", "mlflow", "dask"}
    code = f"import sys, {modules}\nprint(*({slow!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_what_answers_begins_without_what_only_training_needs() -> None:
    answers = "serving.service, serving.files.scoring_process, serving.command_line.answer_commands"
    assert _loaded_with(answers) == set()
    assert "lightgbm" in _loaded_with("serving.command_line.model_commands")  # control


def test_a_command_is_imported_when_it_is_called_for() -> None:
    program = "serving.command_line.program as at; list(at.PLACES)"
    assert _loaded_with(program) == set()
    assert "lightgbm" in _loaded_with(f"{program}; at.command('train')")  # control
