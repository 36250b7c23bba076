"""The fast way of single calls: one example, or a short list of pairs, on the arrays themselves.

What the checks and the packing of the usual way cost is more than what a network computes for a few
examples. So what is known of a network is kept from call to call, for as long as the network holds
the same arrays and the same attributes.

All functions here return None where they cannot tell that the usual way would give the same. The
caller then goes that way, which also raises all errors. The fast way cannot see

- activations and costs that users wrote, and built-in costs whose functions were replaced,
- weights and biases that are no arrays in C order, aligned, writable and of the network's type,
- inputs other than float32 or float64 arrays in C order of shape (n, 1), aligned and writable,
- targets other than such columns, or labels of type int or numpy.int64,
- data sets, iterators, pairs that are no tuples, and lists longer than `MOST` or `MOST_IN_STEP`,
- numbers that are not finite, in examples or in what comes out, and softmax outputs close to 0,
- anything where Numba's JIT is off.

Nor does it notice that a script has given an array other memory by `resize(..., refcheck=False)`
twice, there and back to the same shape, between two calls.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter, is_
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.kernels import single as kernels
from fastnn.kernels import single_layers as layers
from fastnn.kernels.activations import ACTIVATIONS, CODES
from fastnn.kernels.compiling import without_types
from fastnn.kernels.layout import aligned_zeros, padded
from fastnn.kernels.panels import NARROW
from fastnn.model.activations import tells_numbers
from fastnn.model.costs import built_in_code
from fastnn.model.description import Arrays, architecture_of, parameters_of
from fastnn.model.one_example import PLAIN_TYPES, is_plain

MOST, MOST_IN_STEP = 10, 20
"""The longest lists of pairs that are taken, by `accuracy` and `total_cost` and in a step.

Longer lists that are measured give the bits that monitors give; longer steps go faster the usual
way where layers are wide.
"""


_compared = attrgetter(
    *("cost.delta", "cost.fn", "num_layers", "sizes", "activations", "weights", "biases")
)


class _Work:
    """What is known of a network, and the kernels' table and scratch for it.

    Parameters
    ----------
    network : Network
        It has been checked.
    code : int
        That of its cost.
    activations : sequence of str
        Those of its layers, if only the usual ones of its cost.
    capacity : int
        For how many examples there is to be room.
    """

    def __init__(self, network: Any, code: int, activations: Sequence[str], capacity: int) -> None:
        works, key = _WORKS, id(network)  # a module's names may be gone when Python ends
        self.owner = weakref.ref(network, lambda _: works.pop(key, None))
        self.capacity = capacity
        self.code = code
        self.cost = network.cost
        self.dtype = network.dtype
        self.sizes, self.activations = list(network.sizes), list(activations)
        self.shapes = [(out, into) for into, out in pairwise(self.sizes)]
        self.bias_shapes = [(out, 1) for out in self.sizes[1:]]
        self.all_shapes = self.shapes + self.bias_shapes
        self.gradient: tuple[Any, Any, Any] = None, None, None  # types of x and y, and their kernel
        self.some_are_numbers = 1 in self.sizes[1:]
        functions = network.cost.delta, network.cost.fn
        named = None if network.activations is None else self.activations
        self.described = (*functions, len(self.sizes), self.sizes, named)
        weights, biases = network.weights, network.biases
        self._note(weights, biases)
        self.tells_classes = self.sizes[-1] > 1 or not tells_numbers(self.activations[-1])
        self.terms = np.zeros(NARROW + padded(self.sizes[-1]))
        self.table = np.zeros((len(weights), layers.COLUMNS), np.int64)
        self._fill_table(weights, biases)

    def _fill_table(self, weights: Arrays, biases: Arrays) -> None:
        self.table[:, layers.COPY] = layers.ROOM
        used = layers.ROOM + padded(max(self.sizes)) + 32
        inputs = used
        used += self.capacity * padded(self.sizes[0])
        for row, w, b, name in zip(self.table, weights, biases, self.activations, strict=True):
            room = self.capacity * padded(len(b))
            row[layers.WEIGHTS], row[layers.BIASES] = w.ctypes.data, b.ctypes.data
            row[layers.FAN_OUT], row[layers.FAN_IN] = w.shape
            row[layers.CODE] = CODES[name]
            row[layers.INPUTS], row[layers.OUTPUTS] = inputs, used
            row[layers.ERRORS] = used + room
            inputs = used
            used += 2 * room
        self.targets = used
        self.scratch = aligned_zeros(used + self.capacity * padded(self.sizes[-1]), self.dtype)

    def _note(self, weights: Any, biases: Any) -> None:
        """Note the arrays of the network; `weights` and `biases` are lists or tuples of them."""
        self.arrays = [*weights, *biases]
        # Slices, because a script may change the lists of the network.
        self.compared = (*self.described, weights[:], biases[:])

    def fits(self, network: Any) -> bool:
        """Say whether the network is as it was."""
        if network.weights[0] is not self.arrays[0]:
            return False
        try:
            # Lists of the same objects are equal without a look into the arrays. Other arrays are
            # compared number by number, which raises ValueError if there is more than one.
            same = _compared(network) == self.compared
        except ValueError:
            return False
        return (
            same
            and network.cost is self.cost
            and network.dtype is self.dtype
            and [array.shape for array in self.arrays] == self.all_shapes
            and not (self.some_are_numbers and self._has_others(network))
        )

    def _has_others(self, network: Any) -> bool:
        return not all(map(is_, [*network.weights, *network.biases], self.arrays))

    def new_arrays(self) -> tuple[Arrays, Arrays]:
        """Make arrays like the weights and the biases, and tell the kernels of them."""
        empty, dtype = np.empty, self.dtype
        weights = [empty(shape, dtype) for shape in self.shapes]
        biases = [empty(shape, dtype) for shape in self.bias_shapes]
        place = _PLACES.get(dtype)
        if place is None:
            first = self.table, 0, weights[0], biases[0]
            kernels.place(*first)
            place = _PLACES[dtype] = without_types(kernels.place, *first)
        for layer, w in enumerate(weights):
            place(self.table, layer, w, biases[layer])
        return weights, biases

    def move_to(self, weights: Arrays, biases: Arrays) -> None:
        """Go on with the arrays that `new_arrays` made last."""
        self._note(weights, biases)
        self.table[:, layers.WEIGHTS] = self.table[:, layers.NEW_WEIGHTS]
        self.table[:, layers.BIASES] = self.table[:, layers.NEW_BIASES]

    def take(self, data: Any) -> bool:
        """Copy a list of pairs into the scratch; say whether each is as the kernels need it."""
        kind = None
        for place, pair in enumerate(data):
            if not isinstance(pair, tuple) or len(pair) != 2:
                return False
            x, y = pair
            if kind is not type(y):
                if kind is not None:
                    return False
                kind = type(y)
            if not (is_plain(x) and (kind is int or kind is np.int64 or is_plain(y))):
                return False
            if kind is int and not -(2**31) <= y < 2**31:
                return False
            if not kernels.take_pair(self.table, self.scratch, place, x, y, self.targets):
                return False
        return True


# By the identity of the network. A call takes its network's out and puts it back when it is done,
# so that calls in several threads never share one.
_WORKS: dict[int, _Work] = {}


# `place` and `gradient` without type look-ups, by what determines the types of their arguments.
_PLACES: dict[Any, Any] = {}
_GRADIENTS: dict[Any, Any] = {}


def _work_for(network: Any, examples: int) -> _Work | None:
    """Take out what is known of a network, with room for so many examples, or find it out."""
    work = _WORKS.pop(id(network), None)
    if work is not None and work.owner() is network and work.capacity >= examples:
        try:
            if work.fits(network):
                return work
        except Exception:  # an attribute is missing or of another kind
            return None
    return _made(network, examples) if kernels.USABLE else None


def _made(network: Any, examples: int) -> _Work | None:
    try:
        weights, biases = parameters_of(network)
        activations = architecture_of(network).activations
    except Exception:  # the usual way raises it once more, in its turn
        return None
    code = built_in_code(network.cost)
    as_they_are = (
        type(network.sizes) is list
        and hasattr(network, "num_layers")
        and type(network.weights) in (list, tuple)
        and type(network.biases) in (list, tuple)
        and isinstance(network.dtype, np.dtype)
        and (network.activations is None or network.activations == [*activations])
        and all(type(name) is str and name in ACTIVATIONS for name in activations)
        and all(is_plain(array) and array.dtype == network.dtype for array in weights + biases)
        and all(a is b for a, b in zip(weights, network.weights, strict=True))
        and all(a is b for a, b in zip(biases, network.biases, strict=True))
    )
    if code is None or not as_they_are:
        return None
    return _Work(network, code, activations, examples)


def _keep(network: Any, work: _Work) -> None:
    _WORKS[id(network)] = work


def _taken(network: Any, data: Any, most: int) -> _Work | None:
    """Take out what is known of a network, with a short list of pairs in its scratch."""
    if type(data) not in (list, tuple) or not 0 < len(data) <= most:
        return None
    work = _work_for(network, len(data))
    if work is None or not work.take(data):
        return None
    return work


def output_of(network: Any, x: Any) -> npt.NDArray[Any] | None:
    """The output (outputs, 1) for a column x, or None."""
    if not is_plain(x):
        return None
    work = _work_for(network, 1)
    if work is None:
        return None
    out = np.empty(work.bias_shapes[-1], work.dtype)
    if not kernels.output(work.table, work.scratch, x, out):
        return None
    _keep(network, work)
    return out


def gradient_of(network: Any, x: Any, y: Any) -> tuple[Arrays, Arrays] | None:
    """The gradient dC/db, dC/dw of one example in new arrays, or None."""
    plain = (
        type(x) is type(y) is np.ndarray
        and x.ndim == y.ndim == 2
        and x.flags.carray
        and y.flags.carray
    )
    work = _work_for(network, 1) if plain else None
    if work is None:
        return None
    x_type, y_type, call = work.gradient
    if x.dtype is not x_type or y.dtype is not y_type:
        if not (x.dtype in PLAIN_TYPES and y.dtype in PLAIN_TYPES):
            _keep(network, work)
            return None
        call = _GRADIENTS.get((x.dtype, y.dtype, work.dtype))
    nabla_w, nabla_b = work.new_arrays()
    arguments = work.table, work.scratch, x, y, work.targets, work.code
    if not (call or kernels.gradient)(*arguments):
        return None
    if call is None:
        call = without_types(kernels.gradient, *arguments)
        _GRADIENTS[x.dtype, y.dtype, work.dtype] = call
    work.gradient = x.dtype, y.dtype, call
    _keep(network, work)
    return nabla_b, nabla_w


def parameters_after(
    network: Any, mini_batch: Any, eta: float, decay: float
) -> tuple[Arrays, Arrays] | None:
    """The weights and biases after one step of gradient descent, in new arrays, or None.

    Weights are multiplied by `decay` first. The caller gives the network the lists returned, or
    lists of the same arrays.
    """
    work = _taken(network, mini_batch, MOST_IN_STEP)
    if work is None:
        return None
    weights, biases = work.new_arrays()
    step = layers.Step(decay, eta / len(mini_batch))
    if not kernels.descend(
        work.table, work.scratch, len(mini_batch), work.targets, work.code, step
    ):
        return None
    work.move_to(weights, biases)
    _keep(network, work)
    return weights, biases


def correct_of(network: Any, data: Any) -> int | None:
    """How many of a short list of pairs the network answers right, or None."""
    work = _taken(network, data, MOST)
    if work is None or not work.tells_classes:
        return None
    right = int(kernels.count_right(work.table, work.scratch, len(data), work.targets))
    if right < 0:
        return None
    _keep(network, work)
    return right


def cost_of(network: Any, data: Any, lmbda: float) -> float | None:
    """The mean cost of a short list of pairs with the penalty on weights, or None."""
    work = _taken(network, data, MOST)
    if work is None:
        return None
    decay = 0.5 * (lmbda / len(data))
    cost = float(
        kernels.mean_cost(
            work.table, work.scratch, len(data), work.targets, work.code, decay, work.terms
        )
    )
    if math.isnan(cost):
        return None
    _keep(network, work)
    return cost
