"""The policy of monitoring: every threshold of its alerts, in one file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from features.catalogue import Catalogue
from features.errors import Fault, FormError
from features.field import Kind
from features.form import Form, Share
from features.head_declaration import HeadKind
from features.yaml_form import form_in_force

FILE = "monitoring.yaml"
Positive = Annotated[float, Field(gt=0)]
Least = Annotated[int, Field(ge=1)]


class ShiftRule(Form):
    """From which effect size a shift is noted, and from which it warns."""

    note: Positive
    warn: Positive


class RateRule(Form):
    """By how much a realised rate may be off before it warns, and before it alarms."""

    warn: Share
    alarm: Share


class RetrainingRule(Form):
    """When retraining is due.

    oldest_days: since the model was trained. new_outcomes: that it has not learned from.
    shifted_inputs: so many. coverage_lost, rate_off: whether what came was not what was promised.
    """

    oldest_days: Least
    new_outcomes: Least
    shifted_inputs: Least
    coverage_lost: bool
    rate_off: bool


class MonitoringPolicy(Form):
    """When monitoring raises an alert; its digest is that of what it says."""

    format: Literal[1]
    least_projects: Least
    least_outcomes: Least
    window_days: Least
    shift: ShiftRule
    many_inputs: Share
    coverage_below: Share
    confidence: Annotated[float, Field(gt=0.5, lt=1)]
    rate_off: RateRule
    retraining: RetrainingRule
    department_forecasts: dict[str, str]

    def require_in(self, catalogue: Catalogue) -> None:
        """Return when the catalogue has the heads and the shares that departments forecast by.

        Raises:
            FormError: naming each that it has not.
        """
        events = {h.name for h in catalogue.heads if h.kind is HeadKind.PROBABILITY}
        shares = {i.name for i in catalogue.given if i.kind is Kind.SHARE}
        faults = [
            Fault(None, f"department_forecasts.{head}", "an event and a declared share", field)
            for head, field in self.department_forecasts.items()
            if head not in events or field not in shares
        ]
        if faults:
            raise FormError(faults, FILE)


def monitoring_policy(path: Path | None, home: Path) -> MonitoringPolicy:
    """The policy in a file; else the working folder's; else the one that ships.

    Raises:
        FormError: when the file cannot be read or is of another shape.
    """
    shipped = resources.files("models.monitoring") / FILE
    return form_in_force(MonitoringPolicy, path, home, shipped, "the policy that ships")
