"""The desired outputs, and the error delta^L of the output layer (BP1)."""

from __future__ import annotations

from numba import carray, types

from .arguments import weight_of
from .compiling import implements, inlined
from .costs import cost_delta
from .dense import scale
from .layout import CODE, FAN_OUT, activations_of, deltas_of, entry, targets_of
from .simd import element, load, offset, prefetch, put, store, zeros


@inlined
def _prefetch_target(targets, order, place, width):
    """Ask for the desired output at a place of the order, if there is one."""
    if place < order.size:
        prefetch(targets, element(order.at, place) * width)


def _labels_to_rows(net, targets, block):
    y, order, first = targets_of(net), block.order, block.first
    for e in range(block.examples):
        _prefetch_target(targets, order, first + block.examples + e, 1)
        row = offset(y.at, e * y.stride)
        for j in range(y.stride):
            put(row, j, 0)
        put(row, element(targets, element(order.at, first + e)), 1)


def _vectors_to_rows(net, targets, block):
    y, order, first = targets_of(net), block.order, block.first
    width = entry(net, net.plan.layers - 1, FAN_OUT)
    for e in range(block.examples):
        _prefetch_target(targets, order, first + block.examples + e, width)
        row = offset(y.at, e * y.stride)
        source = offset(targets, element(order.at, first + e) * width)
        for j in range(width):
            put(row, j, element(source, j))
        for j in range(width, y.stride):
            put(row, j, 0)


def gather_targets(net, targets, block):
    """y[e, :] = the desired output of each example: its vector, or the unit vector of its label."""
    form = _labels_to_rows if targets.dtype.kind in "iu" else _vectors_to_rows
    form(net, targets, block)


@implements(gather_targets)
def _gather_targets_overload(net, targets, block):
    return _labels_to_rows if isinstance(targets.dtype, types.Integer) else _vectors_to_rows


def _built_in_delta(net, cost, examples):
    last = net.plan.layers - 1
    code = entry(net, last, CODE)
    d, a, y = deltas_of(net, last), activations_of(net, last), targets_of(net)
    for k in range(0, examples * d.stride, 16):
        out = load(zeros(d.at, 16), a.at, k)
        store(d.at, k, cost_delta(cost, code, out, load(out, y.at, k)))


def _user_delta(net, cost, examples):
    last = net.plan.layers - 1
    width = entry(net, last, FAN_OUT)
    d, a, y = deltas_of(net, last), activations_of(net, last), targets_of(net)
    for e in range(examples):
        start = e * d.stride
        z_column = column_at(d.at, start, width)
        error = cost(z_column, column_at(a.at, start, width), column_at(y.at, start, width))
        z_column[:, :] = error
        for j in range(width, d.stride):
            put(d.at, start + j, 0)


def column_at(memory, start, rows):
    """memory[start : start + rows] as a column, for functions that users write."""
    return memory[start : start + rows].reshape(rows, 1)


@implements(column_at)
def _column_at_overload(memory, start, rows):
    return lambda memory, start, rows: carray(offset(memory, start), (rows, 1))


@inlined
def scale_errors(net, block, factor, weights):
    """delta^L *= factor, times the weight of each example; deltas that follow are scaled too."""
    d = deltas_of(net, net.plan.layers - 1)
    if weights.size == 0:
        if factor != 1.0:
            scale(d.at, block.examples * d.stride, factor)
    else:
        for e in range(block.examples):
            scaled = weight_of(weights, block, e) * factor
            scale(offset(d.at, e * d.stride), d.stride, scaled)


def output_delta(net, cost, examples):
    """delta^L from z and a of the output layer and the targets, in place of z.

    `cost` is the place of a built-in cost in the table, or a compiled function delta(z, a, y) on
    columns.
    """
    form = _user_delta if callable(cost) else _built_in_delta
    form(net, cost, examples)


@implements(output_delta)
def _output_delta_overload(net, cost, examples):
    return _built_in_delta if isinstance(cost, types.Integer) else _user_delta
