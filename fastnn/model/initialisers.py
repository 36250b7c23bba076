"""Initial weights and biases, by the name of how they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import check_seed, describe, wrong_choice
from fastnn.kernels.layout import empty_at_line

Array = npt.NDArray[np.float64]


class Initialiser(NamedTuple):
    """Two functions that draw the parameters of a layer from a generator."""

    biases: Callable[[Any, int], Array]  # (generator, fan_out) -> (fan_out, 1)
    weights: Callable[[Any, int, int], Array]  # (generator, fan_out, fan_in) -> (fan_out, fan_in)


def _normal(generator: Any, *shape: int) -> Array:
    """Draw from N(0, 1): of NumPy's global generator by `randn`, which a script may have replaced.

    It gives the numbers of `standard_normal`.
    """
    if generator is np.random:
        return np.asarray(np.random.randn(*shape))
    return np.asarray(generator.standard_normal(shape))


def _normal_biases(generator: Any, fan_out: int) -> Array:
    return _normal(generator, fan_out, 1)


def _zero_biases(generator: Any, fan_out: int) -> Array:
    return np.zeros((fan_out, 1))


def _default_weights(generator: Any, fan_out: int, fan_in: int) -> Array:
    drawn: Array = _normal(generator, fan_out, fan_in) / np.sqrt(fan_in)
    return drawn


def _large_weights(generator: Any, fan_out: int, fan_in: int) -> Array:
    return _normal(generator, fan_out, fan_in)


def _glorot_weights(generator: Any, fan_out: int, fan_in: int) -> Array:
    limit = np.sqrt(6.0 / (fan_in + fan_out))
    drawn: Array = generator.uniform(-limit, limit, (fan_out, fan_in))
    return drawn


def _he_weights(generator: Any, fan_out: int, fan_in: int) -> Array:
    drawn: Array = _normal(generator, fan_out, fan_in) * np.sqrt(2.0 / fan_in)
    return drawn


# A new initialiser is a row here; its twin is in fastnn/reference.
INITIALISERS = {
    # N(0, 1) / sqrt(fan_in), the book's chapter 3
    "default": Initialiser(_normal_biases, _default_weights),
    # N(0, 1), the book's chapter 1
    "large": Initialiser(_normal_biases, _large_weights),
    # uniform with variance 2 / (fan_in + fan_out): Glorot and Bengio 2010, eq. 16
    "glorot": Initialiser(_zero_biases, _glorot_weights),
    # N(0, 2 / fan_in): He et al. 2015, eq. 10
    "he": Initialiser(_zero_biases, _he_weights),
}
"""The initialisers by name."""


def initialiser_name(initializer: Any) -> str:
    """Return `initializer` if it is the name of an initialiser, else raise an error."""
    if not isinstance(initializer, str) or initializer not in INITIALISERS:
        expected = f"initializer must be one of {', '.join(INITIALISERS)}"
        raise wrong_choice(initializer, expected)
    return initializer


def generator_of(generator: Any, seed: Any) -> Any:
    """Return what initial values are drawn from: one of the arguments `generator` and `seed`.

    It is NumPy's global generator if both are None.

    Raises
    ------
    TypeError, ValueError
        If one is wrong, or both are given.
    """
    if seed is not None:
        if generator is not None:
            raise ValueError("seed makes a generator of its own: leave out generator, or seed")
        return np.random.RandomState(check_seed("seed", seed))
    if generator is None:
        return np.random
    if not isinstance(generator, (np.random.RandomState, np.random.Generator)):
        raise TypeError(
            "generator must be a numpy.random.RandomState or a numpy.random.Generator, got "
            f"{describe(generator)}"
        )
    return generator


def draw_parameters(
    name: str, sizes: Sequence[int], dtype: np.dtype[Any], generator: Any = np.random
) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]]:
    """Draw all biases, layer by layer, then all weights: network2's order.

    The numbers come from NumPy's global generator, from a `numpy.random.RandomState`, which gives
    the same numbers for the same seed, or from a `numpy.random.Generator`, which gives others. They
    are drawn in float64.

    Parameters
    ----------
    name : str
        One of `INITIALISERS`.
    sizes : sequence of int
        Neurons of each layer, inputs first.
    dtype : numpy.dtype
    generator : optional
        What draws, with NumPy's methods; NumPy's global generator by default.

    Returns
    -------
    weights, biases : list of ndarray
        ``(fan_out, fan_in)`` and ``(fan_out, 1)``, of type `dtype`.
    """
    initialiser = INITIALISERS[name]
    biases = [initialiser.biases(generator, fan_out).astype(dtype) for fan_out in sizes[1:]]
    weights = []
    for fan_in, fan_out in pairwise(sizes):
        drawn = initialiser.weights(generator, fan_out, fan_in)
        w = empty_at_line(drawn.shape, dtype)
        w[...] = drawn
        weights.append(w)
    return weights, biases
