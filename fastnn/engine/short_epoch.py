"""One epoch on a few pairs of a list, with as little around the kernel as can be.

A trainer takes its examples from a data set, and gets and gives parameters through NumPy. For four
examples that takes ten times as long as the epoch. So a script that calls `SGD` again and again
gets a `ShortEpoch`, which goes on with the trainer of the call before and copies straight between
the arrays of the user and those of the kernels.

`take` returns False where it cannot tell that the trainer would do the same; the caller then goes
the usual way, which also raises all errors. It cannot see

- pairs other than tuples, or those of a `Dataset`, of two columns (n, 1), plain NumPy arrays,
- inputs of another type than those of the trainer, and answers that are not float64,
- numbers that are not finite, and so many zeros that the sparse form is faster,
- weights and biases that are no plain arrays in C order, writable and of the network's type.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter, is_
from typing import Any

import numpy as np

from fastnn.datasets.given_pairs import Example
from fastnn.engine.inputs import SPARSE_BELOW
from fastnn.engine.packed_network import Arrays
from fastnn.engine.trainer import Trainer
from fastnn.kernels.arguments import Data
from fastnn.kernels.inputs import DenseInputs
from fastnn.kernels.short_epoch import count_used, find_labels, pack_layer, unpack_layer

_PAIRS = {tuple, Example}

_NARROW_IN_WIDE = np.dtype(np.float32), np.dtype(np.float64)

_shape_of, _dtype_of = attrgetter("shape"), attrgetter("dtype")


def short_epoch_of(
    trainer: Trainer, sizes: Sequence[int], dtype: np.dtype[Any]
) -> ShortEpoch | None:
    """Return the epochs of a trainer of which `can_take_others` is true.

    None if its inputs are in another form than rows of numbers, all of which `dtype` can hold.
    """
    data = trainer.examples()
    if not isinstance(data.inputs, DenseInputs):
        return None
    stored = data.inputs.values.dtype
    can_hold = stored == dtype or (stored, dtype) == _NARROW_IN_WIDE
    return ShortEpoch(trainer, data, sizes, dtype) if can_hold else None


class ShortEpoch:
    """Epochs of one call each, on as many pairs as a trainer has.

    Parameters
    ----------
    trainer : Trainer
        What trains.
    data : Data
        What it has of examples, with dense inputs.
    sizes : sequence of int
        Of its network.
    dtype : numpy dtype
        The type of the network's numbers.

    Attributes
    ----------
    order : ndarray, shape (n,)
        Which of the pairs taken was each example of the last epoch.
    """

    def __init__(
        self, trainer: Trainer, data: Data, sizes: Sequence[int], dtype: np.dtype[Any]
    ) -> None:
        self._trainer, self._dtype = trainer, dtype
        self._n = len(data.order)
        inputs, targets = data.inputs, data.targets
        # What there is once for each pair; lists are quickly compared.
        self._kinds = self._n * [np.ndarray]
        self._x_shapes, self._y_shapes = self._n * [(sizes[0], 1)], self._n * [(sizes[-1], 1)]
        self._x_types = self._n * [inputs.values.dtype]
        self._y_types = self._n * [np.dtype(np.float64)]
        # Arrays of its own: those of the trainer may belong to a data set.
        self._columns = np.empty((self._n * sizes[0], 1), inputs.values.dtype)
        self._answers = np.empty((self._n * sizes[-1], 1))
        self._labels = np.empty(self._n, targets.dtype) if targets.dtype.kind == "i" else None
        self._rows = np.arange(self._n, dtype=data.order.dtype)
        self.order = self._rows.copy()
        self._data = data._replace(
            inputs=inputs._replace(values=self._columns.reshape(-1)),
            targets=self._answers.reshape(-1) if self._labels is None else self._labels,
            order=self.order,
        )
        self._least = int(SPARSE_BELOW * self._columns.size)
        self._kernel, self._eta = trainer.kernel(), math.nan
        self._shapes = [(out, into) for into, out in pairwise(sizes)]
        self._bias_shapes = [(out, 1) for out in sizes[1:]]
        self._all_shapes = self._shapes + self._bias_shapes
        self._given: Arrays = []  # what `run` returned last

    def take(self, weights: Any, biases: Any, pairs: list[Any]) -> bool:
        """Copy parameters and examples; say whether all is as described above."""
        return self._take_pairs(pairs) and self._take_parameters(weights, biases)

    def _take_pairs(self, pairs: list[Any]) -> bool:
        if not _PAIRS.issuperset(map(type, pairs)) or len(pairs) != self._n:
            return False
        try:
            columns, answers = zip(*pairs, strict=True)
        except ValueError:  # they are no pairs
            return False
        if not (
            [*map(type, columns)] == [*map(type, answers)] == self._kinds
            and [*map(_shape_of, columns)] == self._x_shapes
            and [*map(_shape_of, answers)] == self._y_shapes
            and [*map(_dtype_of, columns)] == self._x_types
            and [*map(_dtype_of, answers)] == self._y_types
        ):
            return False
        np.concatenate(columns, out=self._columns)
        np.concatenate(answers, out=self._answers)
        if count_used(self._columns, self._answers) < self._least:
            return False
        return self._labels is None or find_labels(self._answers, self._labels)

    def _take_parameters(self, weights: Any, biases: Any) -> bool:
        if not (type(weights) is type(biases) is list and len(weights) == len(self._shapes)):
            return False
        arrays = weights + biases
        try:
            if list(map(_shape_of, arrays)) != self._all_shapes:
                return False
        except AttributeError:  # lists of numbers, say
            return False
        known = len(arrays) == len(self._given) and all(map(is_, arrays, self._given))
        if not known and not all(map(self._is_plain, arrays)):
            return False
        packed = self._trainer.packed
        table, parameters = packed.net.plan.table, packed.net.values.parameters
        for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
            pack_layer(table, layer, parameters, w, b)
        return True

    def _is_plain(self, array: Any) -> bool:
        return (
            type(array) is np.ndarray
            and array.base is None  # nor part of a file, which may have been cut
            and array.dtype == self._dtype
            and array.flags.carray
        )

    def run(self, eta: float) -> tuple[Arrays, Arrays, bool]:
        """Train; return new weights and biases, and whether they are finite."""
        if eta != self._eta:
            self._eta = eta
            self._call = self._trainer.call_of(self._kernel, self._data, eta)
        self.order[:] = self._rows
        self._trainer.forget()
        self._trainer.run_on(self._data, self._call)
        packed = self._trainer.packed
        table, parameters = packed.net.plan.table, packed.net.values.parameters
        weights = [np.empty(shape, self._dtype) for shape in self._shapes]
        biases = [np.empty(shape, self._dtype) for shape in self._bias_shapes]
        finite = True
        for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
            finite &= unpack_layer(table, layer, parameters, w, b)
        self._given = weights + biases
        return weights, biases, finite
