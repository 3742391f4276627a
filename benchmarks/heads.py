"""Training a head from its target to its finished state, beside bare LightGBM's `train`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from benchmarks import bare_training
from benchmarks.sample import Sample
from benchmarks.sizes import Sizes
from benchmarks.subject import Subject
from benchmarks.timing import Task, taken_in_turn
from training.fit_head import fit_head
from training.train import train

OURS, BARE = "Lingji", "`train`"
ALL = "all heads"


@dataclass(frozen=True)
class Heads:
    """By head, and for all together: seconds of ours and of the bare training.

    regrown: whether a head is also grown once per past round.
    """

    seconds: Mapping[str, Mapping[str, Sample]]
    regrown: bool


def measure(measured: Subject, sizes: Sizes) -> Heads:
    """The seconds of every head's training."""
    found: dict[str, dict[str, Sample]] = {}
    bare = {head: bare_training.training(measured, head) for head in measured.model.heads}
    for name in bare:
        declaration = measured.data.catalogue.head(name)
        target, settings = measured.targets[name], measured.settings.of(name)
        tasks: dict[str, Task] = {
            OURS: partial(fit_head, declaration, target, measured.rows, settings),
            BARE: bare[name],
        }
        found[name] = taken_in_turn(tasks, sizes.trainings, warmed=False)
    whole: dict[str, Task] = {
        OURS: partial(train, measured.data, measured.settings),
        BARE: lambda: [task() for task in bare.values()],
    }
    found[ALL] = taken_in_turn(whole, sizes.trainings, warmed=False)
    heads = measured.model.heads.values()
    return Heads(found, any(h.declaration.new_round_confidence is not None for h in heads))
