"""The recipe of a version, used again for other rounds, and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from features.catalogue import Catalogue
from features.errors import TrainingError
from training.growing import THIS_MACHINE, Grower, TreeSettings
from training.split import TimeSplit
from training.train import TrainingSettings


def same_recipe(
    kept: Mapping[str, Any],
    split: TimeSplit,
    catalogue: Catalogue,
    grower: Grower = THIS_MACHINE,
) -> TrainingSettings:
    """The settings of a kept recipe for other rounds; the usual ones where none was kept.

    Raises:
        TrainingError: when it names settings that there are no more.
    """
    judgements = bool(kept.get("judgements", False))
    if "trees" not in kept:
        return replace(TrainingSettings.usual(split, catalogue, grower), judgements=judgements)
    try:
        trees = TreeSettings(**kept["trees"])
        heads = {head: TreeSettings(**told) for head, told in kept.get("heads", {}).items()}
    except TypeError as error:
        raise TrainingError(
            f"expected the settings of this version; got {error}; train with `lingji train`"
        ) from error
    return TrainingSettings(split, trees, heads, grower, judgements)


def told_trees(recipe: Mapping[str, Any]) -> str:
    """How trees are grown by a kept recipe; of heads with settings of their own, what differs.

    >>> told_trees({"trees": {"trees": 300, "l2": 5.0}, "heads": {"need": {"trees": 9, "l2": 5.0}}})
    'trees 300, l2 5; need: trees 9'
    """
    usual = recipe["trees"]
    heads: dict[str, list[str]] = {}
    for head, settings in recipe.get("heads", {}).items():
        apart = {name: value for name, value in settings.items() if usual.get(name) != value}
        if apart:
            heads.setdefault(_told(apart), []).append(head)
    return "; ".join([_told(usual), *(f"{', '.join(who)}: {what}" for what, who in heads.items())])


def _told(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in settings.items())
