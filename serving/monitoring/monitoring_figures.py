"""The pictures of the monitoring page, as places in pixels; the template draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 220, 18
_LEFT, _RIGHT = 4, WIDTH - 4
_GREATEST_EFFECT = 1.0


@dataclass(frozen=True)
class EffectFigure:
    """A bar from no effect, whiskers of its error, and the limits; in pixels from the left."""

    end: float
    low: float
    high: float
    limits: tuple[float, ...]
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class SeriesFigure:
    """An estimate with its reach, what came, and the level, on a scale from 0 to 100 %."""

    point: float
    low: float
    high: float
    came: float | None
    nominal: float | None
    width: int = WIDTH
    height: int = HEIGHT


def effect_figure(effect: float, reach: float, limits: Sequence[float]) -> EffectFigure:
    """The figure of an effect; on a scale of square roots, so that small ones are told apart."""
    low, high = _root(effect - reach), _root(effect + reach)
    return EffectFigure(_root(effect), low, high, tuple(map(_root, limits)))


def series_figure(
    estimate: float, reach: float, came: float | None, nominal: float | None
) -> SeriesFigure:
    """The figure of an estimate and of what came of it."""
    return SeriesFigure(
        _linear(estimate),
        _linear(estimate - reach),
        _linear(estimate + reach),
        None if came is None else _linear(came),
        None if nominal is None else _linear(nominal),
    )


def _root(effect: float) -> float:
    return _linear(math.sqrt(min(max(effect, 0.0), _GREATEST_EFFECT)))


def _linear(share: float) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * min(max(share, 0.0), 1.0), 1)
