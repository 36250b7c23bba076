"""Where everything of a network lies: one flat array of parameters and one of scratch.

A table of integers, one row a layer of weights, tells the kernels the sizes and offsets, so that
one compiled kernel serves networks of any depth and width.
"""

from __future__ import annotations

from collections import namedtuple
from itertools import pairwise

import numpy as np

from .compiling import inlined
from .dense import NARROW, WIDE, Panels, Rows
from .inputs import Halves, half_begin
from .simd import element, offset, pointer

# The columns of the table. Offsets of parameters count elements of the flat array; those of scratch
# count elements for each example of a block. A thread owns the columns OWN to END of a layer.
# CODE says which activation (see `activations`); SLOPES is 0 where slopes follow from outputs a. Of
# the two halves of the first layer's inputs (see `inputs`) it works on HALF to HALVES_END.
# They are NumPy's integers: for each of Python's, a literal to Numba, `entry` was compiled again.
COLUMNS = 14
FAN_IN, FAN_OUT, STRIDE, WEIGHTS, TRANSPOSED, BIASES, ACTIVATIONS = np.arange(7)
DELTAS, OWN, END, CODE, SLOPES, HALF, HALVES_END = np.arange(7, COLUMNS)

# The first layer of weights, and so its row of the table; of NumPy's type as the columns are.
FIRST = np.int64(0)

# Halves of the inputs, and of the exchange between threads; of that type too.
FIRST_HALF, SECOND_HALF = np.arange(2)

# Mini-batches are worked through in blocks of at most so many examples.
BLOCK = 128

# A network as the kernels of one thread see it: a table of `layers` rows; arrays, in compiled code
# pointers to them; and scratch for `capacity` examples, `room` elements each. `decay_scale[0]` is s
# in w = s v: what is stored for the first layer is v, so that weight decay costs one multiplication
# a step instead of touching every weight of a sparse layer. `dropout_rates` has an entry a layer,
# `dropout_keys` two words that are new in every epoch (see `dropout`).
#
# A team of threads splits the columns of the first `split` layers; every thread computes the other
# layers for itself, all the same. `shared` and `exchange` are parameters and scratch of the split
# layers, `parameters` and `scratch` those of the others. `exchange` is double, so that one thread
# may start with a mini-batch while another ends the one before.
#
# Where no layer is wide enough for that, `split` is 0, and a team of two splits the rows of the
# first layer: each has the weights of half of the inputs, in `shared`, and passes its sums over
# these on through `exchange`.
Net = namedtuple(
    "Net",
    "layers table split shared parameters decay_scale exchange scratch capacity room "
    "dropout_rates dropout_keys team",
)

# Other values in place of a network's parameters, such as a gradient: of the layers that a team
# splits, and of the others.
Values = namedtuple("Values", "shared parameters")

# What layers are: neurons of each, inputs first; and of each after the inputs the code of its
# activation, and whether the slopes of its neurons have to be kept from the way forward.
Layers = namedtuple("Layers", "sizes activations keep_slopes")

# A team of `size` threads: where they meet, and how many arrivals this one has waited for.
Team = namedtuple("Team", "size meeting visits")


def padded(width: int) -> int:
    """The stride of a layer of `width` neurons: the next multiple of 16."""
    return -(-width // NARROW) * NARROW


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
    scratch = padded(sizes[0])  # inputs gathered from dense data
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        stride = padded(fan_out)
        row = table[layer]
        row[FAN_IN], row[FAN_OUT], row[STRIDE] = fan_in, fan_out, stride
        row[WEIGHTS] = parameters
        parameters += fan_in * stride
        if layer > 0:
            row[TRANSPOSED] = parameters
            parameters += fan_out * padded(fan_in)
        row[BIASES] = parameters
        parameters += stride
        row[ACTIVATIONS], row[DELTAS] = scratch, scratch + stride
        row[OWN], row[END] = section_of(stride, rank, threads) if layer < split else (0, stride)
        scratch += 2 * stride
        splits_rows = layer == split == 0 and threads == 2
        row[HALF], row[HALVES_END] = (rank, rank + 1) if splits_rows else (0, 2)
        row[CODE] = layers.activations[layer]
        if layers.keep_slopes[layer]:
            row[SLOPES] = scratch
            scratch += stride
    scratch += padded(sizes[-1])  # targets
    return table, parameters, scratch


def aligned_zeros(count: int, dtype: np.dtype) -> np.ndarray:
    """A zeroed array that starts on a cache line, so that no vector of it lies across two."""
    line = 64
    room = np.zeros(count * dtype.itemsize + line, np.uint8)
    start = -room.__array_interface__["data"][0] % line
    return room[start : start + count * dtype.itemsize].view(dtype)


def pack_panels(matrix: np.ndarray, out: np.ndarray) -> None:
    """Write a matrix of (rows, columns) into the flat array `out` as `dense.Panels`."""
    rows, columns = matrix.shape
    stride = padded(columns)
    for column in range(0, stride, WIDE):
        width = min(WIDE, stride - column)
        panel = out[column * rows : (column + width) * rows].reshape(rows, width)
        part = matrix[:, column : column + width]
        panel[:, : part.shape[1]] = part
        panel[:, part.shape[1] :] = 0


# So many rows of a panel, 32 KB in float64, stay in the nearest cache while they are read column by
# column.
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
    return Net(
        net.layers,
        pointer(net.table),
        net.split,
        pointer(net.shared),
        pointer(net.parameters),
        pointer(net.decay_scale),
        pointer(net.exchange),
        pointer(net.scratch),
        net.capacity,
        net.room,
        pointer(net.dropout_rates),
        pointer(net.dropout_keys),
        Team(net.team.size, pointer(net.team.meeting), pointer(net.team.visits)),
    )


@inlined
def with_values(net, values):
    """A bare network with other values, which are arrays, for its parameters."""
    return Net(
        net.layers,
        net.table,
        net.split,
        pointer(values.shared),
        pointer(values.parameters),
        net.decay_scale,
        net.exchange,
        net.scratch,
        net.capacity,
        net.room,
        net.dropout_rates,
        net.dropout_keys,
        net.team,
    )


@inlined
def in_half(net, half):
    """The same network with one half, 0 or 1, of its exchange."""
    return Net(
        net.layers,
        net.table,
        net.split,
        net.shared,
        net.parameters,
        net.decay_scale,
        offset(net.exchange, half * net.capacity * net.room),
        net.scratch,
        net.capacity,
        net.room,
        net.dropout_rates,
        net.dropout_keys,
        net.team,
    )


@inlined
def entry(net, layer, column):
    """An entry of the table."""
    return element(net.table, layer * COLUMNS + column)


@inlined
def _parameter(net, layer, place):
    """The address of a parameter that belongs to a layer's columns."""
    return offset(net.shared if layer < net.split else net.parameters, place)


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
    shared = layer == 0 or layer < net.split
    return offset(net.shared if shared else net.parameters, entry(net, layer, WEIGHTS))


@inlined
def own_weights_of(net, layer):
    """Where the weights are that no other thread changes, and how many."""
    w = weights_of(net, layer)
    begin = half_begin(w.rows, entry(net, layer, HALF))
    end = half_begin(w.rows, entry(net, layer, HALVES_END))
    return offset(w.at, begin * w.stride), (end - begin) * w.stride


@inlined
def transposed_of(net, layer):
    """The same weights, one row an output; the columns, neurons of the layer before, it owns."""
    own, rows = entry(net, layer - 1, OWN), entry(net, layer, FAN_OUT)
    at = _parameter(net, layer - 1, entry(net, layer, TRANSPOSED) + own * rows)
    return Panels(at, rows, entry(net, layer - 1, END) - own)


@inlined
def biases_of(net, layer):
    """The biases of the neurons of a layer that this thread owns."""
    return _parameter(net, layer, entry(net, layer, BIASES) + entry(net, layer, OWN))


@inlined
def owned(net, layer, rows):
    """The columns of a block of examples that this thread owns."""
    return Rows(offset(rows.at, entry(net, layer, OWN)), rows.stride)


@inlined
def columns_of(net, layer):
    """How many columns of a layer this thread owns."""
    return entry(net, layer, END) - entry(net, layer, OWN)


@inlined
def inputs_of(net):
    """Room for the inputs of a block of dense examples."""
    return Rows(net.scratch, entry(net, FIRST, ACTIVATIONS))


@inlined
def _block_of(net, layer, column):
    place = net.capacity * entry(net, layer, column)
    at = offset(net.exchange if layer < net.split else net.scratch, place)
    return Rows(at, entry(net, layer, STRIDE))


@inlined
def halves_of(net):
    """The halves of the first layer's inputs that this thread works on."""
    return Halves(entry(net, FIRST, HALF), entry(net, FIRST, HALVES_END))


@inlined
def partial_sums_of(net, half):
    """The first layer's sums over one half of the inputs, for the block at hand."""
    stride = entry(net, FIRST, STRIDE)
    place = net.capacity * (entry(net, FIRST, ACTIVATIONS) + half * stride)
    return Rows(offset(net.exchange, place), stride)


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
    stride = entry(net, net.layers - 1, STRIDE)
    return Rows(offset(net.scratch, net.capacity * (net.room - stride)), stride)
