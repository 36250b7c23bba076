"""Between the objects a user holds and the arrays kernels take, there and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset, as_dataset
from fastnn.datasets.sparse_rows import SparseRows
from fastnn.datasets.store import Store
from fastnn.engine.sparse_form import place_type, sparse_form
from fastnn.kernels import layout
from fastnn.kernels.inputs import CodedInputs, DenseInputs, SparseInputs
from fastnn.kernels.optimisers import RULES, Room
from fastnn.kernels.sparse import find_halves
from fastnn.kernels.team import MEETING_SIZE

# Below this share of non-zero inputs the sparse form of the first layer is the faster one.
SPARSE_BELOW = 0.4

Arrays = list[npt.NDArray[Any]]
Inputs = SparseInputs | CodedInputs | DenseInputs


class PackedNetwork:
    """The parameters of a network in the kernels' layout, with scratch for blocks of examples.

    Parameters
    ----------
    layers : Layers
        What the layers are.
    dtype : numpy dtype
        float64 or float32.
    capacity : int
        The most examples that are worked on together.

    Attributes
    ----------
    net : Net
        What kernels take that work alone.
    """

    def __init__(self, layers: layout.Layers, dtype: np.dtype[Any], capacity: int) -> None:
        self.layers = layers
        self.dtype = dtype
        table, parameters, room = layout.build_table(layers)
        values = layout.aligned_zeros(parameters, dtype)
        scratch = layout.aligned_zeros(room * capacity, dtype)
        team = layout.Team(1, np.zeros(MEETING_SIZE, np.int64), np.zeros(1, np.int64))
        self.net = layout.Net(
            layers=len(table),
            table=table,
            split=0,
            shared=values,
            parameters=values,
            decay_scale=np.ones(1),
            exchange=scratch,
            scratch=scratch,
            capacity=capacity,
            room=room,
            dropout_rates=np.zeros(len(table)),
            dropout_keys=np.zeros(2, np.int64),
            team=team,
        )

    def pack(self, weights: Arrays, biases: Arrays) -> None:
        """Copy weights (outputs, inputs) and biases (outputs, 1) in."""
        parameters = self.net.parameters
        with np.errstate(over="ignore"):  # beyond float32 they are infinite
            for row, w, b in zip(self.net.table, weights, biases, strict=True):
                layout.pack_panels(w.T, parameters[row[layout.WEIGHTS] :])
                if row[layout.TRANSPOSED]:
                    layout.pack_panels(w, parameters[row[layout.TRANSPOSED] :])
                parameters[row[layout.BIASES] :][: len(b)] = b[:, 0]

    def unpack(self, values: layout.Values | None = None) -> tuple[Arrays, Arrays]:
        """Copy weights and biases out, or `values` in their place, from `room_for_gradient`."""
        parameters = (values or self.net).parameters
        weights = []
        for row in self.net.table.tolist():
            w = np.empty((row[layout.FAN_OUT], row[layout.FAN_IN]), self.dtype)
            layout.unpack_panels(parameters[row[layout.WEIGHTS] :], w.T)
            weights.append(w)
        return weights, self.unpack_biases(values)

    def unpack_biases(self, values: layout.Values | None = None) -> Arrays:
        """Copy the biases alone out."""
        parameters = (values or self.net).parameters
        columns = self.net.table[:, [layout.BIASES, layout.FAN_OUT]].tolist()
        return [parameters[begin : begin + width, np.newaxis].copy() for begin, width in columns]

    def is_finite(self) -> bool:
        """Whether all parameters are finite, as quickly as that can be said."""
        return bool(np.isfinite(self.net.parameters).all())

    def room_for_gradient(self) -> layout.Values:
        """Zeros, room for a gradient, to be put in place of the parameters."""
        values = layout.aligned_zeros(self.net.parameters.size, self.dtype)
        return layout.Values(shared=values, parameters=values)

    def room_for_rule(self, rule: Any) -> Room:
        """Room for the gradient and for what a rule of `kernels/optimisers.py` remembers."""
        gradient = self.room_for_gradient()
        remembers = RULES[type(rule)].remembers
        first = self.room_for_gradient() if remembers > 0 else gradient
        second = self.room_for_gradient() if remembers > 1 else gradient
        return Room(gradient, first, second)


def team_of(net: layout.Net, layers: layout.Layers, split: int, threads: int) -> list[layout.Net]:
    """A network for each of a team of threads that split its first layers.

    Where `split` is 0, two threads split the rows of the first one. The first thread's is the
    network itself; the others have copies of what is not split, which `share_unsplit` brings up to
    date.
    """
    dtype = net.parameters.dtype
    meeting = layout.aligned_zeros(MEETING_SIZE, np.dtype(np.int64))
    exchange = layout.aligned_zeros(2 * net.room * net.capacity, dtype)
    members = []
    for rank in range(threads):
        table, parameters, _ = layout.build_table(layers, split, rank, threads)
        member = net._replace(
            table=table,
            split=split,
            exchange=exchange,
            team=layout.Team(threads, meeting, np.zeros(1, np.int64)),
        )
        if rank > 0:
            member = member._replace(
                parameters=layout.aligned_zeros(parameters, dtype),
                decay_scale=np.ones(1),
                scratch=layout.aligned_zeros(net.room * net.capacity, dtype),
            )
        members.append(member)
    return members


def values_of_team(values: layout.Values, team: Sequence[layout.Net]) -> list[layout.Values]:
    """The same values for each of a team; the others' of what is not split are copies too."""
    room = values.parameters
    copies = [layout.aligned_zeros(room.size, room.dtype) for _ in team[1:]]
    return [values, *(values._replace(parameters=copy) for copy in copies)]


def share_unsplit(team: Sequence[layout.Net], values: Sequence[Sequence[layout.Values]]) -> None:
    """Copy what is not split from the first thread's network, and values, to those of the others.

    `values` are lists from `values_of_team`.
    """
    first = team[0]
    start = first.table[first.split, layout.WEIGHTS if first.split > 0 else layout.BIASES]
    parts: list[Sequence[Any]] = [team, *values]
    for own, *others in parts:
        for other in others:
            other.parameters[start:] = own.parameters[start:]
    for member in team[1:]:
        member.decay_scale[:] = first.decay_scale


def kernel_inputs(store: Store, dtype: np.dtype[Any]) -> Inputs:
    """The inputs of a data set as kernels take them; made once for a data set and kept with it.

    Raises
    ------
    ValueError
        If `dtype` cannot hold one of them.
    """
    if dtype == np.float32 and store.inputs.dtype == np.float64:
        if "largest" not in store.prepared:
            stored = store.inputs
            stored = stored.values if isinstance(stored, SparseRows) else stored
            store.prepared["largest"] = max(stored.max(initial=0.0), -stored.min(initial=0.0))
        if store.prepared["largest"] > np.finfo(np.float32).max:
            raise ValueError(
                "inputs must be finite in float32, the network's type, got one of magnitude "
                f"{store.prepared['largest']}"
            )
    table = np.zeros(256, dtype) if store.table is None else store.table.astype(dtype)
    if isinstance(store.inputs, SparseRows):
        rows = store.inputs
        indices, values = map(_writable_view, (rows.indices, rows.values))
        if "starts" not in store.prepared:
            store.prepared["starts"] = np.zeros(2 * len(rows) + 1, place_type(rows.starts[-1]))
            find_halves(rows.starts, indices, rows.shape[1], store.prepared["starts"])
        return SparseInputs(store.prepared["starts"], indices, values, rows.shape[1])
    if "sparse" not in store.prepared:
        full = _writable_view(store.inputs)
        most = int(SPARSE_BELOW * full.size)
        store.prepared["sparse"] = sparse_form(full, most, store.table)
    form = store.prepared["sparse"]
    if form is not None:
        width = store.inputs.shape[1]
        if form.values is not None:
            return SparseInputs(form.starts, form.listed, form.values, width)
        table = table if form.table is None else form.table.astype(dtype)
        return CodedInputs(form.starts, form.listed, width, table)
    dense = _writable_view(store.inputs)
    return DenseInputs(dense.reshape(-1), dense.shape[1], table)


def density(inputs: Inputs) -> float:
    """The share of inputs that a kernel works on: 1 if they are dense."""
    if isinstance(inputs, DenseInputs):
        return 1.0
    examples, inputs_used = len(inputs.starts) // 2, int(inputs.starts[-1])
    return inputs_used / (examples * int(inputs.width))


def kernel_targets(store: Store) -> npt.NDArray[Any]:
    """Labels, or desired outputs one after the other, as kernels take them."""
    return _writable_view(store.targets).reshape(-1)


def kernel_order(data: Dataset) -> npt.NDArray[np.integer[Any]]:
    """A copy of the data's order as kernels take it."""
    return data.order.astype(place_type(len(data.store.inputs)))


def fitting_dataset(name: str, data: Any, sizes: Sequence[int]) -> Dataset:
    """Return `data` as a Dataset that fits a network of these sizes; `name` is for errors."""
    dataset = as_dataset(name, data)
    check_fits(name, dataset, sizes)
    return dataset


def check_fits(name: str, data: Dataset, sizes: Sequence[int]) -> None:
    """Raise ValueError unless inputs and labels of `data` fit a network of these sizes."""
    store = data.store
    if store.inputs.shape[1] != sizes[0]:
        raise ValueError(
            f"{name} must have {sizes[0]} inputs an example, as the network's first layer, "
            f"got {store.inputs.shape[1]}"
        )
    outputs = sizes[-1]
    if store.targets.ndim == 2 or store.classes is not None:
        length = store.classes if store.targets.ndim == 1 else store.targets.shape[1]
        if length != outputs:
            raise ValueError(
                f"{name} must have desired outputs of length {outputs}, as the network's last "
                f"layer, got {length}"
            )
        return
    labels = store.targets[data.order]
    largest = int(labels.argmax())
    if labels[largest] >= outputs:
        raise ValueError(
            f"{name} must have labels below {outputs}, the number of outputs, "
            f"got {labels[largest]} in example {largest}"
        )


class _Memory:
    """The memory of an array, without its mark that it must not be written to."""

    def __init__(self, array: npt.NDArray[Any]) -> None:
        self.array = array
        address, _ = array.__array_interface__["data"]
        self.__array_interface__ = {**array.__array_interface__, "data": (address, False)}


def _writable_view(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same memory as Numba's usual type of array.

    Numba compiles a kernel once more for arrays that are read-only, as memory maps may be. Kernels
    never write to inputs or targets.
    """
    return array if array.flags.writeable else np.asarray(_Memory(array))
