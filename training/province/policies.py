"""Policy citations: which documents a project rests on, and whether they still hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.province.randomness import choose, stream
from training.province.regions import regions
from training.province.series import BLOCK, Series
from training.province.span import Span

LEVELS = ("none", "unit", "county", "city", "province", "central")
SLOTS = 4
# Level of a cited document by level of government of the project (columns: LEVELS).
_LEVEL_WEIGHT = np.array(
    [[0, 2, 0, 0, 4, 4], [0, 1.8, 0, 3.2, 3, 2.4], [0, 1.6, 2.8, 2.0, 2.2, 1.8]], dtype=float
)
_COUNT_WEIGHT = (0.08, 0.38, 0.30, 0.16, 0.08)
_RENEWED = 0.6
# Shares of terms of validity in years; 0 means open-ended.
_TERMS, _TERM_WEIGHT = (0, 3, 4, 5), (0.28, 0.22, 0.10, 0.40)
_VARIANTS = 1000  # wordings, clauses and subjects are drawn this finely, then taken modulo
_CLAUSE_GIVEN = 0.7


@dataclass(frozen=True)
class Citations:
    """Drawn citations, series × SLOTS."""

    present: np.ndarray
    level: np.ndarray  # index into LEVELS
    issued: np.ndarray  # calendar year of the first issue
    term: np.ndarray  # years, 0 = open-ended
    renewed: np.ndarray  # a new document follows when the term ends
    mandatory: np.ndarray
    number: np.ndarray
    day: np.ndarray  # 0–335, day of issue
    clause: np.ndarray  # index, −1 = not given
    subject: np.ndarray
    wording: np.ndarray
    style: np.ndarray  # which series of numbers of the issuer


@dataclass(frozen=True)
class PolicyFacts:
    """What the citations of each project come to in one fiscal year."""

    level: np.ndarray  # highest level cited, index into LEVELS
    valid_level: np.ndarray  # highest level among the documents in force
    mandatory: np.ndarray  # a cited clause obliges


def draw_citations(seed: int, block: int, series: Series, span: Span) -> Citations:
    """The citations of the series of one block."""
    rng = stream(seed, block, "policies")
    shape = (BLOCK, SLOTS)
    count = rng.choice(5, p=_COUNT_WEIGHT, size=BLOCK)
    count = np.maximum(count, series.statutory)  # a statutory duty rests on something
    count = np.where(series.sloppy & ~series.statutory, np.maximum(count - 1, 0), count)
    level = _levels(rng, series)
    start = np.array([span.year(r) for r in series.start])
    duty = np.where(series.statutory, 0.55, 0.16)[:, None]
    return Citations(
        present=np.arange(SLOTS) < count[:, None],
        level=level,
        issued=start[:, None] - 1 - rng.integers(0, 6, shape),
        term=rng.choice(_TERMS, p=_TERM_WEIGHT, size=shape),
        renewed=rng.random(shape) < _RENEWED,
        mandatory=(rng.random(shape) < duty) & (level > 1),
        number=rng.integers(1, 90, shape),
        day=rng.integers(0, 336, shape),
        clause=np.where(rng.random(shape) < _CLAUSE_GIVEN, rng.integers(0, _VARIANTS, shape), -1),
        subject=rng.integers(0, _VARIANTS, shape),
        wording=rng.integers(0, _VARIANTS, shape),
        style=rng.integers(0, _VARIANTS, shape),
    )


def _levels(rng: np.random.Generator, series: Series) -> np.ndarray:
    weight = _LEVEL_WEIGHT[regions().level[series.region]].copy()
    weight[:, 4:] *= np.where(series.statutory, 2.5, 1.0)[:, None]
    return np.stack([choose(rng, weight) for _ in range(SLOTS)], axis=1)


def issue_year(citations: Citations, year: np.ndarray | int) -> np.ndarray:
    """Calendar year of issue of the version cited in a fiscal year."""
    term = np.maximum(citations.term, 1)
    passed = np.maximum(np.asarray(year)[..., None] - citations.issued - 1, 0) // term
    again = citations.renewed & (citations.term > 0)
    return citations.issued + np.where(again, passed * citations.term, 0)


def in_force(citations: Citations, year: np.ndarray | int) -> np.ndarray:
    """Whether each citation holds in the fiscal year (to 31 December of its last year)."""
    last = issue_year(citations, year) + citations.term
    holds = (citations.term == 0) | (last >= np.asarray(year)[..., None])
    valid: np.ndarray = citations.present & holds
    return valid


def policy_facts(citations: Citations, year: int) -> PolicyFacts:
    """The facts of one fiscal year, one entry per series."""
    valid = in_force(citations, np.full(len(citations.present), year))
    return PolicyFacts(
        level=np.max(np.where(citations.present, citations.level, 0), axis=1),
        valid_level=np.max(np.where(valid, citations.level, 0), axis=1),
        mandatory=np.any(citations.present & citations.mandatory, axis=1),
    )
