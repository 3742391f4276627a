"""An appraised project: everything that a model says of it, before it is put into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from features.checks.checked import Checked
from features.checks.checks import Checks
from features.checks.dimensions.rated_dimension import RatedProject
from features.declared_project import DeclaredProject
from models.explanation import ExplainedHead, explain_heads
from models.model import Model, Prediction
from models.priority import Standing, standing_of


@dataclass(frozen=True)
class AppraisedProject:
    """One project of a prediction with its explained heads.

    missing: the key evidence without which it is not rated; then nothing else is said of it.
    heads: those that can say something of it, under their names in the catalogue. standing: what
    the policy makes of the two axes, where both are among them.
    checked: what the rules say of it, rated or not; None where there are none. dimensions: the
    scores of its dimensions, where a ruler says how they are made.
    """

    prediction: Prediction
    row: int
    missing: tuple[str, ...]
    heads: Mapping[str, ExplainedHead]
    standing: Standing | None
    checked: Checked | None = None
    dimensions: RatedProject | None = None

    @property
    def project(self) -> DeclaredProject:
        """The project as declared."""
        return self.prediction.projects[self.row]

    @property
    def status(self) -> str:
        """Whether the project is rated."""
        return "not_rated" if self.missing else "rated"


def appraised_project(
    model: Model, prediction: Prediction, row: int, checks: Checks | None = None
) -> AppraisedProject:
    """What a prediction says of one of its projects, and what checks and ruler make of it."""
    project = prediction.projects[row]
    checked = None if checks is None else checks.checked(project)
    missing = project.missing_key_evidence(model.catalogue)
    heads = {} if missing else explain_heads(model, prediction, row)
    standing = None if missing else _standing(model, project.project_id, heads)
    dimensions = None
    if checks is not None and checks.rating is not None and checked is not None:
        scores = None if missing else {name: head.value for name, head in heads.items()}
        dimensions = checks.rating.rated(checked, scores, _values(prediction, row))
    return AppraisedProject(prediction, row, missing, heads, standing, checked, dimensions)


def _values(prediction: Prediction, row: int) -> Callable[[str], float]:
    """The indicators of a project by their names."""
    return lambda name: float(prediction.table[name][row])


def _standing(model: Model, project_id: str, heads: Mapping[str, ExplainedHead]) -> Standing | None:
    policy = model.catalogue.priority
    if policy is None or not {policy.necessity, policy.importance} <= heads.keys():
        return None
    necessity, importance = heads[policy.necessity].value, heads[policy.importance].value
    return standing_of(project_id, necessity, importance, policy)
