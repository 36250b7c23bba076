"""Initial parameters: all biases first, then all weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, cast

import numpy as np

from .activations import Array

Parameters = tuple[list[Array], list[Array]]


def _normal(generator: Any, *shape: int) -> Array:
    """Draw from N(0, 1), as network2 does: by `numpy.random.randn`, if it is that generator."""
    if generator is np.random:
        return np.random.randn(*shape)
    return cast(Array, generator.standard_normal(shape))


def default(sizes: Sequence[int], generator: Any = np.random) -> Parameters:
    """Draw biases from N(0, 1) and weights from N(0, 1) / sqrt(fan_in) (the book's chapter 3).

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, inputs first.
    generator : numpy.random.RandomState or numpy.random.Generator, optional
        NumPy's global generator by default.

    Returns
    -------
    biases, weights : list of ndarray
        Shapes (fan_out, 1) and (fan_out, fan_in).
    """
    biases = [_normal(generator, fan_out, 1) for fan_out in sizes[1:]]
    return biases, [_normal(generator, j, k) / np.sqrt(k) for k, j in pairwise(sizes)]


def large(sizes: Sequence[int], generator: Any = np.random) -> Parameters:
    """Draw biases and weights from N(0, 1); otherwise like `default`."""
    biases = [_normal(generator, fan_out, 1) for fan_out in sizes[1:]]
    return biases, [_normal(generator, j, k) for k, j in pairwise(sizes)]


def glorot(sizes: Sequence[int], generator: Any = np.random) -> Parameters:
    """Draw weights evenly between -+sqrt(6 / (fan_in + fan_out)); biases are 0.

    Glorot and Bengio 2010, eq. 16; otherwise like `default`.
    """
    weights = []
    for fan_in, fan_out in pairwise(sizes):
        bound = np.sqrt(6.0 / (fan_in + fan_out))
        weights.append(generator.uniform(-bound, bound, (fan_out, fan_in)))
    return [np.zeros((fan_out, 1)) for fan_out in sizes[1:]], weights


def he(sizes: Sequence[int], generator: Any = np.random) -> Parameters:
    """Draw weights from N(0, 2 / fan_in); biases are 0.

    He et al. 2015, eq. 10; otherwise like `default`.
    """
    weights = [_normal(generator, j, k) * np.sqrt(2.0 / k) for k, j in pairwise(sizes)]
    return [np.zeros((fan_out, 1)) for fan_out in sizes[1:]], weights


INITIALISERS: dict[str, Callable[..., Parameters]] = {
    "default": default,
    "large": large,
    "glorot": glorot,
    "he": he,
}
"""The initialisers of a `Network`, by name."""
