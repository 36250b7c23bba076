"""One epoch on known examples, with as little around the kernel as can be.

A trainer takes its examples from a data set, and gets and gives parameters through NumPy. For four
examples that takes ten times as long as the epoch. So a script that calls `SGD` again and again
gets a `ShortEpoch`, which goes on with the trainer of the call before and copies straight between
the arrays of the user and those of the kernels.

`take` returns False where it cannot tell that the trainer would do the same; the caller then goes
the usual way, which also raises all errors. It cannot see

- in a `Dataset`: other arrays than in the call before, as after something was written into a pair,
  a form without arrays, and labels that the network lacks, even in rows that are not trained on,
- in a list: pairs other than tuples, or those of a `Dataset`, of two columns (n, 1), plain NumPy
  arrays; inputs of another type than those of the trainer, and answers that are not float64;
  numbers that are not finite, and so many zeros that the sparse form is faster,
- weights and biases that are no plain arrays in C order, writable and of the network's type.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter, is_
from typing import Any

import numpy as np

from fastnn.datasets.dataset import Dataset
from fastnn.datasets.store import Store
from fastnn.engine.short_examples import KnownRows, ListedPairs, listed_pairs_of
from fastnn.engine.teams import Call
from fastnn.engine.trainer import Trainer
from fastnn.kernels.layout import NOTICED, empty_at_line
from fastnn.kernels.short_epoch import pack_layer, unpack_layer
from fastnn.model.description import Arrays
from fastnn.model.one_example import is_in_memory, is_plain

_form_of = attrgetter("shape", "strides", "dtype")


class ShortEpoch:
    """Epochs of one call each, on as many examples as a trainer has.

    Parameters
    ----------
    trainer : Trainer
        What trains; its `can_take_others` is true.
    sizes : sequence of int
        Of its network.
    dtype : numpy dtype
        The type of the network's numbers.
    """

    def __init__(self, trainer: Trainer, sizes: Sequence[int], dtype: np.dtype[Any]) -> None:
        self._trainer, self._dtype, self._outputs = trainer, dtype, sizes[-1]
        listed = listed_pairs_of(trainer.examples(), sizes, dtype)
        self._ways: dict[type, _Way] = {}
        if listed is not None:
            self._ways[list] = _Way(trainer, listed)
        self._shapes = [(out, into) for into, out in pairwise(sizes)]
        self._bias_shapes = [(out, 1) for out in sizes[1:]]
        self._all_shapes = self._shapes + self._bias_shapes
        most = max(map(math.prod, self._shapes)) * np.dtype(dtype).itemsize
        self._empty: Any = empty_at_line if most >= NOTICED else np.empty
        self._given: Arrays = []  # what `run` returned last, and the form of each
        self._forms: list[Any] = []

    def know(self, store: Store) -> None:
        """Take data sets of these arrays from now on, which are those that the trainer has."""
        fits = store.answer_length is not None
        if not self._trainer.is_short():  # these arrays need what only its usual epochs do
            fits = False
        elif not fits and store.targets.dtype.kind == "i":
            fits = int(store.targets.max()) < self._outputs
        self._ways.pop(Dataset, None)
        if fits:
            known = KnownRows(self._trainer.examples(), store)
            self._ways[Dataset] = _Way(self._trainer, known)

    def take(self, weights: Any, biases: Any, examples: Any) -> bool:
        """Copy what is needed of a list or `Dataset`, and parameters; say whether all is known."""
        way = self._ways.get(type(examples))
        if way is None or not way.examples.take(examples):
            return False
        self._way = way
        return self._take_parameters(weights, biases)

    def _take_parameters(self, weights: Any, biases: Any) -> bool:
        if not type(weights) is type(biases) is list:
            return False
        if not len(weights) == len(biases) == len(self._shapes):
            return False
        arrays = weights + biases
        if len(arrays) == len(self._given) and all(map(is_, arrays, self._given)):
            # A script may have changed one of them in place.
            if [*map(_form_of, arrays)] != self._forms:
                return False
        elif not all(map(self._is_plain, arrays, self._all_shapes)):
            return False
        packed = self._trainer.packed
        table, parameters = packed.net.plan.table, packed.net.parameters
        for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
            pack_layer(table, layer, parameters, w, b)
        return True

    def _is_plain(self, array: Any, shape: tuple[int, int]) -> bool:
        fits = is_plain(array) and array.shape == shape and array.dtype == self._dtype
        return fits and is_in_memory(array)

    def run(self, eta: float) -> tuple[Arrays, Arrays, bool]:
        """Train on what was taken; return new weights and biases, and whether they are finite."""
        self._trainer.forget()
        self._trainer.run_on(self._way.examples.data, self._way.call(eta))
        packed = self._trainer.packed
        table, parameters = packed.net.plan.table, packed.net.parameters
        weights = [self._empty(shape, self._dtype) for shape in self._shapes]
        biases = [np.empty(shape, self._dtype) for shape in self._bias_shapes]
        finite = True
        for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
            finite &= unpack_layer(table, layer, parameters, w, b)
        self._given = weights + biases
        self._forms = self._forms or [*map(_form_of, self._given)]
        return weights, biases, finite

    def reorder(self, examples: Any) -> None:
        """Put the list or `Dataset` that was taken into the order of the epoch."""
        self._way.examples.reorder(examples)


class _Way:
    """Examples in one of their forms, with the call of the kernel that trains on them."""

    def __init__(self, trainer: Trainer, examples: ListedPairs | KnownRows) -> None:
        self.examples: Any = examples
        self._trainer, self._kernel = trainer, trainer.kernel()
        self._eta, self._call = 0.0, trainer.call_of(self._kernel, examples.data, 0.0)

    def call(self, eta: float) -> Call:
        """Return the call of a kernel for a team to run."""
        if eta != self._eta:
            self._eta = eta
            self._call = self._trainer.call_of(self._kernel, self.examples.data, eta)
        return self._call
