"""The rules of the comparison as the page tells them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from benchmarks.model_comparison.sizes import Sizes


def rules(sizes: Sizes, japan: bool, absent: Mapping[str, str]) -> Iterator[str]:
    """The rules, one paragraph each.

    Args:
        japan: whether the Japanese reviews take part. absent: who does not, and why.
    """
    yield (
        f"**Origins.** Of a province the last {sizes.origins} rounds are forecast, each once, of "
        f"Japan's reviews the last {sizes.japan_origins}. All rounds before the one before it are "
        "learned from; that one validates and calibrates."
    )
    seeds = f"seed{'' if len(sizes.provinces) == 1 else 's'} {', '.join(map(str, sizes.provinces))}"
    reviews = "Japan's reviews, whole" if japan else "not the Japanese reviews"
    yield f"**Data.** Invented provinces of {sizes.projects:,} projects ({seeds}), and {reviews}."
    yield (
        "**The same for all.** The catalogue's inputs of the head, codes as codes, unknown values "
        "unknown; the same rows and targets; amounts as logarithms relative to what the head is "
        "relative to; quantiles, where a method has them, of what its mean leaves over. "
        "Probabilities are calibrated by the same map, ranges by the same conformal "
        "offsets per peer group, all on the validation round. The allowance for unlike rounds is "
        "left out for everyone, so coverage on the changed round of Japan is too low for everyone."
    )
    yield (
        f"**Budget**, the same for every other method: {_searched(sizes.trials)}. Boosting stops "
        "early by the validation round, after at most 1,000 trees (EBM by rows of its own). "
        "Lingji's recipe is taken as it ships: it searches nothing and never stops early. Monotone "
        "directions bind Lingji always; for others they are one of the settings, where the library "
        "has them: usual for XGBoost and scikit-learn."
    )
    yield (
        "**To save time** CatBoost grows plainly and without combinations of codes, and EBM takes "
        "2 bags, 10 interactions, 128 bins and a learning rate of 0.04: they might do a little "
        "better with more."
    )
    yield (
        f"**Seeds.** Each fit is made with {len(sizes.seeds)} seeds and the measures are averaged; "
        "*luck* is the standard deviation between them."
        if len(sizes.seeds) > 1
        else "**Seeds.** Each fit is made with one seed."
    )
    yield (
        "**Intervals** (95 %) are of the difference from Lingji on the same projects: whole "
        "departments, or ministries, are drawn 1,000 times, the same ones for every contestant and "
        "origin. *Better* and *worse* mean that the interval leaves out zero. Each holds by "
        "itself: among so many comparisons a few leave it out by chance."
    )
    yield (
        "**Loss.** Points: RMSE. Amounts: the pinball loss of the logarithm, mean over both ends "
        "and the middle of the calibrated range. Events: the Brier score."
    )
    if absent:
        told = ", ".join(f"{name} ({why})" for name, why in absent.items())
        yield f"**Absent:** {told}."


def _searched(trials: int) -> str:
    if trials == 1:
        return "its usual settings, which the table of its module puts first, and no search"
    return (
        f"{trials} settings, its usual ones first and the others drawn at random from a small "
        "space of its own; the least loss on the validation round of the first origin wins and is "
        "kept for the later ones"
    )
