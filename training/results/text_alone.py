"""What texts alone tell: a linear model of the letters that stand beside each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from features.operations import Numbers
from models.conformal import Groups
from models.margin_map import probability
from training.split import Mask

_LETTERS = (2, 3)
_LEAST_TEXTS = 10
_MOST_FEATURES = 20_000
_STEPS = 300


def text_alone(texts: Sequence[str], event: Numbers, learned: Mask, asked: Groups) -> Numbers:
    """The probability of the event for the rows `asked`, learned from pairs and triples of letters.

    Needs no list of words, so it shows whether a better list could help. Deterministic.

    Args:
        texts: n texts. event: (n,), 0 or 1. learned: mask of shape (n,).
    """
    rows = np.flatnonzero(learned).tolist()
    letters = TfidfVectorizer(
        analyzer="char",
        ngram_range=_LETTERS,
        min_df=_LEAST_TEXTS,
        max_features=_MOST_FEATURES,
        sublinear_tf=True,
        dtype=np.float32,
    )
    matrix = letters.fit_transform([texts[row] for row in rows])
    model = LogisticRegression(max_iter=_STEPS).fit(matrix, event[rows])
    return probability(
        model.decision_function(letters.transform([texts[row] for row in asked.tolist()]))
    )
