"""Tracking: every training run in MLflow, the one door to it."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from features.errors import RegistryError
from models.release.mlflow_alias import CHAMPION, NOT_THERE, STORE, Alias, model_name

QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_UV_AUTO_DETECT": "false",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "3",
}
"""Settings under which MLflow asks nothing of the outside and fails in seconds, not minutes."""

_LONGEST_PARAMETER = 6_000


@dataclass(frozen=True)
class Tracking:
    """Where runs are tracked: SQLite and a folder under `home`, or any tracking URI."""

    home: Path
    catalogue: str
    uri: str | None = None

    @property
    def model_name(self) -> str:
        """The registered model's name in MLflow."""
        return model_name(self.catalogue)

    @property
    def tracking_uri(self) -> str:
        """The tracking URI in use."""
        home = self.home.resolve()
        return self.uri or os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home}/{STORE}"

    @contextmanager
    def run(self, name: str, again: str | None = None) -> Iterator[Run]:
        """A run that is open inside the block, and marked failed when the block raises.

        Args:
            again: the id of a run that has ended, to log more to it.

        Raises:
            RegistryError: when the tracking server cannot be reached.
        """
        mlflow = self._mlflow()
        try:
            if again is None:  # a run that there is has its experiment
                self._choose_experiment(mlflow)
            started = mlflow.start_run(again, run_name=name, log_system_metrics=False)
        except Exception as error:
            raise _unreachable(self.tracking_uri, error) from error
        with started as active:
            yield Run(mlflow, active.info.run_id)

    def register(self, run: Run, number: int, digest: str) -> None:
        """Register the run's bundle as MLflow's model version and tag it with our own number."""
        client = self._mlflow().MlflowClient()
        self._require_registered_model(client)
        source = f"runs:/{run.run_id}/bundle"
        client.create_model_version(
            self.model_name,
            source,
            run.run_id,
            tags={"lingji.version": str(number), "lingji.digest": digest},
        )

    def mark_champion(self, number: int) -> bool:
        """Move the alias `champion` to our version; False when MLflow does not know it.

        Raises:
            RegistryError: when the tracking server cannot be reached.
        """
        client = self._mlflow().MlflowClient()
        try:
            versions = client.search_model_versions(f"name='{self.model_name}'")
        except Exception as error:
            raise _unreachable(self.tracking_uri, error) from error
        for version in versions:
            if version.tags.get("lingji.version") == str(number):
                client.set_registered_model_alias(self.model_name, CHAMPION, version.version)
                return True
        return False

    @property
    def in_use(self) -> bool:
        """Whether a store is named or there already, without asking it."""
        named = self.uri or os.environ.get("MLFLOW_TRACKING_URI")
        return bool(named) or (self.home / STORE).is_file()

    def alias(self) -> Alias:
        """Where the alias `champion` is.

        Raises:
            RegistryError: when the tracking server cannot be reached.
        """
        mlflow = self._mlflow()
        try:
            found = mlflow.MlflowClient().get_model_version_by_alias(self.model_name, CHAMPION)
        except mlflow.exceptions.MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return NOT_THERE
            raise _unreachable(self.tracking_uri, error) from error
        except Exception as error:
            raise _unreachable(self.tracking_uri, error) from error
        return Alias.at(found.tags.get("lingji.version"), found.tags.get("lingji.digest"))

    def _mlflow(self) -> Any:
        os.environ.update(QUIET)
        os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")  # else it tells of its tables
        self.home.mkdir(parents=True, exist_ok=True)
        import mlflow  # costs seconds, so only where runs are tracked

        uri, said = self.tracking_uri, os.environ.get("MLFLOW_TRACKING_URI")
        mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(uri)
        if said is None:
            # MLflow says it to its environment, where the next working folder would find it.
            os.environ.pop("MLFLOW_TRACKING_URI", None)
        else:
            os.environ["MLFLOW_TRACKING_URI"] = said
        return mlflow

    def _choose_experiment(self, mlflow: Any) -> None:
        if os.environ.get("MLFLOW_RUN_ID"):
            return  # `mlflow run` has opened the run already, in the experiment it was told
        if mlflow.get_experiment_by_name(self.model_name) is None:
            artifacts = None
            if self.tracking_uri.startswith("sqlite:"):
                artifacts = (self.home.resolve() / "mlartifacts").as_uri()
            mlflow.create_experiment(self.model_name, artifact_location=artifacts)
        mlflow.set_experiment(self.model_name)

    def _require_registered_model(self, client: Any) -> None:
        if not client.search_registered_models(f"name='{self.model_name}'"):
            client.create_registered_model(self.model_name)


@dataclass(frozen=True)
class Run:
    """One open run."""

    _mlflow: Any
    run_id: str

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Log what the run was told."""
        said = {name: str(value)[:_LONGEST_PARAMETER] for name, value in parameters.items()}
        self._log("log_params", said)

    def log_metrics(self, metrics: Mapping[str, float]) -> None:
        """Log what was measured; names may hold letters, digits, and _-./= and blanks."""
        self._log(
            "log_metrics",
            {n.replace("=", "/"): float(v) for n, v in metrics.items() if math.isfinite(v)},
        )

    def log_json(self, content: Any, name: str) -> None:
        """Log a JSON file."""
        self.log_text(json.dumps(content, ensure_ascii=False, indent=1), name)

    def log_text(self, content: str, name: str) -> None:
        """Log a text file, such as a picture in SVG."""
        self._log("log_text", content, name)

    def log_folder(self, folder: Path, name: str) -> None:
        """Log every file of a folder."""
        self._log("log_artifacts", str(folder), name)

    def _log(self, verb: str, *content: Any) -> None:
        """Call MLflow.

        Raises:
            RegistryError: when it refuses or cannot be reached.
        """
        try:
            getattr(self._mlflow, verb)(*content)
        except (self._mlflow.exceptions.MlflowException, OSError) as error:
            raise _unreachable(self._mlflow.get_tracking_uri(), error) from error


def _unreachable(uri: str, error: Exception) -> RegistryError:
    return RegistryError(
        f"expected to track in {uri}; got {type(error).__name__}: "
        f"{str(error).splitlines()[0] if str(error) else 'no message'}; "
        "check the URI, or leave it out to track in SQLite under the working folder"
    )
