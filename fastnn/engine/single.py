"""The fast way of single calls: one example, or a short list of pairs, on the arrays themselves.

What the checks and the packing of the usual way cost is more than what a network computes for a few
examples. So what is known of a network is kept from call to call, for as long as the network holds
the same arrays and the same attributes.

All functions here return None where they cannot tell that the usual way would give the same. The
caller then goes that way, which also raises all errors. The fast way cannot see

- activations that users wrote,
- a part of a user's cost that may be another one at each look, or is that of a built-in cost,
- weights and biases that are no aligned arrays of the network's type in memory of NumPy's; those
  that are read-only, or not in C order, are copied for each call (`single_copies`),
- inputs other than float32 or float64 arrays in C order of shape (n, 1), aligned and writable,
- targets other than such columns, or labels of type int or numpy.int64,
- data sets, iterators, pairs that are no tuples, and lists longer than `MOST` or `MOST_IN_STEP`,
- numbers that are not finite, in examples or in what comes out, and softmax outputs close to 0,
- anything where Numba's JIT is off,
- what a script has done to an array itself: other strides or memory, another type or shape.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.engine import single_own_cost
from fastnn.engine.gradient_memory import memory_for
from fastnn.engine.single_work import Work, keep, work_for
from fastnn.kernels import single as kernels
from fastnn.kernels import single_layers as layers
from fastnn.kernels.compiling import without_types
from fastnn.model.description import Arrays
from fastnn.model.one_example import PLAIN_TYPES, is_plain

MOST, MOST_IN_STEP = 10, 20
"""The longest lists of pairs that are taken, by `accuracy` and `total_cost` and in a step.

Longer lists that are measured give the bits that monitors give; longer steps go faster the usual
way where layers are wide.
"""

# `gradient` without type look-ups, by what determines the types of its arguments.
_GRADIENTS: dict[Any, Any] = {}


def _taken(network: Any, data: Any, most: int) -> Work | None:
    """Take out what is known of a network, with a short list of pairs in its scratch."""
    if type(data) not in (list, tuple) or not 0 < len(data) <= most:
        return None
    work = work_for(network, len(data))
    if work is None or not work.take(data):
        return None
    return work


def output_of(network: Any, x: Any) -> npt.NDArray[Any] | None:
    """The output (outputs, 1) for a column x, or None."""
    if not is_plain(x):
        return None
    work = work_for(network, 1)
    if work is None:
        return None
    out = np.empty(work.bias_shapes[-1], work.dtype)
    if not kernels.output(work.table, work.scratch, x, out):
        return None
    keep(network, work)
    return out


def gradient_of(network: Any, x: Any, y: Any) -> tuple[Arrays, Arrays] | None:
    """The gradient dC/db, dC/dw of one example in new arrays, or None."""
    plain = (
        type(x) is type(y) is np.ndarray
        and x.ndim == y.ndim == 2
        and x.flags.carray
        and y.flags.carray
    )
    work = work_for(network, 1) if plain else None
    if work is None:
        return None
    if work.code is None:
        own = single_own_cost.gradient(network, work, y) if work.take([(x, y)]) else None
        keep(network, work)
        return own
    x_type, y_type, call = work.gradient
    if x.dtype is not x_type or y.dtype is not y_type:
        if not (x.dtype in PLAIN_TYPES and y.dtype in PLAIN_TYPES):
            keep(network, work)
            return None
        call = _GRADIENTS.get((x.dtype, y.dtype, work.dtype))
    memory = memory_for(work)
    if memory is None:
        nabla_w, nabla_b = work.new_arrays()
        places = work.places
    else:
        places = memory.places
    arguments = work.table, work.scratch, x, y, work.targets, work.code, places
    if not (call or kernels.gradient)(*arguments):
        return None
    if call is None:
        call = without_types(kernels.gradient, *arguments)
        _GRADIENTS[x.dtype, y.dtype, work.dtype] = call
        work.gradient = x.dtype, y.dtype, call
    keep(network, work)
    if memory is not None:
        nabla_b, nabla_w = memory.hand_out()
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
    step = layers.Step(decay, eta / len(mini_batch))
    if work.code is None:
        own = single_own_cost.parameters_after(network, work, mini_batch, step)
        keep(network, work)
        return own
    weights, biases = work.new_arrays()
    if not kernels.descend(
        work.table, work.scratch, len(mini_batch), work.targets, work.code, step, work.places
    ):
        return None
    work.move_to(weights, biases)
    keep(network, work)
    return weights, biases


def correct_of(network: Any, data: Any) -> int | None:
    """How many of a short list of pairs the network answers right, or None."""
    work = _taken(network, data, MOST)
    if work is None or not work.tells_classes:
        return None
    right = int(kernels.count_right(work.table, work.scratch, len(data), work.targets))
    if right < 0:
        return None
    keep(network, work)
    return right


def cost_of(network: Any, data: Any, lmbda: float) -> float | None:
    """The mean cost of a short list of pairs with the penalty on weights, or None."""
    work = _taken(network, data, MOST)
    if work is None:
        return None
    if work.code is None:
        own = single_own_cost.mean_cost(network, work, data, lmbda)
        keep(network, work)
        return own
    decay = 0.5 * (lmbda / len(data))
    cost = float(
        kernels.mean_cost(
            work.table, work.scratch, len(data), work.targets, work.code, decay, work.terms
        )
    )
    if math.isnan(cost):
        return None
    keep(network, work)
    return cost
