"""Quadrature: exact for polynomials up to its degree and no further, and correctly rounded."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from models.quadrature import Quadrature, gauss_legendre


def _moment(rule: Quadrature, power: int) -> Fraction:
    """∫ tᵖ by the rule, without rounding what the rule gives."""
    pairs = zip(rule.nodes.tolist(), rule.weights.tolist(), strict=True)
    return sum((Fraction(w) * Fraction(t) ** power for t, w in pairs), Fraction(0))


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 20])
def test_it_is_exact_up_to_its_degree_and_not_beyond(n: int) -> None:
    rule = gauss_legendre(n)
    for power in range(2 * n):
        assert float(_moment(rule, power) * (power + 1)) == pytest.approx(1, abs=4e-16 * n)
    beyond = _moment(rule, 2 * n)
    if n < 8:  # the error falls below rounding
        assert float(beyond * (2 * n + 1)) != pytest.approx(1, abs=1e-12)  # control


@pytest.mark.parametrize("n", [1, 4, 17, 64, 127])
def test_it_is_what_numpy_finds_but_for_rounding(n: int) -> None:
    rule = gauss_legendre(n)
    nodes, weights = np.polynomial.legendre.leggauss(n)
    np.testing.assert_allclose(rule.nodes, (1 + nodes) / 2, rtol=0, atol=1e-15)
    np.testing.assert_allclose(rule.complements, (1 - nodes) / 2, rtol=0, atol=1e-15)
    np.testing.assert_allclose(rule.weights, weights / 2, rtol=0, atol=1e-14)


def test_two_nodes_are_rounded_to_the_nearest_double() -> None:
    """(1 ± 1/√3) / 2, from the squares of whole numbers."""
    low, high = (Fraction(node) for node in gauss_legendre(2).nodes.tolist())
    for node, ulp in ((low, Fraction(1, 2**55)), (high, Fraction(1, 2**53))):
        off = abs(2 * node - 1)
        assert (off - 2 * ulp / 2) ** 2 < Fraction(1, 3) < (off + 2 * ulp / 2) ** 2
