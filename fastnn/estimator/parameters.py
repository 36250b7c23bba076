"""Weights and biases as users may have assigned them, checked before a kernel reads them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import issparse

from fastnn.common.checks import describe
from fastnn.model.description import Arrays

_TYPES = (np.dtype(np.float64), np.dtype(np.float32))
_KINDS = "fiub"  # of numbers that NumPy multiplies without becoming complex


def checked_parameters(
    coefs: Sequence[Any], intercepts: Sequence[Any], inputs: int, layers: int
) -> tuple[Arrays, Arrays]:
    """Return weights ``(fan_in, fan_out)`` and biases ``(fan_out,)`` that fit together.

    Whatever NumPy would compute with becomes an array, and biases are broadcast as it does. As in
    scikit-learn, arrays behind the first `layers` do not count.

    Parameters
    ----------
    coefs, intercepts : sequence of array_like
        ``coefs_`` and ``intercepts_``.
    inputs : int
        How many inputs there are.
    layers : int
        How many layers have weights.

    Raises
    ------
    ValueError
        If an array is missing, has no real numbers or does not fit those before it.
    """
    for name, arrays in (("coefs_", coefs), ("intercepts_", intercepts)):
        if not hasattr(arrays, "__len__") or len(arrays) < layers or layers < 1:
            raise ValueError(
                f"{name} must have an array for each of n_layers_ - 1 = {layers} layers, "
                f"got {describe(arrays)}"
            )
    kept: tuple[Arrays, Arrays] = ([], [])
    width = inputs
    for layer in range(layers):
        weights, biases = coefs[layer], intercepts[layer]
        if type(weights) is not np.ndarray or weights.dtype not in _TYPES:
            weights = _numbers(f"coefs_[{layer}]", weights)
        if weights.ndim != 2 or weights.shape[0] != width or weights.shape[1] == 0:
            raise ValueError(
                f"coefs_[{layer}] must have the shape ({width}, neurons): a row for each "
                f"{'neuron of the layer before' if layer else 'input'}, got {weights.shape}"
            )
        width = weights.shape[1]
        if type(biases) is not np.ndarray or biases.dtype not in _TYPES or biases.shape != (width,):
            biases = _broadcast(f"intercepts_[{layer}]", biases, width)
        kept[0].append(weights)
        kept[1].append(biases)
    return kept


def _numbers(name: str, values: Any) -> npt.NDArray[Any]:
    try:
        array = values.toarray() if issparse(values) else np.asarray(values)
    except ValueError:  # lists of different lengths
        array = np.asarray(None)
    if array.dtype.kind not in _KINDS:
        raise ValueError(f"{name} must be an array of real numbers, got {describe(values)}")
    return np.asarray(array)


def _broadcast(name: str, values: Any, width: int) -> npt.NDArray[Any]:
    """The biases of so many neurons, from what NumPy can add to rows of them."""
    biases = _numbers(name, values)
    row = biases[0] if biases.ndim == 2 and len(biases) == 1 else biases
    if row.shape not in ((), (1,), (width,)):
        raise ValueError(
            f"{name} must have the shape ({width},), a number for each neuron that coefs_ leads "
            f"to, or one for all of them, got {biases.shape}"
        )
    return np.broadcast_to(row, (width,))


def common_type(coefs: Arrays, intercepts: Arrays) -> np.dtype[Any]:
    """The type in which checked parameters are trained, the widest of theirs.

    Raises
    ------
    ValueError
        If it is neither float32 nor float64.
    """
    common = np.result_type(np.float32, *coefs, *intercepts)
    if common not in _TYPES:
        raise ValueError(
            f"coefs_ and intercepts_ must be of float64 or float32 to be trained, got {common}"
        )
    return common


def arrays_to_train(given: Sequence[Any], checked: Arrays, dtype: np.dtype[Any]) -> list[Any]:
    """Return a list of arrays that training can write its results into.

    They are those that are given, and in the same list, so that references to them see the results
    as in scikit-learn. Where an array cannot hold them, a new one of `dtype` is put in its place.
    """
    kept = given if isinstance(given, list) else list(given)
    for i, (array, values) in enumerate(zip(given, checked, strict=True)):
        holds = isinstance(array, np.ndarray) and array.dtype.kind == "f"
        if not holds or not array.flags.writeable or array.size != values.size:
            kept[i] = values.astype(dtype)
    return kept


def refuse_shared(coefs: Arrays, intercepts: Arrays) -> None:
    """Raise ValueError if two of these arrays share memory: kernels train each by itself."""
    named = [(f"coefs_[{i}]", array) for i, array in enumerate(coefs)]
    named += [(f"intercepts_[{i}]", array) for i, array in enumerate(intercepts)]
    for (first, one), (second, other) in combinations(named, 2):
        if np.shares_memory(one, other):
            raise ValueError(
                f"{first} and {second} share memory, but fastnn trains them as separate arrays: "
                "give one of them a copy"
            )
