"""Single calls with a cost of a user's own, which Python calls between two kernels.

`single` has found out what there is to know of the network. The cost gets what it gets on the usual
way, and is called as often. None is returned before it is called, where the usual way has to be
gone; after that only if the cost itself has changed a weight's shape or memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.engine.evaluator import penalty
from fastnn.engine.gradient_memory import memory_for
from fastnn.engine.python_costs import call_cost
from fastnn.engine.single_work import Work
from fastnn.kernels import single as kernels
from fastnn.kernels.own_results import cost_of, error_of
from fastnn.kernels.single_layers import Step
from fastnn.model.costs import has_own
from fastnn.model.description import Arrays

Column = npt.NDArray[Any]


def gradient(network: Any, work: Work, y: Column) -> tuple[Arrays, Arrays] | None:
    """The gradient of the example in the scratch, or None."""
    errors = _output_errors(network, work, [y.astype(work.dtype)])
    if errors is None:
        return None
    memory = memory_for(work)
    if memory is None:
        nabla_w, nabla_b = work.new_arrays()
        places = work.places
    else:
        places = memory.places
    if not kernels.gradient_by(work.table, work.scratch, errors, places):
        return None
    if memory is not None:
        nabla_b, nabla_w = memory.hand_out()
    return nabla_b, nabla_w


def parameters_after(
    network: Any, work: Work, mini_batch: Any, step: Step
) -> tuple[Arrays, Arrays] | None:
    """The parameters after a step on the examples in the scratch, or None."""
    errors = _output_errors(network, work, _desired_of(work, mini_batch))
    if errors is None:
        return None
    weights, biases = work.new_arrays()
    if not kernels.descend_by(work.table, work.scratch, errors, step, work.places):
        return None
    work.move_to(weights, biases)
    return weights, biases


def mean_cost(network: Any, work: Work, data: Any, lmbda: float) -> float | None:
    """The mean cost of the examples in the scratch, with the penalty on weights, or None."""
    cost = network.cost
    outputs = _last_layer(work, len(data)) if has_own(cost, "fn") else None
    if outputs is None:
        return None
    _, a = outputs
    mean = 0.0
    for e, y in enumerate(_desired_of(work, data)):
        mean += cost_of(call_cost(cost, "fn", a[e], y)) / len(data)
    return mean + penalty(lmbda, len(data), network.weights)


def _output_errors(network: Any, work: Work, desired: Sequence[Column]) -> npt.NDArray[Any] | None:
    """delta^L (BP1) of the examples in the scratch, shape (examples, outputs), or None."""
    cost, width = network.cost, work.sizes[-1]
    columns = _last_layer(work, len(desired)) if has_own(cost, "delta") else None
    if columns is None:
        return None
    z, a = columns
    errors = np.empty((len(desired), width), work.dtype)
    for e, y in enumerate(desired):
        errors[e] = error_of(call_cost(cost, "delta", z[e], a[e], y), width)[:, 0]
    return errors


def _last_layer(work: Work, examples: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]] | None:
    """z and a of the output layer, shape (examples, outputs, 1): new arrays, which a cost may keep.

    None if a kernel cannot tell that NumPy has the same.
    """
    z = np.empty((examples, work.sizes[-1], 1), work.dtype)
    a = np.empty_like(z)
    return (z, a) if kernels.last_layer(work.table, work.scratch, z, a) else None


def _desired_of(work: Work, data: Any) -> list[Column]:
    """The desired outputs as columns that cannot be written into (see `target_columns`)."""
    width, columns = work.sizes[-1], []
    for _, y in data:
        if isinstance(y, np.ndarray):
            column = y.astype(np.float64)
        elif width == 1:
            column = np.array([[y]], np.float64)
        else:
            column = np.zeros((width, 1))
            column[y] = 1.0
        column.flags.writeable = False
        columns.append(column)
    return columns
