"""What a running service says about the releases that it follows, beside the one that answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.registry import Registry
from models.release.mlflow_alias import AliasState
from models.stop import is_stopped
from serving.recording.last_release import Recorded

REFUSALS = ("altered", "not_approved", "bundle", "other")
"""Why the newest release may not answer, in a word."""


REFERENCE_KINDS = ("standards", "duplicates")
"""The kinds of reference data that checks compare projects with."""
REFERENCE_REFUSALS = ("altered", "not_approved", "unfit", "other")
"""Why the newest of a kind is not taken, in a word."""


@dataclass
class ServiceState:
    """What a service says about releases that it follows.

    registry: the one whose releases are followed; None for none. refused: why the newest release
    does not answer, one of REFUSALS, or None. alias: how MLflow's alias stands to the releases.
    recorded: how the record log stands to them. refused_reference: of which kinds of reference data
    the newest is not taken, and why, in a word.
    """

    registry: Registry | None = None
    refused: str | None = None
    alias: AliasState = AliasState.NONE
    recorded: Recorded = Recorded.NONE
    refused_reference: dict[str, str] = field(default_factory=dict)

    @property
    def stopped(self) -> bool:
        """Whether the model was taken out of service; asked before every answer."""
        return self.registry is not None and is_stopped(self.registry.folder)
