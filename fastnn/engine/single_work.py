"""What is known of a network from one single call to the next, and the table of its layers.

A call takes it out and puts it back. A network that has got other arrays, or another network that
differs from the last one in its arrays alone, needs no checks but those of the arrays.
"""

from __future__ import annotations

import copy
import weakref
from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter, is_
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import layer_sizes
from fastnn.engine.single_copies import can_be_copied, plain_ones, renew
from fastnn.kernels import single as kernels
from fastnn.kernels import single_layers as layers
from fastnn.kernels.activations import ACTIVATIONS, CODES
from fastnn.kernels.compiling import without_types
from fastnn.kernels.layout import aligned_zeros, empty_at_line, padded
from fastnn.kernels.panels import NARROW
from fastnn.model.activations import tells_numbers
from fastnn.model.costs import built_in_code
from fastnn.model.description import Arrays, architecture_of, parameters_of
from fastnn.model.one_example import is_in_memory, is_plain

_PARTS = "num_layers", "sizes", "activations", "weights", "biases"
_compared_with_cost = attrgetter("cost.delta", "cost.fn", *_PARTS)
_compared = attrgetter(*_PARTS)  # a cost of a user's own may count each look at its functions


class Work:
    """What is known of a network, and the kernels' table and scratch for it.

    Parameters
    ----------
    network : Network
        It has been checked.
    parameters : pair of list or tuple of ndarray
        Its weights and biases, as they were then, in what the network has them in.
    code : int or None
        That of its cost; None for one of a user's own.
    activations : sequence of str
        Those of its layers, if only the usual ones of its cost.
    capacity : int
        For how many examples there is to be room.
    """

    # A copy of an instance with a `__dict__` would make the attributes of both slower to read.
    __slots__ = (
        *("activations", "all_shapes", "arrays", "bias_shapes", "capacity", "code", "compared"),
        *("copies", "cost", "described", "dtype", "gradient", "gradient_bytes", "owner"),
        "parts_of",
        *("places", "scratch", "shapes", "sizes", "sizes_in_array", "some_are_numbers", "table"),
        *("targets", "tells_classes", "terms"),
    )

    def __init__(
        self,
        network: Any,
        parameters: tuple[Any, Any],
        code: int | None,
        activations: Sequence[str],
        capacity: int,
    ) -> None:
        weights, biases = parameters
        self._belong_to(network)
        self.capacity = capacity
        self.code = code
        # A user's own may refer to the network, which would then never be let go.
        self.cost = network.cost if code is not None else weakref.ref(network.cost)
        self.dtype = network.dtype
        self.sizes, self.activations = layer_sizes(network.sizes), list(activations)
        self.shapes = [(out, into) for into, out in pairwise(self.sizes)]
        self.bias_shapes = [(out, 1) for out in self.sizes[1:]]
        self.all_shapes = self.shapes + self.bias_shapes
        self.gradient: tuple[Any, Any, Any] = None, None, None  # types of x and y, and their kernel
        self.some_are_numbers = 1 in self.sizes[1:]
        functions: tuple[Any, ...] = ()
        self.parts_of = _compared
        if code is not None:
            functions, self.parts_of = (network.cost.delta, network.cost.fn), _compared_with_cost
        named = None if network.activations is None else self.activations
        # An array is equal to itself, without a look into it; to any other, there is no answer.
        self.sizes_in_array = isinstance(network.sizes, np.ndarray)
        sizes = network.sizes if self.sizes_in_array else network.sizes[:]
        self.described = (*functions, len(self.sizes), sizes, named)
        self._note(weights, biases)
        self.tells_classes = self.sizes[-1] > 1 or not tells_numbers(self.activations[-1])
        self.terms = np.zeros(NARROW + padded(self.sizes[-1]))
        self.gradient_bytes = sum(array.nbytes for array in self.arrays)
        self.table = np.zeros((len(weights), layers.COLUMNS), np.int64)
        self.places = np.zeros((len(weights), layers.PLACES), np.int64)
        plain, self.copies = plain_ones(self.arrays)
        self._fill_table(plain[: len(weights)], plain[len(weights) :])

    def _belong_to(self, network: Any) -> None:
        works, key = _WORKS, id(network)  # a module's names may be gone when Python ends
        self.owner: Any = weakref.ref(network, lambda _: works.pop(key, None))

    def _fill_table(self, weights: Arrays, biases: Arrays) -> None:
        self.table[:, layers.COPY] = layers.ROOM
        used = layers.ROOM + padded(max(self.sizes)) + 32
        inputs = used
        used += self.capacity * padded(self.sizes[0])
        tell_places(self.places, weights, biases)
        self.table[:, : layers.PLACES] = self.places
        for row, (fan_out, fan_in), name in zip(
            self.table, self.shapes, self.activations, strict=True
        ):
            room = self.capacity * padded(fan_out)
            row[layers.FAN_OUT], row[layers.FAN_IN] = fan_out, fan_in
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
        self.compared: tuple[Any, ...] = (*self.described, weights[:], biases[:])

    def fits(self, network: Any) -> bool:
        """Say whether the network is as it was; whether its arrays are, the kernels see."""
        if network.weights[0] is not self.arrays[0]:
            return False
        try:
            # Lists of the same objects are equal without a look into the arrays. Other arrays are
            # compared number by number, which raises ValueError if there is more than one.
            same = self.parts_of(network) == self.compared
        except ValueError:
            return False
        return (
            same
            and (network.cost is self.cost or self._has_same_own_cost(network))
            and network.dtype is self.dtype
            and not (self.some_are_numbers and self._has_others(network))
            and not (self.sizes_in_array and network.sizes.tolist() != self.sizes)
        )

    def _has_same_own_cost(self, network: Any) -> bool:
        return self.code is None and network.cost is self.cost()

    def _has_others(self, network: Any) -> bool:
        return not all(map(is_, [*network.weights, *network.biases], self.arrays))

    def without_network(self) -> Work:
        """Return the same without the arrays of the network, for `for_another`."""
        other = copy.copy(self)
        other.arrays, other.copies, other.compared, other.owner = [], [], (), None
        return other

    def for_another(self, network: Any) -> Work | None:
        """Return the same for another network if that differs in its arrays alone, else None."""
        if self.sizes_in_array or type(network.sizes) is not type(self.described[-2]):
            return None
        other = copy.copy(self)
        other.table, other.places = self.table.copy(), self.places.copy()
        other.terms = self.terms.copy()
        other.scratch = aligned_zeros(self.scratch.size, self.dtype)
        other._belong_to(network)
        return other if other.follow(network) else None

    def follow(self, network: Any) -> bool:
        """Go on with other arrays that a script has given the network, if all else is as it was."""
        weights, biases = network.weights, network.biases
        if not type(weights) is type(biases) is list:
            return False
        weights, biases = weights[:], biases[:]  # another thread may exchange an array meanwhile
        if not (
            (network.cost is self.cost or self._has_same_own_cost(network))
            and network.dtype == self.dtype
            and self._describes(network)
            and len(weights) == len(self.shapes)
        ):
            return False
        arrays = weights + biases
        if not (
            all(map(self._is_known_kind, arrays))
            and [array.shape for array in arrays] == self.all_shapes
        ):
            return False
        tell_places(self.places, weights, biases)
        self.move_to(weights, biases)
        self.dtype = network.dtype  # an equal one, where the network is a copy
        return True

    def _describes(self, network: Any) -> bool:
        try:
            same: bool = self.parts_of(network)[:-2] == self.described
        except ValueError:  # another array of sizes
            return False
        return same and not (self.sizes_in_array and network.sizes.tolist() != self.sizes)

    def _is_known_kind(self, array: Any) -> bool:
        """Say whether an array is as the kernels need it."""
        return is_plain(array) and array.dtype == self.dtype and is_in_memory(array)

    def new_arrays(self) -> tuple[Arrays, Arrays]:
        """Make arrays like the weights and the biases, and tell the kernels of them."""
        empty, dtype = np.empty, self.dtype
        weights = [empty_at_line(shape, dtype) for shape in self.shapes]
        biases = [empty(shape, dtype) for shape in self.bias_shapes]
        tell_places(self.places, weights, biases)
        return weights, biases

    def move_to(self, weights: Arrays, biases: Arrays) -> None:
        """Go on with the arrays that the kernels were told of last."""
        self._note(weights, biases)
        self.copies = []
        self.table[:, : layers.PLACES] = self.places

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
_WORKS: dict[int, Work] = {}

# What was found out last, without its network: another network may be alike.
_LAST: list[Work] = []


# `place` without type look-ups, by what determines the types of its arguments.
_PLACES: dict[Any, Any] = {}


def tell_places(places: npt.NDArray[Any], weights: Arrays, biases: Arrays) -> None:
    """Write where arrays like weights and biases are to a table (layers, PLACES)."""
    place = _PLACES.get(weights[0].dtype)
    if place is None:
        w, b = weights[0], biases[0]
        first = places, 0, w, b, id(w), id(b)
        kernels.place(*first)
        place = _PLACES[weights[0].dtype] = without_types(kernels.place, *first)
    for layer, w in enumerate(weights):
        b = biases[layer]
        place(places, layer, w, b, id(w), id(b))


def work_for(network: Any, examples: int) -> Work | None:
    """Take out what is known of a network, with room for so many examples, or find it out."""
    work = _work_for(network, examples)
    return None if work is None or (work.copies and not renew(work.copies)) else work


def _work_for(network: Any, examples: int) -> Work | None:
    work = _WORKS.pop(id(network), None)
    try:
        if work is not None and work.owner() is network:
            if work.capacity >= examples and (work.fits(network) or work.follow(network)):
                return work
        elif _LAST and _LAST[0].capacity >= examples:
            work = _LAST[0].for_another(network)
            if work is not None:
                return work
    except Exception:  # an attribute is missing or of another kind
        return None
    if not kernels.USABLE:
        return None
    work = _made(network, examples)
    if work is not None and work.code is not None:  # an own cost would stay in memory with it
        _LAST[:] = [work.without_network()]
    return work


def _made(network: Any, examples: int) -> Work | None:
    try:
        if not all(type(name) is str for name in network.activations or ()):
            return None  # not known here; the usual way makes the checks below, too
        weights, biases = parameters_of(network)
        activations = architecture_of(network).activations
    except Exception:  # the usual way raises it once more, in its turn
        return None
    as_they_are = (
        type(network.sizes) in (list, tuple, range, np.ndarray)
        and hasattr(network, "num_layers")
        and type(network.weights) in (list, tuple)
        and type(network.biases) in (list, tuple)
        and isinstance(network.dtype, np.dtype)
        and (network.activations is None or network.activations == [*activations])
        and all(type(name) is str and name in ACTIVATIONS for name in activations)
        and all(is_plain(array) or can_be_copied(array) for array in weights + biases)
        and all(array.dtype == network.dtype for array in weights + biases)
        and all(a is b for a, b in zip(weights, network.weights, strict=True))
        and all(a is b for a, b in zip(biases, network.biases, strict=True))
    )
    if not as_they_are:
        return None
    code = built_in_code(network.cost)
    if code is None and not _can_be_referred_to(network.cost):
        return None
    # Of the kinds that the network has, with the arrays that have been looked at.
    parameters = type(network.weights)(weights), type(network.biases)(biases)
    return Work(network, parameters, code, activations, examples)


def _can_be_referred_to(cost: Any) -> bool:
    try:
        weakref.ref(cost)
    except TypeError:  # an instance of a class with __slots__, say
        return False
    return True


def keep(network: Any, work: Work) -> None:
    """Put back what `work_for` took out, when a call has ended well."""
    _WORKS[id(network)] = work
