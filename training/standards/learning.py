"""Standards learned from approved unit prices: robust middles, conformal ends, measured later."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

import numpy as np

from features.operations import Numbers
from features.standards.learned_standard import LearnedStandard, MeasuredCoverage
from features.standards.priced_item import Family, Subject
from features.standards.region_groups import RegionGroups
from models.conformal_quantile import conformal_quantile
from models.partial_pooling import partially_pooled
from models.release.binomial_band import binomial_band
from training.split import TimeSplit
from training.standards.approved_prices import ApprovedPrices
from training.standards.cells import (
    Middle,
    Rows,
    difference_beyond_chance,
    pooled_middles,
    spread,
)
from training.standards.kind import LEAST_SPREAD, Band, Cell, Kind, standard_code
from training.standards.standards_policy import StandardsPolicy

_DECIMALS = 4


def learned_standards(
    prices: ApprovedPrices, groups: RegionGroups, split: TimeSplit, policy: StandardsPolicy
) -> list[LearnedStandard]:
    """The standard of every cell, in the order of their codes.

    Rounds up to `split.fit_until` give the middles, the next the ends, the last is measured.
    """
    learner = _Learner(prices, groups, split, policy)
    kinds = [
        kind for subject, rows in prices.by_kind.items() for kind in learner.kinds(subject, rows)
    ]
    learner.calibrate(kinds)
    standards = [each for kind in kinds for each in learner.standards(kind)]
    return sorted(standards, key=lambda each: each.code)


class _Learner:
    def __init__(
        self,
        prices: ApprovedPrices,
        groups: RegionGroups,
        split: TimeSplit,
        policy: StandardsPolicy,
    ) -> None:
        self.prices, self.groups, self.policy = prices, groups, policy
        self.fit = split.fit(prices.rounds)
        self.later = split.calibrate(prices.rounds)
        self.last = split.test(prices.rounds)
        self.measured_round = int(prices.rounds.max())
        self.types = np.array([item.project_type for item in prices.items])
        self.group = np.array([groups.of(item.division) for item in prices.items])
        self.highest = math.nan

    def kinds(self, subject: tuple[str, str, str], rows: Rows) -> Iterator[Kind]:
        """The kinds of one subject that have enough approved items."""
        sort = Subject(Family(subject[0]), subject[1], subject[2])
        fit = rows[self.fit[rows]]
        if len(fit) < self.policy.least:
            return
        indexed = self._follows_index(sort, fit)
        index = self.prices.index if indexed else np.zeros(len(self.prices.index))
        comparable = self.prices.price - index
        known = rows[np.isfinite(comparable[rows])]
        # What is no price of anything is none in any type, even where few happen to agree.
        if spread(self._within_types(comparable, known[self.fit[known]])) > (
            self.policy.greatest_spread
        ):
            return
        for project_type, some in self._types(sort, known, comparable).items():
            bands = list(self._bands(some, comparable))
            kind = Kind(sort, project_type, indexed, comparable, bands)
            self._standardise(kind)
            if kind.bands:
                yield kind

    def _follows_index(self, sort: Subject, fit: Rows) -> bool:
        """Whether unit prices follow the published index.

        It is published for what drives the cost of projects; of other lines it is taken where their
        prices vary less without it.
        """
        known = fit[np.isfinite(self.prices.index[fit])]
        if len(known) < self.policy.least:
            return False
        drivers = sum(self.prices.items[row].driver for row in known)
        if sort.family is Family.PROJECT or drivers > len(known) / 2:
            return True
        bare = self._within_types(self.prices.price - self.prices.index, known)
        return spread(bare) < spread(self._within_types(self.prices.price, known))

    def _within_types(self, values: Numbers, rows: Rows) -> Numbers:
        """Values of some rows beside the median of their project type."""
        beside = values[rows].copy()
        for project_type in np.unique(self.types[rows]):
            inside = self.types[rows] == project_type
            beside[inside] -= np.median(beside[inside])
        return beside

    def _types(self, sort: Subject, rows: Rows, comparable: Numbers) -> dict[str, Rows]:
        """The rows of each project type that has a price of its own, and of all under ""."""
        of_type = {
            str(name): rows[self.types[rows] == name] for name in np.unique(self.types[rows])
        }
        large = {
            name: some
            for name, some in of_type.items()
            if self.fit[some].sum() >= self.policy.least and name
        }
        if sort.family is Family.PROJECT:
            return large
        fit = {name: np.searchsorted(rows, some[self.fit[some]]) for name, some in large.items()}
        differ = difference_beyond_chance(comparable[rows], fit)
        return {"": rows} | (large if differ > self.policy.least_difference else {})

    def _bands(self, rows: Rows, comparable: Numbers) -> Iterator[Band]:
        fit = rows[self.fit[rows]]
        edges = self._edges(fit)
        scale = self.prices.scale[rows]
        number_of = np.searchsorted(edges, scale, side="right")
        parts = {
            str(b): np.flatnonzero((number_of == b) & self.fit[rows]) for b in range(len(edges) + 1)
        }
        enough = all(len(part) >= self.policy.least for part in parts.values())
        differ = difference_beyond_chance(comparable[rows], parts)
        if not edges or not enough or differ <= self.policy.least_difference:
            yield self._band(0, None, None, rows, comparable)
            return
        for number in range(len(edges) + 1):
            least = edges[number - 1] if number else None
            below = edges[number] if number < len(edges) else None
            yield self._band(number + 1, least, below, rows[number_of == number], comparable)

    def _edges(self, fit: Rows) -> list[float]:
        """The limits between bands of scale: quantiles, to two significant digits."""
        shares = np.arange(1, self.policy.bands) / self.policy.bands
        cuts = np.quantile(self.prices.scale[fit], shares)
        return sorted({float(f"{cut:.2g}") for cut in cuts})

    def _band(
        self, number: int, least: float | None, below: float | None, rows: Rows, comparable: Numbers
    ) -> Band:
        fit = rows[self.fit[rows]]
        values = comparable[fit]
        parts = {name: np.flatnonzero(self.group[fit] == name) for name in self.groups.by_name}
        whole = Cell("", rows, Middle(float(np.median(values)), 1.0, len(fit)))
        cells = [
            Cell(name, rows[self.group[rows] == name], middle)
            for name, middle in pooled_middles(values, parts).items()
        ]
        return Band(number, least, below, [whole, *cells])

    def _standardise(self, kind: Kind) -> None:
        """Drop bands without a price of their own, and put residuals in units of the spread."""
        kind.residuals = np.full(len(kind.comparable), np.nan)
        for band in kind.bands:
            for cell in band.cells:  # the first is of all regions; the finer ones come after it
                kind.residuals[cell.rows] = kind.comparable[cell.rows] - cell.middle.value
            rows = band.cells[0].rows
            band.spread = max(spread(kind.residuals[rows[self.fit[rows]]]), LEAST_SPREAD)
            if band.spread > self.policy.greatest_spread:
                kind.residuals[rows] = np.nan
            else:
                kind.residuals[rows] /= band.spread
        kind.bands = [band for band in kind.bands if band.spread <= self.policy.greatest_spread]

    def calibrate(self, kinds: list[Kind]) -> None:
        """Give every cell its ends, from the round after those that were learned from."""
        tail = (1 + self.policy.level) / 2
        everything = np.concatenate(
            [kind.residuals[self._calibrating(kind)] for kind in kinds] or [np.empty(0)]
        )
        pooled = (conformal_quantile(-everything, tail), conformal_quantile(everything, tail))
        self.highest = conformal_quantile(everything, self.policy.ceiling_level)
        for kind in kinds:
            self._ends(kind, pooled, tail)

    def _calibrating(self, kind: Kind) -> Rows:
        return np.flatnonzero(np.isfinite(kind.residuals) & self.later)

    def _ends(self, kind: Kind, pooled: tuple[float, float], tail: float) -> None:
        cells = [(band, cell) for band in kind.bands for cell in band.cells]
        there = self._calibrating(kind)
        members = [np.isin(there, cell.rows) for _, cell in cells]
        counted = [place for place, inside in enumerate(members) if inside.any()]
        for sign, usual in zip((-1.0, 1.0), pooled, strict=True):
            scores = sign * kind.residuals[there]
            common = conformal_quantile(scores, tail)
            ends = np.full(len(cells), common if np.isfinite(common) else usual)
            own = partially_pooled(scores, [members[place] for place in counted], tail)
            for place, end in zip(counted, own, strict=True):
                if np.isfinite(end):
                    ends[place] = end
            for (band, cell), end in zip(cells, ends, strict=True):
                if sign < 0:
                    cell.low = -float(end) * band.spread
                else:
                    cell.high = float(end) * band.spread

    def standards(self, kind: Kind) -> Iterator[LearnedStandard]:
        """The standards of a calibrated kind."""
        for band in kind.bands:
            parent = standard_code(kind, band, "")
            for cell in band.cells:
                yield self._standard(kind, band, cell, parent if cell.group else None)

    def _standard(self, kind: Kind, band: Band, cell: Cell, parent: str | None) -> LearnedStandard:
        reference = self._reference(kind, cell) if kind.indexed else None
        at = math.log(reference) if reference else 0.0
        middle = cell.middle.value
        ceiling = max(self.highest * band.spread, math.log(self.policy.least_ceiling), cell.high)
        tasks = Counter(self.prices.items[row].task for row in cell.rows)

        def price(logarithm: float) -> float:
            return round(math.exp(logarithm + at), _DECIMALS)

        return LearnedStandard(
            code=standard_code(kind, band, cell.group),
            family=kind.subject.family,
            economic_code=kind.subject.economic_code,
            unit=kind.subject.unit,
            task=min(tasks, key=lambda task: (-tasks[task], task)) if tasks else "",
            project_type=kind.project_type,
            region_group=cell.group,
            least=band.least,
            below=band.below,
            low=price(middle + cell.low),
            mid=price(middle),
            high=price(middle + cell.high),
            ceiling=price(middle + ceiling),
            reference_index=reference,
            n=cell.middle.n,
            own=round(cell.middle.own, 4),
            parent=parent,
            level=self.policy.level,
            spread=round(band.spread, 6),
            measured=self._measured(kind, cell),
        )

    def _reference(self, kind: Kind, cell: Cell) -> float:
        """The published index to which a cell's prices belong: its median in the last round."""
        now = cell.rows[self.last[cell.rows]]
        if len(now):
            return round(float(np.exp(np.median(self.prices.index[now]))), _DECIMALS)
        whole = np.concatenate([band.cells[0].rows for band in kind.bands])
        latest = whole[self.prices.rounds[whole] == self.prices.rounds[whole].max()]
        level = self.groups.by_name[cell.group].price_level if cell.group else 1.0
        return round(level * float(np.exp(np.median(self.prices.index[latest]))), _DECIMALS)

    def _measured(self, kind: Kind, cell: Cell) -> MeasuredCoverage:
        beside = kind.comparable[cell.rows[self.last[cell.rows]]] - cell.middle.value
        cases = len(beside)
        inside = int(((beside >= cell.low) & (beside <= cell.high)).sum())
        band = binomial_band(cases, self.policy.level) if cases else None
        return MeasuredCoverage(round=self.measured_round, cases=cases, inside=inside, band=band)
