"""`python -m benchmarks.pyfunc_model TREES OUT` saves one head's trees as an MLflow model."""

from __future__ import annotations

import sys
from pathlib import Path


def save(trees: Path, out: Path) -> None:
    """Write the model's folder; nothing is logged anywhere."""
    import mlflow

    mlflow.pyfunc.save_model(
        out,
        python_model=str(Path(__file__).parent / "plain_pyfunc.py"),
        artifacts={"trees": str(trees)},
        pip_requirements=["lightgbm"],  # else they are inferred, which takes half a minute
    )


if __name__ == "__main__":
    save(Path(sys.argv[1]), Path(sys.argv[2]))
