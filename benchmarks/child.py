"""How a child process of the benchmarks is started: this code, this Python, and no telemetry."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINGJI = (sys.executable, "-c", "from serving.command_line import main; main()")
_SILENT = ("BENTOML_DO_NOT_TRACK", "DO_NOT_TRACK", "MLFLOW_DISABLE_TELEMETRY")


def environment(**more: str) -> dict[str, str]:
    """The environment of a child: telemetry off in every library, this working tree first."""
    silent = dict.fromkeys(_SILENT, "true")  # the word: "1" is ignored
    modules = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {
        **os.environ,
        **silent,
        "MLFLOW_UV_AUTO_DETECT": "false",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "PYTHONPATH": modules,
        "PATH": programs,  # MLflow starts its server by a bare name
        **more,
    }
