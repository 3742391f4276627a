# BentoML ships no types.
"""The usual way to serve explained scores: what a data scientist writes in an afternoon.

JSON of feature values becomes a DataFrame, categories given as labels cast to those of the
training; every head predicts from its columns, and shap.TreeExplainer, built when the service
starts, explains it. Numbers come back: no validation, no ranges, no words. PLAIN_TREES is a
folder of LightGBM text models, one per head; those without labels are asked with numbers alone.
"""

import os
import warnings
from pathlib import Path
from typing import Any

import bentoml
import lightgbm

from benchmarks.plain_heads import PlainHeads

warnings.filterwarnings("ignore", message="LightGBM binary classifier")

Record = dict[str, float | str | None]


@bentoml.service(name="plain", workers=int(os.environ.get("PLAIN_WORKERS", "1")))
class Plain:
    """Predictions and shap values of feature rows."""

    def __init__(self) -> None:
        folder = Path(os.environ["PLAIN_TREES"])
        trees = sorted(folder.glob("*.txt"))
        if not trees:  # else it would answer nothing, and fast
            raise FileNotFoundError(f"expected LightGBM models, *.txt, in {folder}; got none")
        self.plain = PlainHeads({t.stem: lightgbm.Booster(model_file=str(t)) for t in trees})

    @bentoml.api(route="/score")
    def score(self, project: Record) -> dict[str, Any]:
        """One project's numbers."""
        return self._answers([project])[0]

    @bentoml.api(route="/score_batch")
    def score_batch(self, projects: list[Record]) -> list[dict[str, Any]]:
        """Many projects' numbers."""
        return self._answers(projects)

    def _answers(self, projects: list[Record]) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = [{} for _ in projects]
        for name, (predicted, contributions) in self.plain.explained(projects).items():
            features = self.plain.heads[name].features
            rows = zip(answers, predicted.tolist(), contributions.tolist(), strict=True)
            for answer, value, row in rows:
                named = dict(zip(features, row, strict=True))
                answer[name] = {"prediction": value, "contributions": named}
        return answers
