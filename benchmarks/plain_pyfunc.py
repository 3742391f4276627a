"""A pyfunc that predicts with one LightGBM text model from numbers; MLflow runs this file."""

from __future__ import annotations

from typing import Any

import lightgbm
import mlflow
import pandas as pd


class Predicting(mlflow.pyfunc.PythonModel):
    """One head's bare prediction."""

    def load_context(self, context: Any) -> None:
        """Read the trees once, when the server starts."""
        self.booster = lightgbm.Booster(model_file=context.artifacts["trees"])

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> Any:
        """The prediction of each row."""
        return self.booster.predict(model_input.astype("float64"))


mlflow.models.set_model(Predicting())
