"""Approved unit prices that are made up, so that what is learned can be known beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from features.standards.priced_item import Family, PricedItem, Subject
from training.standards.approved_prices import ApprovedPrices

ROUNDS = (2020, 2021, 2022, 2023, 2024, 2025)
PRICE, NOISE, RISE = 100.0, 0.15, 0.03
SUBJECT = Subject(Family.PROJECT, "", "平方米")


def made_up_prices(
    count: int = 1_800,
    seed: int = 1,
    effects: tuple[float, ...] = (0.0, 0.0),
    shift: float = 0.0,
    shifted_from: int = 9999,
) -> ApprovedPrices:
    """Unit prices around 100 yuan that rise with the published index, from several divisions.

    Args:
        effects: logarithms by which the prices of each division lie off the others.
        shift: the logarithm that prices rise by beyond the index from the round `shifted_from` on.
    """
    chance = np.random.default_rng(seed)
    rounds = np.array(ROUNDS)[np.arange(count) % len(ROUNDS)]
    places = chance.integers(len(effects), size=count)
    index = RISE * (rounds - ROUNDS[0])
    price = np.log(PRICE) + index + np.array(effects)[places] + chance.normal(0, NOISE, count)
    price += np.where(rounds >= shifted_from, shift, 0.0)
    scale = np.exp(chance.normal(5, 0.5, count))
    blank = PricedItem(
        project_id="",
        year=0,
        place="",
        subject=SUBJECT,
        task="",
        project_type="repair",
        division="",
        region_level="county",
        price_index=1.0,
        quantity=1.0,
        scale=1.0,
        price=1.0,
        amount=1.0,
        driver=False,
    )
    items = tuple(
        replace(
            blank,
            project_id=f"P{row}",
            year=int(rounds[row]),
            division=f"99{places[row]:02d}01",
            price_index=float(np.exp(index[row])),
            scale=float(scale[row]),
        )
        for row in range(count)
    )
    return ApprovedPrices(items, price, index, scale, rounds, np.arange(count))


def groups_of(count: int) -> dict[str, tuple[str, ...]]:
    """Each division a group of its own, under the name of its number."""
    return {f"county_{place + 1}": (f"99{place:02d}01",) for place in range(count)}
