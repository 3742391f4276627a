"""Independent, named streams of random numbers."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, block: int, name: str) -> np.random.Generator:
    """The generator of one concept in one block of project series.

    Each concept draws from its own stream, so a new sentence template does not move a cost, and
    each block has its own, so the result does not depend on how many blocks are made.
    """
    entropy = (seed, block, zlib.crc32(name.encode("ascii")))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))


def choose(generator: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    """One index per row of `weights` (rows × choices, not normalised), drawn in proportion."""
    bounds = np.cumsum(weights, axis=1)
    point = generator.random(len(weights)) * bounds[:, -1]
    chosen = np.sum(bounds <= point[:, None], axis=1)
    within: np.ndarray = np.minimum(chosen, weights.shape[1] - 1)
    return within
