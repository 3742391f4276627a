"""The recipe of a version, used again for other rounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.errors import TrainingError
from training.growing import THIS_MACHINE, Grower, TreeSettings
from training.split import TimeSplit
from training.train import TrainingSettings


def same_recipe(
    kept: Mapping[str, Any], split: TimeSplit, grower: Grower = THIS_MACHINE
) -> TrainingSettings:
    """The settings of a kept recipe for other rounds; the defaults where none was kept.

    Raises:
        TrainingError: when it names settings that there are no more.
    """
    try:
        trees = TreeSettings(**kept.get("trees", {}))
        heads = {head: TreeSettings(**told) for head, told in kept.get("heads", {}).items()}
    except TypeError as error:
        raise TrainingError(
            f"expected the settings of this version; got {error}; train with `lingji train`"
        ) from error
    return TrainingSettings(split, trees, heads, grower, bool(kept.get("judgements", False)))
