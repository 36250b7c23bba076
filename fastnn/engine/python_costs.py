"""Costs that only Python can compute, between the two halves of a compiled step."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset
from fastnn.kernels.layout import ACTIVATIONS, DELTAS, FAN_OUT, PITCH, Net
from fastnn.kernels.own_results import error_of
from fastnn.model.costs import named_in_messages

# How NumPy's words end about arrays that cannot be written into.
_NUMPYS = ("array is read-only", "destination is read-only", "base is read-only")


def target_columns(
    data: Dataset, rows: npt.NDArray[Any], outputs: int
) -> list[npt.NDArray[np.float64]]:
    """Return the desired outputs of some rows of the data's arrays as columns (outputs, 1).

    They cannot be written into: they are copies, and what a cost writes would be lost.
    """
    targets = data.store.targets[rows]
    vectors = np.eye(outputs)[targets] if targets.ndim == 1 else targets
    vectors.flags.writeable = False
    return list(vectors[:, :, np.newaxis])


def call_cost(cost: Any, method: str, *columns: npt.NDArray[Any]) -> Any:
    """Call "delta" or "fn" of a cost; the last column is one of `target_columns`.

    Raises ValueError with a word on what to do if the cost may have written into it, or into the
    weights and biases of a network that is trained: NumPy does not say which.
    """
    try:
        return getattr(cost, method)(*columns)
    except ValueError as problem:
        if not str(problem).endswith(_NUMPYS):
            raise
        raise ValueError(
            f"{named_in_messages(cost, method)}: {problem}. If that is y, the desired output: "
            "it cannot be written into, begin with y = y.copy(); if it is a weight or a bias of "
            "the network, that is for update_mini_batch"
        ) from problem


def put_output_errors(net: Net, cost: Any, data: Dataset, rows: npt.NDArray[Any]) -> None:
    """Replace z by delta^L (BP1) for these rows of the data, after `forward_block`.

    A cost may keep the columns that it is given, so they are its own.
    """
    last = net.plan.table[-1]
    shape = (len(rows), int(last[PITCH]))
    z_and_delta, a = (
        net.work.exchange[net.plan.capacity * last[column] :][: shape[0] * shape[1]].reshape(shape)
        for column in (DELTAS, ACTIVATIONS)
    )
    outputs = int(last[FAN_OUT])
    z_columns, a_columns = (block[:, :outputs, np.newaxis].copy() for block in (z_and_delta, a))
    for e, y in enumerate(target_columns(data, rows, outputs)):
        error = call_cost(cost, "delta", z_columns[e], a_columns[e], y)
        z_and_delta[e, :outputs] = error_of(error, outputs)[:, 0]
        z_and_delta[e, outputs:] = 0
