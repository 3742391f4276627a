"""What becomes of a declared project: expert scores, funding, execution, evaluation, findings."""

from __future__ import annotations

import numpy as np

from training.province.costs import rounded

# Panels of three to five experts: each is lenient or strict, and errs.
PANEL, LENIENCY_SD, ERROR_SD = (3, 4, 5), 4.0, 6.5
# Half of the projects at this mean of the two axes are funded where fiscal strength is 1.
FUNDING_CUT, FUNDING_SLOPE, STRENGTH_POINTS = 44.0, 5.0, 10.0
APPRAISED_UNFUNDED = 0.5  # share of the others whose cost was appraised nevertheless
EVALUATED, EVALUATED_PER_TENFOLD = 0.55, 0.10  # share evaluated, and more of the large ones
POOR = 80.0
FINDING_TYPES = ("超标准列支", "应列未列", "年底突击列支", "违反中央有关规定列支", "其他")
FINDING_SOURCES = ("audit", "finance", "discipline")


def panel_scores(rng: np.random.Generator, *truths: np.ndarray) -> list[np.ndarray]:
    """Mean scores of one panel per project for each truth, to one decimal, within 0–100.

    An expert's leniency is the same for all axes of a project, the error is not.
    """
    size = len(truths[0])
    seats = np.arange(PANEL[-1]) < rng.choice(PANEL, size=size)[:, None]
    leniency = rng.normal(0, LENIENCY_SD, (size, PANEL[-1]))
    return [_mean_score(rng, truth, leniency, seats) for truth in truths]


def _mean_score(
    rng: np.random.Generator, truth: np.ndarray, leniency: np.ndarray, seats: np.ndarray
) -> np.ndarray:
    given = truth[:, None] + leniency + rng.normal(0, ERROR_SD, leniency.shape)
    given = np.clip(np.rint(given), 0, 100)  # an expert gives whole points
    mean: np.ndarray = np.round((given * seats).sum(axis=1) / seats.sum(axis=1), 1)
    return mean


def is_funded(
    rng: np.random.Generator,
    necessity: np.ndarray,
    importance: np.ndarray,
    strength: np.ndarray,
    statutory: np.ndarray,
) -> np.ndarray:
    """Whether each project gets money: the better ones, more in strong counties, most duties."""
    cut = FUNDING_CUT + STRENGTH_POINTS * (1 - strength)
    likely = 1 / (1 + np.exp(-((necessity + importance) / 2 - cut) / FUNDING_SLOPE))
    likely = np.where(statutory, np.maximum(likely, 0.97), likely)
    funded: np.ndarray = rng.random(len(likely)) < likely
    return funded


def budget_amount(
    rng: np.random.Generator, requested: np.ndarray, approved: np.ndarray, strength: np.ndarray
) -> np.ndarray:
    """The appropriated budget: never above request or approval, cut back where money is short."""
    short = rng.random(len(requested)) < 0.5 * np.maximum(1.1 - strength, 0)
    share = np.where(short, rng.uniform(0.8, 1.0, len(requested)), 1.0)
    return rounded(np.minimum(requested, approved) * share)


def adjusted_amount(rng: np.random.Generator, budget: np.ndarray) -> np.ndarray:
    """The adjusted budget: one in seven is changed within the year."""
    changed = rng.random(len(budget)) < 1 / 7
    return rounded(budget * np.where(changed, rng.uniform(0.8, 1.15, len(budget)), 1.0))


def execution_rate(rng: np.random.Generator, low: np.ndarray) -> np.ndarray:
    """Executed ÷ adjusted: below 0.8 exactly for the projects of `low`."""
    size = len(low)
    poor = 0.15 + 0.645 * rng.beta(3.2, 1.1, size)
    good = 0.805 + 0.195 * rng.beta(2.2, 1.0, size)
    return np.where(low, poor, good)


def evaluation_score(rng: np.random.Generator, poor: np.ndarray) -> np.ndarray:
    """Evaluation scores to one decimal: below 80 exactly for the projects of `poor`."""
    size = len(poor)
    low = np.clip(79.9 - rng.gamma(1.5, 5.5, size), 30.0, 79.9)
    high = 80.0 + 18.5 * rng.beta(2.6, 2.0, size)
    return np.round(np.where(poor, low, high), 1)


def is_evaluated(rng: np.random.Generator, budget: np.ndarray) -> np.ndarray:
    """Whether a carried-out project is evaluated; large ones more often."""
    likely = EVALUATED + EVALUATED_PER_TENFOLD * np.log10(np.maximum(budget, 1.0) / 1e6)
    evaluated: np.ndarray = rng.random(len(budget)) < np.clip(likely, 0.2, 0.9)
    return evaluated


def has_finding(
    rng: np.random.Generator, sloppy: np.ndarray, padding: np.ndarray, three_public: np.ndarray
) -> np.ndarray:
    """Whether audit, finance inspection or discipline found something in a carried-out project."""
    odds = -2.2 + 1.1 * sloppy + 1.5 * np.clip(padding, -0.3, 0.6) + 0.6 * three_public
    found: np.ndarray = rng.random(len(padding)) < 1 / (1 + np.exp(-odds))
    return found


def grade(score: np.ndarray) -> np.ndarray:
    """优良中差 by the national cut-offs: [90, 100], [80, 90), [60, 80), [0, 60)."""
    names = np.array(["差", "中", "良", "优"])
    grades: np.ndarray = names[np.digitize(score, [60.0, 80.0, 90.0])]
    return grades
