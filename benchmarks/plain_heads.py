"""Explained predictions the usual way: a DataFrame, LightGBM's `predict`, shap.TreeExplainer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import shap

from features.operations import Numbers


class PlainHead:
    """One head: a booster, its columns, the categories it was trained on, and its explainer."""

    def __init__(self, booster: lightgbm.Booster) -> None:
        self.booster = booster
        self.features: list[str] = booster.feature_name()
        labels = booster.pandas_categorical or []  # none: it was trained on numbers alone
        columns = booster.params["categorical_feature"] if labels else []
        self.categories = {
            self.features[column]: pd.CategoricalDtype(known)
            for column, known in zip(columns, labels, strict=True)
        }
        self.explainer = shap.TreeExplainer(booster)

    def explained(self, frame: pd.DataFrame) -> tuple[Numbers, Numbers]:
        """Predictions, shape (n,), and contributions, shape (n, features), of a frame's rows."""
        columns = frame[self.features]
        return self.booster.predict(columns), np.asarray(self.explainer.shap_values(columns))


class PlainHeads:
    """Several heads by name, which predict and explain from one frame."""

    def __init__(self, boosters: Mapping[str, lightgbm.Booster]) -> None:
        self.heads = {name: PlainHead(booster) for name, booster in boosters.items()}
        self.types: dict[str, Any] = {
            name: head.categories.get(name, np.float64)
            for head in self.heads.values()
            for name in head.features
        }

    def frame(self, records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """The records as a frame: numbers as float64, labels as the categories of the training.

        Cast as pandas documents it; to make each column with its own type would save some
        milliseconds of an answer.
        """
        return pd.DataFrame(records, columns=list(self.types)).astype(self.types)

    def explained(self, records: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Numbers, Numbers]]:
        """By head, the predictions (n,) and contributions (n, features) of n records."""
        frame = self.frame(records)
        return {name: head.explained(frame) for name, head in self.heads.items()}
