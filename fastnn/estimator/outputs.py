"""The outputs of an estimator's network, of the type and with the numbers of scikit-learn's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import issparse

from fastnn.engine.forward import forward_of
from fastnn.model.activations import functions_of
from fastnn.model.architecture import Architecture
from fastnn.model.costs import QuadraticCost, unpatched
from fastnn.model.description import Arrays

# Outputs are computed for this many examples together: a matrix product is faster if it is large.
# Its result then becomes activations in place, in a few rows at a time.
_EXAMPLES_AT_A_TIME = 4096
_ROWS_AT_A_TIME = 128
# About this many inputs are copied together, where that has to be: less than a MB.
_NUMBERS_AT_A_TIME = 1 << 16

# The types that kernels take.
_TYPES = (np.dtype(np.float64), np.dtype(np.float32))

# Kernels' `exp` gives at least exp(-708), and exp(-86) in float32, where NumPy comes to 0. So what
# these activations make smaller than this is left to NumPy.
_POSITIVE = ("exponential", "sigmoid", "softmax")
_SMALL = {np.dtype(np.float64): np.exp(-700.0), np.dtype(np.float32): np.exp(-80.0)}


def outputs_of(
    X: Any, coefs: Arrays, intercepts: Arrays, activations: Sequence[str]
) -> npt.NDArray[Any]:
    """Compute the output activations (n, outputs) of checked inputs (n, inputs).

    A part of the examples at a time: hidden activations can take more memory than the inputs.

    Parameters
    ----------
    X : ndarray or SciPy's compressed sparse rows or columns
        Of any type of numbers; as in scikit-learn, NumPy's rules give the type of the result.
    coefs, intercepts : list of ndarray
        Weights ``(fan_in, fan_out)`` and biases ``(fan_out,)`` of each layer.
    activations : sequence of str
        fastnn's name of the activation of each layer.
    """
    dtype = np.result_type(X.dtype, *coefs)
    if issparse(X) or dtype not in _TYPES:
        return _by_products(X, coefs, intercepts, activations, dtype)
    outputs = _by_kernels(X, coefs, intercepts, activations, dtype)
    if activations[-1] not in _POSITIVE:
        return outputs
    small = _rows_below(_SMALL[dtype], outputs)
    if small.size:
        before = [*activations[:-1], "identity"]
        z = _by_kernels(X, coefs, intercepts, before, dtype, small)
        _activate(z, activations[-1])
        outputs[small] = z
    return outputs


def _by_kernels(
    X: npt.NDArray[Any],
    coefs: Arrays,
    intercepts: Arrays,
    activations: Sequence[str],
    dtype: np.dtype[Any],
    rows: npt.NDArray[np.integer[Any]] | None = None,
) -> npt.NDArray[Any]:
    """The outputs of all examples, or of some rows, by compiled kernels.

    Kernels take floating-point numbers, so others are converted, some examples at a time.
    """
    sizes = [len(coefs[0]), *map(len, intercepts)]
    architecture = Architecture(sizes, dtype, unpatched(QuadraticCost), list(activations))
    weights, biases = [coef.T for coef in coefs], [b.reshape(-1, 1) for b in intercepts]
    with forward_of(architecture, weights, biases) as forward:
        if rows is None and X.dtype in _TYPES:
            return forward.of_rows(X)
        outputs = np.empty((len(X) if rows is None else len(rows), sizes[-1]), dtype)
        for part in _parts(len(outputs), max(_ROWS_AT_A_TIME, _NUMBERS_AT_A_TIME // sizes[0])):
            some = X[part] if rows is None else X[rows[part]]
            if some.dtype not in _TYPES:
                some = some.astype(dtype)
            forward.put_rows(some, outputs[part])
    return outputs


def _rows_below(least: float, outputs: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """The places of rows that have a number below `least`."""
    found = [np.zeros(0, np.intp)]
    for part in _parts(len(outputs)):
        if outputs[part].min() < least:  # which takes less time than to look at each row
            found.append(part.start + np.flatnonzero(outputs[part].min(axis=1) < least))
    return np.concatenate(found)


def _by_products(
    X: Any,
    coefs: Arrays,
    intercepts: Arrays,
    activations: Sequence[str],
    dtype: np.dtype[Any],
) -> npt.NDArray[Any]:
    """The outputs by products of NumPy, or of SciPy where the inputs are sparse."""
    outputs = np.empty((X.shape[0], len(intercepts[-1])), dtype)
    whole, at_a_time = None, _EXAMPLES_AT_A_TIME
    if issparse(X):
        if X.format == "csc":  # such columns cannot be cut into rows
            whole = X @ coefs[0]
        else:  # a slice of rows is a copy
            at_a_time = min(at_a_time, 1 + _NUMBERS_AT_A_TIME * X.shape[0] // max(1, X.nnz))
    for part in _parts(X.shape[0], at_a_time):
        a = X[part] @ coefs[0] if whole is None else whole[part]
        for layer, name in enumerate(activations):
            if layer:
                a = a @ coefs[layer]
            a += intercepts[layer]
            _activate(a, name)
        outputs[part] = a
    return outputs


def _parts(examples: int, at_a_time: int = _EXAMPLES_AT_A_TIME) -> list[slice]:
    """Slices of so many examples as are computed together."""
    return [slice(start, start + at_a_time) for start in range(0, examples, at_a_time)]


def _activate(z: npt.NDArray[Any], name: str) -> None:
    """Turn weighted inputs (n, neurons) into activations in place."""
    with np.errstate(over="ignore"):  # where exp(-z) overflows, the sigmoid is exactly 0
        for some in np.array_split(z, -(-len(z) // _ROWS_AT_A_TIME)):
            some[:] = functions_of(name)[0](some.T).T
