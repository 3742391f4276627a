"""The published results on the invented province, written by one call."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from features.field import Role
from training.climber import climb
from training.plots import calibration_picture, coverage_picture
from training.recipe import told_trees
from training.results.province_data import PROJECTS, SEED, Progress, Province, trained_province
from training.results.province_figures import (
    AXES,
    COST,
    RISKS,
    ProvinceFigures,
    province_figures,
)
from training.results.province_page import ProvinceResults, province_page
from training.results.province_reasons import SAMPLED, joint_figures, reason_figures
from training.swaps import swap_effects

OTHER_SEEDS, OTHER_PROJECTS = (8, 9), 10_000
SWAPPED, CLIMBED = 500, 200


def write_results(out: Path, progress: Progress = lambda step: None) -> None:
    """Simulate, train, measure, and write the page `out` with its pictures in a folder beside it.

    `progress` is called with the name of each step. The same versions give the same bytes.
    """
    province = trained_province(SEED, PROJECTS, progress)
    results = measured(province, _other_seeds(progress), progress)
    progress("writing")
    folder = out.parent / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in _pictures(province).items():
        (folder / name).write_text(picture, encoding="utf-8")
    out.write_text(province_page(results), encoding="utf-8")


def _other_seeds(progress: Progress) -> tuple[ProvinceFigures, ...]:
    return tuple(
        province_figures(trained_province(seed, OTHER_PROJECTS, progress)) for seed in OTHER_SEEDS
    )


def measured(
    province: Province, others: tuple[ProvinceFigures, ...], progress: Progress
) -> ProvinceResults:
    """Every figure of the page."""
    model, test = province.model, province.data.where(province.test)
    progress("reasons beside the truth")
    prediction = model.predict(test.projects[:SAMPLED])
    reasons = tuple(reason_figures(province, prediction, axis) for axis in AXES)
    joint = tuple(joint_figures(province, prediction, head) for head in model.heads)
    progress("swaps")
    swaps = {r.value: swap_effects(model, test.projects[:SWAPPED], r) for r in Role}
    progress("the climber")
    return ProvinceResults(
        province_figures(province),
        others,
        reasons,
        joint,
        swaps,
        min(SWAPPED, len(test.projects)),
        climb(model, test.projects[:CLIMBED]),
        min(CLIMBED, len(test.projects)),
        tuple(name for name, head in model.heads.items() if head.declaration.zero_based),
        model.facts.software,
        told_trees(province.settings.recipe),
    )


def _pictures(province: Province) -> Mapping[str, str]:
    found = province.evaluation
    return {
        "province-cost-coverage.svg": coverage_picture(found[COST]),
        **{f"province-{risk}.svg": calibration_picture(found[risk]) for risk in RISKS},
    }
