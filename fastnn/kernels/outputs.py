"""What the network should give, and the error delta^L of the output layer (BP1)."""

from __future__ import annotations

from numba import types
from numba.extending import overload

from .compiling import helper
from .layout import activations_of, deltas_of, targets_of
from .simd import element, load, splat, store, zeros

CROSS_ENTROPY, QUADRATIC = 0, 1


@helper
def _labels_to_rows(targets, order, first, examples, y, width):
    for e in range(examples):
        row = y.start + e * y.stride
        y.values[row : row + y.stride] = 0
        y.values[row + element(targets, element(order, first + e))] = 1


@helper
def _vectors_to_rows(targets, order, first, examples, y, width):
    for e in range(examples):
        row = y.start + e * y.stride
        source = element(order, first + e) * width
        for j in range(width):
            y.values[row + j] = element(targets, source + j)
        y.values[row + width : row + y.stride] = 0


def gather_targets(targets, order, first, examples, y, width):
    """y[e, :] = the desired output of each example: its vector, or the unit vector of its label."""
    form = _labels_to_rows if targets.dtype.kind in "iu" else _vectors_to_rows
    form(targets, order, first, examples, y, width)


@overload(gather_targets)
def _gather_targets_overload(targets, order, first, examples, y, width):
    if isinstance(targets.dtype, types.Integer):
        return lambda targets, order, first, examples, y, width: _labels_to_rows(
            targets, order, first, examples, y, width
        )
    return lambda targets, order, first, examples, y, width: _vectors_to_rows(
        targets, order, first, examples, y, width
    )


@helper
def _built_in_delta(net, cost, examples, width):
    last = net.table.shape[0] - 1
    d, a, y = deltas_of(net, last), activations_of(net, last), targets_of(net)
    for k in range(0, examples * d.stride, 16):
        out = load(zeros(d.values, 16), a.values, a.start + k)
        error = out - load(out, y.values, y.start + k)
        if cost == QUADRATIC:
            error = error * (out * (splat(out, 1.0) - out))
        store(d.values, d.start + k, error)


@helper
def _user_delta(net, cost, examples, width):
    last = net.table.shape[0] - 1
    d, a, y = deltas_of(net, last), activations_of(net, last), targets_of(net)
    for e in range(examples):
        start = e * d.stride
        z_column = d.values[d.start + start : d.start + start + width].reshape((width, 1))
        a_column = a.values[a.start + start : a.start + start + width].reshape((width, 1))
        y_column = y.values[y.start + start : y.start + start + width].reshape((width, 1))
        z_column[:, :] = cost(z_column, a_column, y_column)
        d.values[d.start + start + width : d.start + start + d.stride] = 0


def output_delta(net, cost, examples, width):
    """delta^L from z and a of the output layer and the targets, in place of z.

    `cost` is one of the codes above, or a compiled function delta(z, a, y) on columns.
    """
    form = _user_delta if callable(cost) else _built_in_delta
    form(net, cost, examples, width)


@overload(output_delta)
def _output_delta_overload(net, cost, examples, width):
    if isinstance(cost, types.Integer):
        return lambda net, cost, examples, width: _built_in_delta(net, cost, examples, width)
    return lambda net, cost, examples, width: _user_delta(net, cost, examples, width)
