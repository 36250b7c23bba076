"""One example at a time, in NumPy: output and gradient of a network on columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.model.activations import functions_of
from fastnn.model.architecture import Architecture
from fastnn.model.costs import output_error
from fastnn.model.description import Arrays

Functions = tuple[Callable[[Any], Any], Callable[[Any], Any]]  # an activation and its slope

PLAIN_TYPES = (np.dtype(np.float64), np.dtype(np.float32))
"""The types of numbers that compiled calls take."""


def is_plain(array: Any) -> bool:
    """Say whether a compiled call can take an array as it is."""
    if type(array) is not np.ndarray or array.ndim != 2 or not array.flags.carray:
        return False
    return array.dtype in PLAIN_TYPES


def is_in_memory(array: npt.NDArray[Any]) -> bool:
    """Say whether the numbers of an array are in memory of NumPy's; part of a file may be cut."""
    base = array.base
    return base is None or (type(base) is np.ndarray and base.base is None)


def output_of(
    architecture: Architecture,
    weights: Arrays,
    biases: Arrays,
    x: npt.NDArray[Any],
    sigmoids: Functions | None = None,
) -> npt.NDArray[Any]:
    """The output a = f(w a + b), layer by layer (the book's eq. 25), for columns x.

    `sigmoids` are functions in the place of the sigmoid and its slope, if there are any.
    """
    return forward(architecture, weights, biases, x, sigmoids)[1][-1]


def gradient_of(
    architecture: Architecture,
    weights: Arrays,
    biases: Arrays,
    x: npt.NDArray[Any],
    y: npt.NDArray[Any],
    sigmoids: Functions | None = None,
) -> tuple[Arrays, Arrays]:
    """The gradient dC/db, dC/dw for one example (BP1 to BP4 of the book's chapter 2).

    For `sigmoids`, see `output_of`.
    """
    zs, activations = forward(architecture, weights, biases, x, sigmoids)
    slopes = [_functions(name, sigmoids)[1] for name in architecture.activations]
    delta = output_error(architecture.cost, slopes[-1], zs[-1], activations[-1], y)
    nabla_b, nabla_w = [delta], [np.dot(delta, activations[-2].T)]
    for layer in range(len(weights) - 2, -1, -1):
        with np.errstate(over="ignore", invalid="ignore"):
            slope = slopes[layer](zs[layer])
            delta = (np.dot(weights[layer + 1].T, delta) * slope).astype(architecture.dtype)
            nabla_b.insert(0, delta)
            nabla_w.insert(0, np.dot(delta, activations[layer].T))
    return nabla_b, nabla_w


def _functions(name: Any, sigmoids: Functions | None) -> Functions:
    return functions_of(name) if sigmoids is None or name != "sigmoid" else sigmoids


def forward(
    architecture: Architecture,
    weights: Arrays,
    biases: Arrays,
    x: npt.NDArray[Any],
    sigmoids: Functions | None = None,
) -> tuple[Arrays, Arrays]:
    """Return z of every layer, and the input followed by a of every layer.

    For `sigmoids`, see `output_of`.
    """
    zs: Arrays = []
    activations = [x]
    # exp(-z) may overflow to infinity; the sigmoid is then exactly 0. Weights that are not finite
    # give nan without a warning, as they do in the kernels.
    with np.errstate(over="ignore", invalid="ignore"):
        for b, w, name in zip(biases, weights, architecture.activations, strict=True):
            zs.append(np.dot(w, activations[-1]) + b)
            a = _functions(name, sigmoids)[0](zs[-1])
            activations.append(a.astype(architecture.dtype))
    return zs, activations
