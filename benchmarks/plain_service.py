# BentoML ships no types.
"""The usual way to serve explained scores: what a data scientist writes in an afternoon.

JSON becomes a DataFrame of feature values; every head predicts from its columns, and
shap.TreeExplainer, built when the service starts, explains it. Numbers come back: no validation,
no ranges, no words. PLAIN_TREES is a folder of LightGBM text models, one per head.
"""

import os
import warnings
from pathlib import Path
from typing import Any

import bentoml
import lightgbm
import numpy as np
import pandas as pd
import shap

warnings.filterwarnings("ignore", message="LightGBM binary classifier")

Record = dict[str, float | None]


class PlainHead:
    """One head: a booster, its columns and its explainer."""

    def __init__(self, trees: Path) -> None:
        self.booster = lightgbm.Booster(model_file=str(trees))
        self.features = self.booster.feature_name()
        self.explainer = shap.TreeExplainer(self.booster)

    def answers(self, frame: pd.DataFrame) -> list[dict[str, Any]]:
        """Prediction and contributions of every row, as numbers."""
        columns = frame[self.features]
        predicted = self.booster.predict(columns)
        values = np.asarray(self.explainer.shap_values(columns))
        contributions = [dict(zip(self.features, row, strict=True)) for row in values.tolist()]
        return [
            {"prediction": value, "contributions": named}
            for value, named in zip(predicted.tolist(), contributions, strict=True)
        ]


@bentoml.service(name="plain", workers=int(os.environ.get("PLAIN_WORKERS", "1")))
class Plain:
    """Predictions and shap values of feature rows."""

    def __init__(self) -> None:
        folder = Path(os.environ["PLAIN_TREES"])
        self.heads = {path.stem: PlainHead(path) for path in sorted(folder.glob("*.txt"))}

    @bentoml.api(route="/score")
    def score(self, project: Record) -> dict[str, Any]:
        """One project's numbers."""
        return self._answers([project])[0]

    @bentoml.api(route="/score_batch")
    def score_batch(self, projects: list[Record]) -> list[dict[str, Any]]:
        """Many projects' numbers."""
        return self._answers(projects)

    def _answers(self, projects: list[Record]) -> list[dict[str, Any]]:
        frame = pd.DataFrame(projects, dtype=np.float64)
        told = {name: head.answers(frame) for name, head in self.heads.items()}
        return [{name: rows[place] for name, rows in told.items()} for place in range(len(frame))]
