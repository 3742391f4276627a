"""What texts alone tell: a linear model of the letters that stand beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from features.operations import Numbers
from models.margin_map import probability
from models.peers import Groups
from training.split import Mask

_LETTERS = (2, 3)
_LEAST_TEXTS = 10
_MOST_FEATURES = 20_000
_STEPS = 300


@dataclass(frozen=True)
class Letters:
    """How often pairs and triples of letters stand in each of n texts, weighted by rarity.

    matrix: sparse, (n, features).
    """

    matrix: Any

    @classmethod
    def of(cls, texts: Sequence[str], learned: Mask) -> Letters:
        """The letters of n texts; which ones count is learned from the texts of a mask, (n,)."""
        letters = TfidfVectorizer(
            analyzer="char",
            ngram_range=_LETTERS,
            min_df=_LEAST_TEXTS,
            max_features=_MOST_FEATURES,
            sublinear_tf=True,
            dtype=np.float32,
        )
        letters.fit([texts[row] for row in np.flatnonzero(learned).tolist()])
        return cls(letters.transform(texts))

    def probability(self, event: Numbers, learned: Mask, asked: Groups) -> Numbers:
        """The probability of an event for the rows `asked`, shape (m,).

        Needs no list of words, so it shows whether a better list could help.

        Args:
            event: (n,), 0 or 1. learned: which rows to learn from, shape (n,).
        """
        model = LogisticRegression(max_iter=_STEPS).fit(self.matrix[learned], event[learned])
        return probability(model.decision_function(self.matrix[asked]))
