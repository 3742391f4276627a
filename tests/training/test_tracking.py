"""Runs in real MLflow, on SQLite in a temporary folder; and a server that is not there."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from features.errors import RegistryError
from models.registry import Registry
from tests.rulers import catalogue_of, ruler
from tests.small_model import small_data, small_settings
from training.pipeline import TrainingResult, train_and_register
from training.tracking import CHAMPION, QUIET, Tracking

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def own_environment() -> Any:
    """What tracking sets for itself must not reach other tests, nor theirs this one."""
    with pytest.MonkeyPatch.context() as patch:
        for name in (*QUIET, "MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tracked")


@pytest.fixture(scope="module")
def result(home: Path) -> TrainingResult:
    """One training run of the small ruler, tracked and registered."""
    data = small_data(catalogue_of(ruler()))
    registry, tracking = Registry(home, "small"), Tracking(home, "small")
    return train_and_register(data, small_settings(data), registry, tracking)


@pytest.fixture(scope="module")
def client(result: TrainingResult, home: Path) -> Any:
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{home}/mlflow.db", f"sqlite:///{home}/mlflow.db")


def test_a_run_says_what_it_was_told_and_what_it_found(result: TrainingResult, client: Any) -> None:
    run = client.get_run(result.version.run)
    assert run.info.status == "FINISHED"
    told = run.data.params
    assert told["catalogue_identity"] == "small@1"
    assert told["data_digest"] == "sha256:small"
    assert (told["fit_until"], told["calibrate_until"]) == ("2022", "2023")
    assert told["axis.trees.trees"] == "20"
    found = run.data.metrics
    assert found["axis.r2"] == pytest.approx(result.evaluation["axis"].metrics["r2"])
    assert found["risk.auc"] == pytest.approx(result.evaluation["risk"].metrics["auc"])
    assert found["swap.requested_amount.axis"] == 0.0
    assert found["climb.axis"] == pytest.approx(result.climbs["axis"])


def test_a_run_keeps_its_bundle_pictures_and_evaluation(
    result: TrainingResult, client: Any
) -> None:
    def names(folder: str | None = None) -> set[str]:
        return {Path(file.path).name for file in client.list_artifacts(result.version.run, folder)}

    assert {"bundle", "pictures", "evaluation.json"} <= names()
    assert {"manifest.json", "catalogue.json", "model.json", "arrays.npz"} <= names("bundle")
    assert "risk_calibration.svg" in names("pictures")
    assert {f"{head}_importance.svg" for head in result.model.heads} <= names("pictures")
    assert {"model_card.json", "data_sheet.zh.html", "algorithm_record.en.html"} <= names("papers")


def test_artifacts_lie_under_the_working_folder(result: TrainingResult, home: Path) -> None:
    manifests = list((home / "mlartifacts").rglob("manifest.json"))
    assert len(manifests) == 1
    registered = home / "models" / "small" / str(result.version.number) / "manifest.json"
    assert manifests[0].read_bytes() == registered.read_bytes()


def test_our_version_is_mlflows_and_the_champion_moves(
    result: TrainingResult, client: Any, home: Path
) -> None:
    version = client.search_model_versions("name='lingji-small'")[0]
    assert version.tags["lingji.version"] == str(result.version.number)
    assert version.tags["lingji.digest"] == result.version.digest
    tracking = Tracking(home, "small")
    assert tracking.mark_champion(result.version.number)
    assert client.get_model_version_by_alias("lingji-small", CHAMPION).version == version.version
    assert not tracking.mark_champion(99)  # control: MLflow knows no such version


def test_the_result_is_json(result: TrainingResult) -> None:
    told = json.loads(json.dumps(result.as_json(), allow_nan=False))
    assert told["version"] == 1
    assert told["learned"] == ["axis", "second", "cost", "risk"]
    assert told["swaps"]["declarer"]["axis"] == 0.0


def test_a_run_that_breaks_is_marked_as_failed(home: Path, client: Any) -> None:
    with pytest.raises(ZeroDivisionError, match="zero"), Tracking(home, "small").run("bad") as run:
        _ = 1 / 0
    assert client.get_run(run.run_id).info.status == "FAILED"


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def test_a_dead_server_is_named_with_what_to_do(tmp_path: Path) -> None:
    uri = f"http://127.0.0.1:{_closed_port()}"
    tracking = Tracking(tmp_path, "small", uri)
    told = rf"expected to track in {uri}; got .*; check the URI, or leave it out"
    with pytest.raises(RegistryError, match=told), tracking.run("x"):
        raise AssertionError("a run was opened")
    with pytest.raises(RegistryError, match=told):
        tracking.mark_champion(1)


def test_another_working_folder_is_another_store(tmp_path: Path, home: Path) -> None:
    for folder in (home, tmp_path):
        Tracking(folder, "small")._mlflow()
        assert "MLFLOW_TRACKING_URI" not in os.environ
        assert str(folder) in Tracking(folder, "small").tracking_uri


def test_a_uri_in_the_environment_is_kept_and_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = f"sqlite:///{tmp_path}/elsewhere.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", elsewhere)
    Tracking(tmp_path, "small", f"sqlite:///{tmp_path}/told.db")._mlflow()
    assert Tracking(tmp_path, "small").tracking_uri == elsewhere


def test_mlflow_is_told_to_fail_within_seconds() -> None:
    """No clock in a test: the settings bound the wait, one retry of three seconds."""
    assert int(QUIET["MLFLOW_HTTP_REQUEST_MAX_RETRIES"]) <= 1
    assert int(QUIET["MLFLOW_HTTP_REQUEST_TIMEOUT"]) <= 5


# Nothing leaves, whatever the environment says.

GUARDED = """
from pathlib import Path
from tests import network_guard
network_guard.arm()
WORK
print("attempts:", network_guard.attempts)
"""

TRAIN = """
from models.registry import Registry
from tests.rulers import catalogue_of, ruler
from tests.small_model import small_data, small_settings
from training.pipeline import train_and_register
from training.tracking import Tracking
home = Path(HOME)
data = small_data(catalogue_of(ruler()), 700)
train_and_register(data, small_settings(data), Registry(home, "small"), Tracking(home, "small"))
"""

PHONE = """
import socket, threading
def phone():
    try:
        socket.getaddrinfo("telemetry.example", 443)
    except Exception:
        pass
caller = threading.Thread(target=phone)
caller.start()
caller.join()
"""


def _in_a_clean_process(work: str) -> subprocess.CompletedProcess[str]:
    """Work in a process whose environment sets nothing about telemetry, and its attempts."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
    return subprocess.run(
        [sys.executable, "-c", GUARDED.replace("WORK", work)],
        cwd=ROOT,
        env={name: os.environ[name] for name in kept if name in os.environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_training_reaches_for_no_other_host(home: Path, result: TrainingResult) -> None:
    done = _in_a_clean_process(TRAIN.replace("HOME", repr(str(home))))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "attempts: []"
    assert len(Registry(home, "small").versions()) > result.version.number


def test_control_a_call_out_is_seen_though_the_caller_hides_it() -> None:
    done = _in_a_clean_process(PHONE)
    assert done.returncode == 0, done.stderr
    assert "telemetry.example" in done.stdout.splitlines()[-1]


def test_a_version_keeps_what_it_was_found_to_be_worth(result: TrainingResult, home: Path) -> None:
    kept = Registry(home, "small").release(result.version.number).model.evaluated
    assert kept is not None
    told = result.as_json()
    assert kept.heads == told["evaluation"]
    assert kept.swaps == told["swaps"]
    assert kept.climbs == told["climbs"]
    assert kept.rounds[0] > told["rounds"][1], "control: none that it has learned from"
