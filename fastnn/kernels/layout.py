"""Where everything of a network lies: one flat array of parameters and one of scratch.

A table of integers, one row a layer of weights, tells the kernels the sizes and offsets, so that
one compiled kernel serves networks of any depth and width.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from .compiling import inlined
from .dense import NARROW, WIDE, Panels, Rows
from .simd import element, offset, pointer

# The columns of the table. Offsets of parameters count elements of the flat array; those of scratch
# count elements for each example of a block.
COLUMNS = 8
FAN_IN, FAN_OUT, STRIDE, WEIGHTS, TRANSPOSED, BIASES, ACTIVATIONS, DELTAS = range(COLUMNS)

# Mini-batches are worked through in blocks of at most so many examples.
BLOCK = 128

# A network as kernels see it: a table of `layers` rows; arrays, in compiled code pointers to them;
# and how many examples the scratch has room for. `decay_scale[0]` is s in w = s v: what is stored
# for the first layer is v, so that weight decay costs one multiplication a step instead of
# touching every weight of a sparse layer.
Net = namedtuple("Net", "layers table parameters decay_scale scratch capacity")


def padded(width: int) -> int:
    """The stride of a layer of `width` neurons: the next multiple of 16."""
    return -(-width // NARROW) * NARROW


def build_table(sizes: Sequence[int]) -> tuple[np.ndarray, int, int]:
    """Lay out a network.

    Parameters
    ----------
    sizes : sequence of int
        Neurons of each layer, the inputs first.

    Returns
    -------
    table : ndarray of int64, shape (len(sizes) - 1, 8)
        The columns named above.
    parameters : int
        Elements of the flat array of parameters.
    scratch : int
        Elements of scratch for each example of a block.
    """
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
        scratch += 2 * stride
    scratch += padded(sizes[-1])  # targets
    return table, parameters, scratch


def aligned_zeros(count: int, dtype: np.dtype) -> np.ndarray:
    """A zeroed array that starts on a cache line, so that no vector of it lies across two."""
    line = 64
    room = np.zeros(count * dtype.itemsize + line, np.uint8)
    start = -room.ctypes.data % line
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


def unpack_panels(values: np.ndarray, out: np.ndarray) -> None:
    """Read panels back into a matrix of (rows, columns)."""
    rows, columns = out.shape
    stride = padded(columns)
    for column in range(0, stride, WIDE):
        width = min(WIDE, stride - column)
        panel = values[column * rows : (column + width) * rows].reshape(rows, width)
        part = out[:, column : column + width]
        part[:] = panel[:, : part.shape[1]]


@inlined
def bare(net):
    """The same network with pointers for arrays."""
    return Net(
        net.layers,
        pointer(net.table),
        pointer(net.parameters),
        pointer(net.decay_scale),
        pointer(net.scratch),
        net.capacity,
    )


@inlined
def entry(net, layer, column):
    """An entry of the table."""
    return element(net.table, layer * COLUMNS + column)


@inlined
def weights_of(net, layer):
    """The weights of a layer, one row an input."""
    at = offset(net.parameters, entry(net, layer, WEIGHTS))
    return Panels(at, entry(net, layer, FAN_IN), entry(net, layer, STRIDE))


@inlined
def transposed_of(net, layer):
    """The same weights, one row an output."""
    at = offset(net.parameters, entry(net, layer, TRANSPOSED))
    return Panels(at, entry(net, layer, FAN_OUT), entry(net, layer - 1, STRIDE))


@inlined
def biases_of(net, layer):
    """The biases of a layer."""
    return offset(net.parameters, entry(net, layer, BIASES))


@inlined
def inputs_of(net):
    """Room for the inputs of a block of dense examples."""
    return Rows(net.scratch, entry(net, 0, ACTIVATIONS))


@inlined
def activations_of(net, layer):
    """The outputs a of a layer for the block at hand; zero in the padding."""
    at = offset(net.scratch, net.capacity * entry(net, layer, ACTIVATIONS))
    return Rows(at, entry(net, layer, STRIDE))


@inlined
def deltas_of(net, layer):
    """First the weighted inputs z of a layer for the block at hand, later its errors delta."""
    at = offset(net.scratch, net.capacity * entry(net, layer, DELTAS))
    return Rows(at, entry(net, layer, STRIDE))


@inlined
def targets_of(net):
    """The desired outputs y of the block at hand; zero in the padding."""
    stride = entry(net, net.layers - 1, STRIDE)
    after = entry(net, net.layers - 1, DELTAS) + stride
    return Rows(offset(net.scratch, net.capacity * after), stride)
