"""Copy a network's parameters into the kernels' layout and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.kernels import layout
from fastnn.kernels.optimisers import RULES, Room
from fastnn.kernels.team import MEETING_SIZE
from fastnn.model.description import Arrays


class PackedNetwork:
    """The parameters of a network in the kernels' layout, with scratch for blocks of examples.

    Parameters
    ----------
    layers : Layers
        The description of the layers.
    dtype : numpy dtype
        float64 or float32.
    capacity : int
        The largest number of examples in a block.

    Attributes
    ----------
    net : Net
        The network for kernels that run in one thread.
    """

    def __init__(self, layers: layout.Layers, dtype: np.dtype[Any], capacity: int) -> None:
        self.layers = layers
        self.dtype = dtype
        table, parameters, room = layout.build_table(layers)
        gathered = layout.pitch_of(layers.sizes[0])
        plan = layout.Plan(len(table), table, capacity, room, gathered)
        exchange, own = (layout.aligned_zeros(size, dtype) for size in layout.scratch_for(plan))
        team = layout.Team(1, 0, np.zeros(MEETING_SIZE, np.int64), np.zeros(1, np.int64))
        self.net = layout.Net(
            plan=plan,
            parameters=layout.aligned_zeros(parameters, dtype),
            decay_scale=np.ones(1),
            work=layout.Work(exchange, own),
            dropout=layout.Dropout(np.zeros(len(table)), np.zeros(2, np.int64)),
            team=team,
        )

    def pack(self, weights: Arrays, biases: Arrays) -> None:
        """Copy weights (outputs, inputs) and biases (outputs, 1) in."""
        parameters = self.net.parameters
        with np.errstate(over="ignore"):  # numbers beyond float32 become infinite
            for row, w, b in zip(self.net.plan.table, weights, biases, strict=True):
                layout.pack_panels(w.T, parameters[row[layout.WEIGHTS] :])
                parameters[row[layout.BIASES] :][: len(b)] = b[:, 0]

    def copy_to(self, other: PackedNetwork) -> None:
        """Give a network of the same layers these parameters."""
        other.net.parameters[:] = self.net.parameters

    def unpack(self, values: npt.NDArray[Any] | None = None) -> tuple[Arrays, Arrays]:
        """Copy weights and biases out, or those in `values`, which `room_for_gradient` made."""
        parameters = self.net.parameters if values is None else values
        weights = []
        for row in self.net.plan.table.tolist():
            w = layout.empty_at_line((row[layout.FAN_OUT], row[layout.FAN_IN]), self.dtype)
            layout.unpack_panels(parameters[row[layout.WEIGHTS] :], w.T)
            weights.append(w)
        return weights, self.unpack_biases(values)

    def unpack_into(self, coefs: Arrays, intercepts: Arrays) -> None:
        """Write weights (inputs, outputs) and biases (outputs,) into these arrays, without more."""
        parameters = self.net.parameters
        rows = self.net.plan.table.tolist()
        with np.errstate(over="ignore"):  # such an array may be of a shorter type
            for row, w, b in zip(rows, coefs, intercepts, strict=True):
                layout.unpack_panels(parameters[row[layout.WEIGHTS] :], w)
                b[...] = parameters[row[layout.BIASES] :][: row[layout.FAN_OUT]]

    def unpack_biases(self, values: npt.NDArray[Any] | None = None) -> Arrays:
        """Copy only the biases out."""
        parameters = self.net.parameters if values is None else values
        columns = self.net.plan.table[:, [layout.BIASES, layout.FAN_OUT]].tolist()
        return [parameters[begin : begin + width, np.newaxis].copy() for begin, width in columns]

    def zeros_count(self) -> bool:
        """Say whether inputs that are zero count: 0 times a weight that is not finite is nan.

        Lists of the inputs that are not zero leave that out. It makes no difference to a neuron
        whose bias is nan.
        """
        row = self.net.plan.table[0]
        panels = self.net.parameters[row[layout.WEIGHTS] : row[layout.BIASES]]
        if np.isfinite(panels).all():
            return False
        weights = np.empty((row[layout.FAN_IN], row[layout.FAN_OUT]), self.dtype)
        layout.unpack_panels(panels, weights)  # what fills the layout up does not count
        biases = self.unpack_biases()[0][:, 0]
        return not np.isnan(biases[~np.isfinite(weights).all(axis=0)]).all()

    def numbers(self) -> int:
        """Count the numbers that it has room for, scratch included."""
        work = self.net.work
        return sum(int(room.size) for room in (self.net.parameters, *work))

    def is_finite(self) -> bool:
        """Say whether all parameters are finite, with one quick check."""
        return bool(np.isfinite(self.net.parameters).all())

    def room_for_gradient(self) -> npt.NDArray[Any]:
        """Return zeros in the layout of the parameters, as room for a gradient."""
        return layout.aligned_zeros(self.net.parameters.size, self.dtype)

    def room_for_rule(self, rule: Any) -> Room:
        """Return room for the gradient and for the memory of a rule of `kernels/optimisers.py`."""
        gradient = self.room_for_gradient()
        remembers = RULES[type(rule)].remembers
        m1 = self.room_for_gradient() if remembers > 0 else gradient
        m2 = self.room_for_gradient() if remembers > 1 else gradient
        return Room(gradient, m1, m2)
