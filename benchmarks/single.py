"""One explained score in process: the project beside the usual ways to explain one row."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks import explainers
from benchmarks.competitor import Field, threads
from benchmarks.explainers import CONTRIB, PREDICT, SHAP, Explained
from benchmarks.explaining import OWN, REFERENCE
from benchmarks.labels import NO_LABELS, Codes, labelled, records
from benchmarks.reference import LABELS
from benchmarks.sample import Sample
from benchmarks.sizes import Sizes
from benchmarks.subject import Subject
from benchmarks.timing import Task, repeated_in_turn
from benchmarks.ways import Ways
from features.operations import Numbers
from models.tree_explainer import TreeExplainer
from models.walks import Walks
from serving.appraisal import appraise

ANSWER = "Lingji: document in, whole answer out"
NUMBERS = "Lingji: numbers from a numpy row"
ONE_THREAD = "Lingji: the same, head by head on one thread"
SHAP_CATEGORIES = f"{SHAP} on a DataFrame with categories"
SHAP_FRAME = f"{SHAP} on a DataFrame of numbers"
SHAP_NUMPY = f"{SHAP} on numpy"


@dataclass(frozen=True)
class OneRow(Ways):
    """Seconds to predict and explain one row with all heads of some models, again and again.

    first: the same for the first call after other ways, whose data fill the caches.
    """

    first: Mapping[str, Sample]
    models: str
    heads: int


@dataclass(frozen=True)
class Single:
    """One row of the bundle and one of the reference models."""

    own: OneRow
    reference: OneRow


def measure(measured: Subject, sizes: Sizes) -> Single:
    """The seconds of every way to explain one row with all heads."""
    reference, model = measured.reference, measured.model
    own = [Explained(head.central, matrix) for head, matrix in measured.matrices]
    others = [Explained(head.trees, reference.matrix) for head in reference.heads]
    row = model.predict(measured.data.projects[:1], explain=False).matrix
    placed = [head.central.over(model.columns) for head in model.heads.values()]
    together = _together([trees.explainer for trees in placed], row)
    all_others = _together([head.trees.explainer for head in reference.heads], reference.matrix[:1])
    answer = partial(appraise, measured.example, measured.release)
    codes = model.vocabulary.codes
    return Single(
        _row(OWN, own, together, codes, sizes, answer),
        _row(REFERENCE, others, all_others, LABELS, sizes),
    )


def _row(
    name: str,
    heads: Sequence[Explained],
    together: Task,
    codes: Codes,
    sizes: Sizes,
    answer: Task | None = None,
) -> OneRow:
    entered = Field()
    if answer is not None:
        entered.enter(ANSWER, (), lambda: answer)
    entered.enter(NUMBERS, (), lambda: together)
    entered.enter(ONE_THREAD, (), lambda: partial(explainers.ours(heads, 1), 1))
    entered.enter(SHAP_CATEGORIES, ("shap",), lambda: _on_a_frame(heads, codes))
    entered.enter(SHAP_FRAME, ("shap",), lambda: _on_a_frame(heads, NO_LABELS))
    entered.enter(SHAP_NUMPY, ("shap",), lambda: _both(_bare(heads), _shap(heads)))
    entered.enter(CONTRIB, (), lambda: _both(_bare(heads), explainers.contrib(heads, 1)))
    entered.enter(PREDICT, (), lambda: partial(_bare(heads), 1))
    with threads(1):  # LightGBM shares out rows, and has but one
        found = repeated_in_turn(entered.tasks, sizes.singles, sizes.single_seconds)
    return OneRow(found.again, entered.absent, found.first, name, len(heads))


def _together(heads: Sequence[TreeExplainer], row: Numbers) -> Task:
    """The walks of all heads over one matrix, begun by one call, as the service asks for them."""
    starts = [0, *itertools.accumulate(head.program.features for head in heads)]
    walks = Walks(list(zip(heads, starts, strict=False)), starts[-1])
    return lambda: walks.begun(row, explain=True)()


def _bare(heads: Sequence[Explained]) -> Callable[[int], object]:
    return explainers.predict(heads, 1)


def _shap(heads: Sequence[Explained]) -> Callable[[int], object]:
    return explainers.tree_explainer(heads)


def _both(predict: Callable[[int], object], explain: Callable[[int], object]) -> Task:
    return lambda: (predict(1), explain(1))


def _on_a_frame(heads: Sequence[Explained], codes: Codes) -> Task:
    """A DataFrame of one row, then each head's prediction and shap values from its columns."""
    from benchmarks.plain_heads import PlainHeads  # which needs shap

    row = records([(head.trees.features, head.matrix[:1]) for head in heads], codes)
    plain = PlainHeads({str(n): labelled(head.trees, codes) for n, head in enumerate(heads)})

    def explained() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # shap tells of each binary model how its form changed
            return plain.explained(row)

    return explained
