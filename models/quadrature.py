"""Gauss–Legendre quadrature over [0, 1], correctly rounded: the same bits on every machine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache

import numpy as np

from features.operations import Numbers

_DIGITS = 60
_EXACT = Decimal(10) ** -50
"""Newton's method stops here; it doubles the digits in each step."""


@dataclass(frozen=True)
class Quadrature:
    """Nodes t in (0, 1), their complements 1 − t, and weights that sum to 1; each of shape (n,)."""

    nodes: Numbers
    complements: Numbers
    weights: Numbers


@cache
def gauss_legendre(n: int) -> Quadrature:
    """The rule of n nodes, exact for polynomials of degree up to 2 n − 1.

    Computed in decimal arithmetic and rounded once: libraries that find the nodes as eigenvalues
    differ in the last bits from one processor to another.

    >>> gauss_legendre(1).nodes.tolist(), gauss_legendre(1).weights.tolist()
    ([0.5], [1.0])
    """
    with localcontext() as context:
        context.prec = _DIGITS
        found = [_node_and_weight(n, k) for k in range(n, 0, -1)]
        return Quadrature(
            np.array([float((1 + x) / 2) for x, _ in found]),
            np.array([float((1 - x) / 2) for x, _ in found]),
            np.array([float(weight / 2) for _, weight in found]),
        )


def _node_and_weight(n: int, k: int) -> tuple[Decimal, Decimal]:
    """The k-th greatest root of the Legendre polynomial of degree n, and its weight on [−1, 1]."""
    x = Decimal(math.cos(math.pi * (k - 0.25) / (n + 0.5)))
    while True:
        value, slope = _legendre(n, x)
        step = value / slope
        x -= step
        if abs(step) < _EXACT:
            _, slope = _legendre(n, x)
            return x, 2 / ((1 - x * x) * slope * slope)


def _legendre(n: int, x: Decimal) -> tuple[Decimal, Decimal]:
    """The Legendre polynomial of degree n and its derivative, by the three-term recurrence."""
    before, value = Decimal(1), x
    for degree in range(2, n + 1):
        before, value = value, ((2 * degree - 1) * x * value - (degree - 1) * before) / degree
    return value, n * (x * value - before) / (x * x - 1)
