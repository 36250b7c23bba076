"""Where everything of a network lies: one flat array of parameters and one of scratch.

A table of integers, one row a layer of weights, tells the kernels the sizes and offsets, so that
one compiled kernel serves networks of any depth and width.
"""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .dense import ROOM_ROWS, ROWS_TOGETHER, TRANSPOSED_ROWS
from .panels import NARROW, WIDE

# The columns of the table. Offsets of parameters count elements of the flat array; those of scratch
# count elements for each example of a block. STRIDE is how many columns a layer's weights have,
# PITCH how far apart examples are in scratch. CODE says which activation (see `activations`),
# SLOPES is 0 where slopes follow from outputs a, and FROZEN is 1 where training leaves weights and
# biases as they are. SUMS and SCALED are the first layer's: where the sums over its inputs are put,
# and the errors that change its weights.
#
# What a thread owns of a layer, which nobody else changes: the columns OWN to END of the rows ROW
# to ROWS_END of its weights, and the biases BIAS to BIASES_END. Of the two halves of the first
# layer's inputs (see `inputs`) it works on HALF to HALVES_END. BY_COLUMNS is 1 where it works out
# the neurons OWN to END for all examples, 0 where it works out all neurons for its own examples.
# They are NumPy's integers: Python's are literals to Numba, which compiles `entry` for each anew.
COLUMNS = 22
FAN_IN, FAN_OUT, STRIDE, PITCH, WEIGHTS, BIASES, ACTIVATIONS, DELTAS = np.arange(8)
CODE, SLOPES, FROZEN, SUMS, SCALED, OWN, END, ROW, ROWS_END = np.arange(8, 17)
BIAS, BIASES_END, HALF, HALVES_END, BY_COLUMNS = np.arange(17, COLUMNS)

# The first layer of weights, and so its row of the table; of NumPy's type as the columns are.
FIRST_LAYER = np.int64(0)

# The halves of the first layer's inputs; of that type too.
FIRST_HALF, SECOND_HALF = np.arange(2)

# The most examples in a block; larger mini-batches are worked through in several. Where the weights
# do not fit the second cache, larger blocks read them less often.
BLOCK, LARGE_BLOCK = 128, 256

# A network as the kernels of one thread see it. In compiled code every array is a pointer. In place
# of the `parameters` there may be other numbers, such as a gradient. The first layer's weights are
# stored divided by `decay_scale[0]`: if s is that and v is what is stored, then w = s v. So weight
# decay costs one multiplication a step instead of touching every weight of a sparse layer.
Net = namedtuple("Net", "plan parameters decay_scale work dropout team")

# Where everything lies: `layers` rows of the `table`, and scratch for `capacity` examples with
# `room` elements each, besides `gathered` ones for their inputs.
Plan = namedtuple("Plan", "layers table capacity room gathered")

# Scratch: the inputs that a thread gathers and the weights that it transposes or copies are its
# `own`; what it makes of them is in `exchange`, which all threads of a team share.
Work = namedtuple("Work", "exchange own")

# A rate for each layer, and two words that are new in every epoch (see `dropout`).
Dropout = namedtuple("Dropout", "rates keys")

# A team of `size` threads, of which this is number `rank`: where they meet, and how many arrivals
# this thread has waited for and how many calls it has ended.
#
# For the first layer's sums over its inputs, a thread has half of the inputs, or a section of the
# columns, or both. From these sums on it takes its share of the examples through the network and
# back, except where a layer has so many weights that each thread had better read only a section of
# them (BY_COLUMNS). In the update it has a section of the rows or columns of each layer behind the
# first. So each number is computed once. Threads meet after the sums, around layers by columns, and
# before the update.
Team = namedtuple("Team", "size rank meeting visits")

# The part of a block that a thread works out in a layer: so many examples and columns, from the
# `first` and from `column` on.
Area = namedtuple("Area", "first examples column columns")

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


def section_of(count: int, unit: int, rank: int, threads: int) -> tuple[int, int]:
    """Which of `count` columns or rows a thread owns: whole units, but for the last."""
    units = -(-count // unit)
    begin, end = units * rank // threads, units * (rank + 1) // threads
    return min(begin * unit, count), min(end * unit, count)


def build_table(
    layers: Layers, by_columns: Sequence[bool] = (), rank: int = 0, threads: int = 1
) -> tuple[np.ndarray, int, int]:
    """Lay out a network.

    Parameters
    ----------
    layers : Layers
        What the layers are.
    by_columns, rank, threads : optional
        Which layers a team of threads works out by columns, and which of how many threads this
        table is for.

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
    parameters = scratch = 0
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
        scratch += 2 * pitch
        row[CODE] = layers.activations[layer]
        row[FROZEN] = layers.frozen[layer]
        hidden = 0 < layer < len(table) - 1
        row[BY_COLUMNS] = threads > 1 and hidden and by_columns[layer]
        if layers.keep_slopes[layer]:
            row[SLOPES] = scratch
            scratch += pitch
        row[OWN], row[END], row[ROW], row[ROWS_END] = 0, stride, 0, fan_in
        row[HALF], row[HALVES_END] = 0, 2
        if layer == 0:
            row[SUMS], row[SCALED] = row[ACTIVATIONS], row[DELTAS]
            if threads > 1:  # one thread may begin with a block while another ends the one before
                row[SUMS], row[SCALED] = scratch, scratch + 2 * pitch
                scratch += 3 * pitch
            halves = halves_in(threads)
            row[OWN], row[END] = section_of(stride, WIDE, rank // halves, threads // halves)
            if halves == 2:
                half, middle = rank % 2, fan_in // 2
                row[HALF], row[HALVES_END] = half, half + 1
                row[ROW], row[ROWS_END] = (middle, fan_in) if half else (0, middle)
        elif row[BY_COLUMNS]:
            row[OWN], row[END] = section_of(stride, WIDE, rank, threads)
        else:
            row[ROW], row[ROWS_END] = section_of(fan_in, ROWS_TOGETHER, rank, threads)
        row[BIAS], row[BIASES_END] = section_of(stride, NARROW, rank, threads)
    scratch += pitch_of(sizes[-1])  # targets
    return table, parameters, scratch


def halves_in(threads: int) -> int:
    """In how many halves a team of so many threads splits the first layer's inputs: 1 or 2."""
    return 2 if threads % 2 == 0 else 1


def without_second_copies(layers: Layers, values: np.ndarray) -> np.ndarray:
    """Drop the transposed copies of hidden weights that older versions kept among the parameters.

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


CACHE_LINE = 64  # bytes
NOTICED = 4096  # bytes: of fewer, to find the line takes longer than to read across lines


def aligned_zeros(count: int, dtype: np.dtype) -> np.ndarray:
    """A zeroed array that starts on a cache line, so that no vector of it lies across two."""
    room = np.zeros(count * dtype.itemsize + CACHE_LINE, np.uint8)
    start = -room.__array_interface__["data"][0] % CACHE_LINE
    return room[start : start + count * dtype.itemsize].view(dtype)


def empty_at_line(shape: Sequence[int], dtype: npt.DTypeLike) -> np.ndarray:
    """An array for weights that starts on a cache line, if there are enough of them to notice.

    It is a view of one a little longer, because NumPy lets nobody choose where memory begins.
    """
    count, size = math.prod(shape), np.dtype(dtype).itemsize
    if count * size < NOTICED:
        return np.empty(shape, dtype)
    room = np.empty(count + CACHE_LINE // size, dtype)
    start = -room.__array_interface__["data"][0] % CACHE_LINE // size
    return room[start : start + count].reshape(shape)


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


def without_padding(sizes: Sequence[int], values: np.ndarray) -> np.ndarray:
    """Copy from what is laid out as parameters only the numbers of weights and biases."""
    kept, place = [], 0
    for fan_in, fan_out in pairwise(sizes):
        weights, stride = np.empty((fan_in, fan_out), values.dtype), padded(fan_out)
        unpack_panels(values[place:], weights)
        place += fan_in * stride
        kept += [weights.ravel(), values[place : place + fan_out]]
        place += stride
    return np.concatenate(kept)


def with_padding(sizes: Sequence[int], kept: np.ndarray) -> np.ndarray:
    """Lay out as parameters what `without_padding` has kept."""
    count = sum((fan_in + 1) * padded(fan_out) for fan_in, fan_out in pairwise(sizes))
    values, place = aligned_zeros(count, kept.dtype), 0
    for fan_in, fan_out in pairwise(sizes):
        weights, kept = kept[: fan_in * fan_out], kept[fan_in * fan_out :]
        pack_panels(weights.reshape(fan_in, fan_out), values[place:])
        place += fan_in * padded(fan_out)
        values[place : place + fan_out], kept = kept[:fan_out], kept[fan_out:]
        place += padded(fan_out)
    return values


def scratch_for(plan: Plan) -> tuple[int, int]:
    """How many elements the exchange has, and a thread's own scratch."""
    products = max(plan.capacity, plan.table[:, FAN_IN].max())  # the most that are summed up
    rooms = (TRANSPOSED_ROWS + min(int(products), ROOM_ROWS)) * WIDE
    return plan.capacity * plan.room, plan.capacity * plan.gathered + rooms
