"""Where everything of a network lies: one flat array of parameters and one of scratch.

A table of integers, one row a layer of weights, tells the kernels the sizes and offsets, so that
one compiled kernel serves networks of any depth and width.
"""

from __future__ import annotations

from collections import namedtuple
from itertools import pairwise

import numpy as np

from .compiling import inlined
from .dense import TRANSPOSED_ROWS
from .inputs import Halves, half_begin
from .panels import NARROW, WIDE, Panels, Rows
from .simd import element, offset, pointer

# The columns of the table. Offsets of parameters count elements of the flat array; those of scratch
# count elements for each example of a block. STRIDE is how many columns a layer's weights have,
# PITCH how far apart examples are in scratch. A thread owns the columns OWN to END of a layer. CODE
# says which activation (see `activations`); SLOPES is 0 where slopes follow from outputs a. Of
# the two halves of the first layer's inputs (see `inputs`) it works on HALF to HALVES_END. FROZEN
# is 1 where training leaves weights and biases as they are.
# They are NumPy's integers: Python's are literals to Numba, which compiles `entry` for each anew.
COLUMNS = 15
FAN_IN, FAN_OUT, STRIDE, PITCH, WEIGHTS, BIASES, ACTIVATIONS = np.arange(7)
DELTAS, OWN, END, CODE, SLOPES, HALF, HALVES_END, FROZEN = np.arange(7, COLUMNS)

# The first layer of weights, and so its row of the table; of NumPy's type as the columns are.
FIRST_LAYER = np.int64(0)

# The halves of the first layer's inputs; of that type too.
FIRST_HALF, SECOND_HALF = np.arange(2)

# The most examples in a block; larger mini-batches are worked through in several. Where the weights
# do not fit the second cache, larger blocks read them less often.
BLOCK, LARGE_BLOCK = 128, 256

# A network as the kernels of one thread see it. In compiled code every array is a pointer.
Net = namedtuple("Net", "plan values decay_scale work dropout team")

# Where everything lies: `layers` rows of the `table`, how many layers a team splits (see `Team`),
# and scratch for `capacity` examples with `room` elements each.
Plan = namedtuple("Plan", "layers table split capacity room")

# The parameters, or other numbers in their place, such as a gradient. `shared` has those of the
# layers that a team splits, `parameters` those of the others; alone, both are the same array.
# The first layer's weights are stored divided by `Net.decay_scale[0]`: if s is that and v is what
# is stored, then w = s v. So weight decay costs one multiplication a step instead of touching every
# weight of a sparse layer.
Values = namedtuple("Values", "shared parameters")

# Scratch: `exchange` for the layers that a team splits, `own` for the others. A team's exchange has
# two sides, for mini-batches in turn, so that one thread may start with a mini-batch while another
# ends the one before.
Work = namedtuple("Work", "exchange own")

# A rate for each layer, and two words that are new in every epoch (see `dropout`).
Dropout = namedtuple("Dropout", "rates keys")

# A team of `size` threads: where they meet, and how many arrivals this thread has waited for.
#
# A team splits the columns of the first `split` layers among its threads. Every thread computes the
# other layers for itself, all the same. Where no layer is wide enough for that, `split` is 0, and a
# team of two splits the rows of the first layer: each thread has the weights of half of the inputs,
# in `shared`, and passes its sums over these on through `exchange`.
Team = namedtuple("Team", "size meeting visits")

# The layers: how many neurons each has, inputs first. For each after the inputs, the code of its
# activation, whether the slopes of its neurons have to be kept from the way forward, and whether it
# is frozen.
Layers = namedtuple("Layers", "sizes activations keep_slopes frozen")


def padded(width: int) -> int:
    """The stride of a layer of `width` neurons: the next multiple of 16."""
    return -(-width // NARROW) * NARROW


def pitch_of(width: int) -> int:
    """How far apart the examples of a block are in scratch, in a layer of `width` neurons.

    At a distance of many small powers of two, all of them would share a few places of the caches.
    """
    stride = padded(width)
    return stride + NARROW if stride % (4 * NARROW) == 0 else stride


def section_of(stride: int, rank: int, threads: int) -> tuple[int, int]:
    """The columns of a layer that a thread owns: whole panels, so that they lie as always."""
    panels = -(-stride // WIDE)
    begin, end = panels * rank // threads, panels * (rank + 1) // threads
    return begin * WIDE, min(end * WIDE, stride)


def build_table(
    layers: Layers, split: int = 0, rank: int = 0, threads: int = 1
) -> tuple[np.ndarray, int, int]:
    """Lay out a network.

    Parameters
    ----------
    layers : Layers
        What the layers are.
    split, rank, threads : int, optional
        How many layers a team of threads splits, and which of how many threads this table is for;
        that only shows in the columns OWN, END, HALF and HALVES_END.

    Returns
    -------
    table : ndarray of int64, shape (len(sizes) - 1, COLUMNS)
        The columns named above.
    parameters : int
        Elements of the flat array of parameters.
    scratch : int
        Elements of scratch for each example of a block.
    """
    sizes = layers.sizes
    table = np.zeros((len(sizes) - 1, COLUMNS), np.int64)
    parameters = 0
    scratch = pitch_of(sizes[0])  # inputs gathered from dense data
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        stride = padded(fan_out)
        row = table[layer]
        pitch = pitch_of(fan_out)
        row[FAN_IN], row[FAN_OUT], row[STRIDE], row[PITCH] = fan_in, fan_out, stride, pitch
        row[WEIGHTS] = parameters
        parameters += fan_in * stride
        row[BIASES] = parameters
        parameters += stride
        row[ACTIVATIONS], row[DELTAS] = scratch, scratch + pitch
        row[OWN], row[END] = section_of(stride, rank, threads) if layer < split else (0, stride)
        scratch += 2 * pitch
        splits_rows = layer == split == 0 and threads == 2
        row[HALF], row[HALVES_END] = (rank, rank + 1) if splits_rows else (0, 2)
        row[CODE] = layers.activations[layer]
        row[FROZEN] = layers.frozen[layer]
        if layers.keep_slopes[layer]:
            row[SLOPES] = scratch
            scratch += pitch
    scratch += pitch_of(sizes[-1])  # targets
    return table, parameters, scratch


def without_second_copies(layers: Layers, values: np.ndarray) -> np.ndarray:
    """Parameters as laid out now, from what once had hidden weights a second time, transposed.

    Values of another shape are returned as they are.
    """
    if values.ndim != 1:
        return values
    kept, place = [], 0
    for layer, (fan_in, fan_out) in enumerate(pairwise(layers.sizes)):
        weights, biases = fan_in * padded(fan_out), padded(fan_out)
        kept.append(values[place : place + weights])
        place += weights + (fan_out * padded(fan_in) if layer > 0 else 0)
        kept.append(values[place : place + biases])
        place += biases
    return np.concatenate(kept) if place == values.size else values


def aligned_zeros(count: int, dtype: np.dtype) -> np.ndarray:
    """A zeroed array that starts on a cache line, so that no vector of it lies across two."""
    line = 64
    room = np.zeros(count * dtype.itemsize + line, np.uint8)
    start = -room.__array_interface__["data"][0] % line
    return room[start : start + count * dtype.itemsize].view(dtype)


def pack_panels(matrix: np.ndarray, out: np.ndarray) -> None:
    """Write a matrix of (rows, columns) into the flat array `out` as `panels.Panels`."""
    rows, columns = matrix.shape
    stride = padded(columns)
    for column in range(0, stride, WIDE):
        width = min(WIDE, stride - column)
        panel = out[column * rows : (column + width) * rows].reshape(rows, width)
        part = matrix[:, column : column + width]
        panel[:, : part.shape[1]] = part
        panel[:, part.shape[1] :] = 0


# This many rows of a panel, 32 KB in float64, stay in the nearest cache while they are read column
# by column.
_ROWS_AT_A_TIME = 128


def unpack_panels(values: np.ndarray, out: np.ndarray) -> None:
    """Read panels back into a matrix of (rows, columns)."""
    rows, columns = out.shape
    stride = padded(columns)
    for column in range(0, stride, WIDE):
        width = min(WIDE, stride - column)
        panel = values[column * rows : (column + width) * rows].reshape(rows, width)
        part = out[:, column : column + width]
        for row in range(0, rows, _ROWS_AT_A_TIME):
            some = slice(row, row + _ROWS_AT_A_TIME)
            part[some] = panel[some, : part.shape[1]]


@inlined
def bare(net):
    """The same network with pointers for arrays."""
    plan, work, team = net.plan, net.work, net.team
    return Net(
        Plan(plan.layers, pointer(plan.table), plan.split, plan.capacity, plan.room),
        Values(pointer(net.values.shared), pointer(net.values.parameters)),
        pointer(net.decay_scale),
        Work(pointer(work.exchange), pointer(work.own)),
        Dropout(pointer(net.dropout.rates), pointer(net.dropout.keys)),
        Team(team.size, pointer(team.meeting), pointer(team.visits)),
    )


@inlined
def with_values(net, values):
    """A bare network with other values, which are arrays, for its parameters."""
    other = Values(pointer(values.shared), pointer(values.parameters))
    return Net(net.plan, other, net.decay_scale, net.work, net.dropout, net.team)


@inlined
def on_side(net, side):
    """A bare network with one side of its exchange, 0 or 1."""
    exchange = offset(net.work.exchange, side * net.plan.capacity * net.plan.room)
    work = Work(exchange, net.work.own)
    return Net(net.plan, net.values, net.decay_scale, work, net.dropout, net.team)


@inlined
def entry(net, layer, column):
    """An entry of the table."""
    return element(net.plan.table, layer * COLUMNS + column)


@inlined
def _parameter(net, layer, place):
    """The address of a parameter that belongs to a layer's columns."""
    return offset(net.values.shared if layer < net.plan.split else net.values.parameters, place)


@inlined
def weights_of(net, layer):
    """The weights of a layer, one row an input; the columns that this thread owns."""
    own, rows = entry(net, layer, OWN), entry(net, layer, FAN_IN)
    return Panels(
        offset(all_weights_of(net, layer), own * rows), rows, entry(net, layer, END) - own
    )


@inlined
def all_weights_of(net, layer):
    """The address of the weights of a layer, those of other threads included."""
    shared = layer == 0 or layer < net.plan.split
    return offset(
        net.values.shared if shared else net.values.parameters, entry(net, layer, WEIGHTS)
    )


@inlined
def own_weights_of(net, layer):
    """Where the weights are that only this thread changes, and how many."""
    w = weights_of(net, layer)
    begin = half_begin(w.rows, entry(net, layer, HALF))
    end = half_begin(w.rows, entry(net, layer, HALVES_END))
    return offset(w.at, begin * w.stride), (end - begin) * w.stride


@inlined
def transposed_room_of(net):
    """Room for a panel of transposed weights."""
    return offset(net.work.own, net.plan.capacity * net.plan.room)


def scratch_for(room: int, capacity: int) -> int:
    """How many elements a thread's own scratch has, for blocks of up to `capacity` examples."""
    return room * capacity + TRANSPOSED_ROWS * WIDE


@inlined
def biases_of(net, layer):
    """The biases of the neurons of a layer that this thread owns."""
    return _parameter(net, layer, entry(net, layer, BIASES) + entry(net, layer, OWN))


@inlined
def owned(net, layer, matrix):
    """The columns of a layer's matrix, one row an example, that this thread owns."""
    return Rows(offset(matrix.at, entry(net, layer, OWN)), matrix.stride)


@inlined
def columns_of(net, layer):
    """How many columns of a layer this thread owns."""
    return entry(net, layer, END) - entry(net, layer, OWN)


@inlined
def inputs_of(net):
    """Room for the inputs of a block of dense examples."""
    return Rows(net.work.own, entry(net, FIRST_LAYER, ACTIVATIONS))


@inlined
def _block_of(net, layer, column):
    place = net.plan.capacity * entry(net, layer, column)
    at = offset(net.work.exchange if layer < net.plan.split else net.work.own, place)
    return Rows(at, entry(net, layer, PITCH))


@inlined
def halves_of(net):
    """The halves of the first layer's inputs that this thread works on."""
    return Halves(entry(net, FIRST_LAYER, HALF), entry(net, FIRST_LAYER, HALVES_END))


@inlined
def partial_sums_of(net, half):
    """The first layer's sums over one half of the inputs, for the block at hand."""
    pitch = entry(net, FIRST_LAYER, PITCH)
    place = net.plan.capacity * (entry(net, FIRST_LAYER, ACTIVATIONS) + half * pitch)
    return Rows(offset(net.work.exchange, place), pitch)


@inlined
def activations_of(net, layer):
    """The outputs a of a layer for the block at hand; zero in the padding."""
    return _block_of(net, layer, ACTIVATIONS)


@inlined
def deltas_of(net, layer):
    """First the weighted inputs z of a layer for the block at hand, later its errors delta."""
    return _block_of(net, layer, DELTAS)


@inlined
def slopes_of(net, layer):
    """The slopes f'(z) of a layer for the block at hand, where they are kept."""
    return _block_of(net, layer, SLOPES)


@inlined
def targets_of(net):
    """The desired outputs y of the block at hand; zero in the padding."""
    pitch = entry(net, net.plan.layers - 1, PITCH)
    return Rows(offset(net.work.own, net.plan.capacity * (net.plan.room - pitch)), pitch)
