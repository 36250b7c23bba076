"""One example, or a few, on the user's own arrays: nothing is packed.

A call of these kernels takes few arguments, because unpacking arguments takes longer than many a
network. A network is a table of int64, one row a layer; its columns are named below. Weights lie
there as in `network.weights`, (fan_out, fan_in) and row-major, and are found by their address;
whoever calls keeps them alive. All else is in one array, the scratch: inputs, outputs and errors of
as many examples as it was made for, each in a row that is padded to 16 numbers, and the targets.

Every sum has a fixed order, in which neither BLAS nor the number of examples has a say.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from numba import config, types

from .activations import SOFTMAX, activation, slope
from .compiling import helper, implements, inlined, kernel
from .costs import cost_delta
from .evaluate import Kind, answer_of, cost_of
from .neurons import largest_of, softmax_row
from .simd import (
    element,
    fma,
    load,
    load_first,
    offset,
    pointer,
    pointer_at,
    put,
    splat,
    splat_at,
    store,
    store_first,
    zeros,
)
from .sums import all_squares, sum_lanes

# Without the JIT there are no pointers, and so no way from an address to an array.
USABLE = not config.DISABLE_JIT

# The columns of the table: addresses of weights and biases, and of the arrays that the gradient or
# new parameters go to; sizes; the activation's code; and where in the scratch the layer has its
# inputs, outputs (a) and weighted inputs z, which errors (delta) take the place of.
WEIGHTS, BIASES, NEW_WEIGHTS, NEW_BIASES, FAN_IN, FAN_OUT, CODE, INPUTS, OUTPUTS, ERRORS = range(10)
COLUMNS = 10

# One layer, as the functions below take it. The numbers of examples lie `in_stride` or `out_stride`
# apart.
_Layer = namedtuple("_Layer", "w b new_w new_b fan_in fan_out code x a d in_stride out_stride")

# A step of gradient descent: w is multiplied by `decay`, and `rate` is eta over the number of
# examples.
Step = namedtuple("Step", "decay rate")


# What Python calls -----------------------------------------------------------------------------


@kernel
def place(table, layer, weights, biases):
    """Say where a layer's gradient, or its new parameters, go to."""
    row = layer * COLUMNS
    put(table, row + NEW_WEIGHTS, weights.ctypes.data)
    put(table, row + NEW_BIASES, biases.ctypes.data)


@kernel
def take_pair(table, scratch, e, x, y, targets):
    """Copy an example into the scratch; False if it does not fit, or a number is not finite.

    x is a column (inputs, 1), y a column (outputs, 1) or a label. `targets` is where the targets
    begin.
    """
    return _take_pair(table, scratch, e, x, y, targets)


@kernel
def output(table, scratch, x, out):
    """Write the output for x (inputs, 1) to `out` (outputs, 1).

    Returns False if x does not fit, if it or the output is not finite, or if a softmax output may
    be too small for `exp`.
    """
    if not _take(table, scratch, 0, x):
        return False
    _forward(table, scratch, 1)
    last = _layer(table, scratch, table.shape[0] - 1)
    _copy(last.a, pointer(out), last.fan_out)
    return _are_finite(last.a, last.fan_out, pointer(scratch)) and not _is_spread(last)


@kernel
def gradient(table, scratch, x, y, targets, cost):
    """Write dC/db and dC/dw of an example to the new arrays.

    Returns False if it does not fit, if it or an error delta is not finite, or if a softmax output
    may be too small for `exp`.
    """
    if not _take_pair(table, scratch, 0, x, y, targets):
        return False
    _forward(table, scratch, 1)
    spread = _is_spread(_layer(table, scratch, table.shape[0] - 1))
    finite = _backward(table, scratch, 1, targets, cost)
    for number in range(table.shape[0]):
        layer = _layer(table, scratch, number)
        _copy(layer.d, layer.new_b, layer.fan_out)
        _outer(layer)
    return finite and not spread


@kernel
def descend(table, scratch, examples, targets, cost, step):
    """Write the parameters after one step on the examples taken; False if errors are not finite."""
    _forward(table, scratch, examples)
    finite = _backward(table, scratch, examples, targets, cost)
    for number in range(table.shape[0]):
        layer = _layer(table, scratch, number)
        _step_of_biases(layer, examples, step)
        for j in range(layer.fan_out):
            _step_of_row(layer, j, examples, step)
    return finite


@kernel
def count_right(table, scratch, examples, targets):
    """Count the examples taken that are answered right; -1 if an output is not finite."""
    _forward(table, scratch, examples)
    last = _layer(table, scratch, table.shape[0] - 1)
    y = offset(pointer(scratch), targets)
    right = 0
    for e in range(examples):
        out, target = offset(last.a, e * last.out_stride), offset(y, e * last.out_stride)
        if not _are_finite(out, last.fan_out, pointer(scratch)):
            return -1
        if answer_of(out, last.fan_out) == answer_of(target, last.fan_out):
            right += 1
    return right


@kernel
def mean_cost(table, scratch, examples, targets, cost, decay, terms):
    """The mean cost of the examples taken and `decay` times the sum of all w^2.

    Not a number if an output is not finite. `terms` is room for 16 float64, and for as many as the
    last layer has outputs, padded.
    """
    _forward(table, scratch, examples)
    last = _layer(table, scratch, table.shape[0] - 1)
    room, y = pointer(terms), offset(pointer(scratch), targets)
    kind, mean, squares = Kind(cost, last.code), 0.0, 0.0
    for e in range(examples):
        start = e * last.out_stride
        if not _are_finite(offset(last.a, start), last.fan_out, pointer(scratch)):
            return np.nan
        z, target = offset(last.d, start), offset(y, start)
        mean += cost_of(kind, z, target, last.fan_out, room) / examples
    for number in range(table.shape[0]):
        layer = _layer(table, scratch, number)
        squares += all_squares(layer.w, layer.fan_in * layer.fan_out, room)
    return mean + decay * squares


# Their parts -----------------------------------------------------------------------------------


@helper
def _layer(table, scratch, number):
    row = number * COLUMNS
    at = pointer(scratch)
    fan_in, fan_out = element(table, row + FAN_IN), element(table, row + FAN_OUT)
    return _Layer(
        pointer_at(scratch, element(table, row + WEIGHTS)),
        pointer_at(scratch, element(table, row + BIASES)),
        pointer_at(scratch, element(table, row + NEW_WEIGHTS)),
        pointer_at(scratch, element(table, row + NEW_BIASES)),
        fan_in,
        fan_out,
        element(table, row + CODE),
        offset(at, element(table, row + INPUTS)),
        offset(at, element(table, row + OUTPUTS)),
        offset(at, element(table, row + ERRORS)),
        _padded(fan_in),
        _padded(fan_out),
    )


@inlined
def _padded(width):
    return (width + 15) // 16 * 16


@inlined
def _take_pair(table, scratch, e, x, y, targets):
    last = _layer(table, scratch, table.shape[0] - 1)
    at = offset(pointer(scratch), targets + e * last.out_stride)
    return _take(table, scratch, e, x) and _take_target(at, y, last.fan_out)


@helper
def _take(table, scratch, e, x):
    first = _layer(table, scratch, 0)
    if x.shape[0] != first.fan_in or x.shape[1] != 1:
        return False
    row = offset(first.x, e * first.in_stride)
    source = pointer(x)
    for i in range(first.fan_in):
        put(row, i, element(source, i))
    # The first 16 numbers of the scratch are room for sums.
    return _are_finite(row, first.fan_in, pointer(scratch))


@helper
def _are_finite(values, count, room):
    """Whether the first numbers are finite: 0 times one that is not is no number."""
    total = zeros(values, 16)
    zero = zeros(values, 16)
    k = 0
    while k + 16 <= count:
        total = fma(load(zero, values, k), zero, total)
        k += 16
    if k < count:
        total = fma(load_first(zero, values, k, count - k), zero, total)
    return sum_lanes(total, room) == 0.0


@helper
def _is_spread(layer):
    """Whether z of a softmax layer are so far apart that `exp` may stay above what NumPy gives.

    It gives at least exp(-708), and exp(-86) in float32, where NumPy comes to 0.
    """
    if layer.code != SOFTMAX:
        return False
    least = element(layer.d, 0)
    for j in range(1, layer.fan_out):
        z = element(layer.d, j)
        least = z if z < least else least
    return least - largest_of(layer.d, layer.fan_out) < -80.0


def _column_target(at, y, outputs):
    if y.shape[0] != outputs or y.shape[1] != 1:
        return False
    source = pointer(y)
    fine = True
    for j in range(outputs):
        value = element(source, j)
        fine = fine and value - value == 0.0
        put(at, j, value)
    return fine


def _label_target(at, y, outputs):
    """A unit vector; of one output the label itself."""
    if outputs == 1:
        put(at, 0, y)
        return True
    if y < 0 or y >= outputs:
        return False
    for j in range(outputs):
        put(at, j, 0)
    put(at, y, 1)
    return True


def _take_target(at, y, outputs):
    form = _column_target if isinstance(y, np.ndarray) else _label_target
    return form(at, y, outputs)


@implements(_take_target)
def _take_target_overload(at, y, outputs):
    return _column_target if isinstance(y, types.Array) else _label_target


@helper
def _forward(table, scratch, examples):
    """z and a of all layers (the book's eq. 25)."""
    room = pointer(scratch)
    for number in range(table.shape[0]):
        layer = _layer(table, scratch, number)
        for j in range(layer.fan_out):
            row, bias = offset(layer.w, j * layer.fan_in), element(layer.b, j)
            for e in range(examples):
                x = offset(layer.x, e * layer.in_stride)
                z = _dot(row, x, layer.fan_in, room) + bias
                put(layer.d, e * layer.out_stride + j, z)
        for k in range(0, examples * layer.out_stride, 16):
            store(layer.a, k, activation(layer.code, load(zeros(layer.d, 16), layer.d, k)))
        if layer.code == SOFTMAX:
            for e in range(examples):
                start = e * layer.out_stride
                softmax_row(offset(layer.d, start), offset(layer.a, start), layer.fan_out)


@inlined
def _dot(row, x, count, room):
    """A row of weights times inputs, in two chains of 16 lanes; x is padded."""
    zero = zeros(row, 16)
    sum0 = sum1 = zero
    k = 0
    while k + 32 <= count:
        sum0 = fma(load(zero, row, k), load(zero, x, k), sum0)
        sum1 = fma(load(zero, row, k + 16), load(zero, x, k + 16), sum1)
        k += 32
    if k + 16 <= count:
        sum0 = fma(load(zero, row, k), load(zero, x, k), sum0)
        k += 16
    if k < count:
        sum1 = fma(load_first(zero, row, k, count - k), load(zero, x, k), sum1)
    return sum_lanes(sum0 + sum1, room)


@helper
def _backward(table, scratch, examples, targets, cost):
    """delta of every layer (BP1, BP2), in place of z; whether all are finite."""
    last = _layer(table, scratch, table.shape[0] - 1)
    y = offset(pointer(scratch), targets)
    for k in range(0, examples * last.out_stride, 16):
        a = load(zeros(last.a, 16), last.a, k)
        store(last.d, k, cost_delta(cost, last.code, a, load(a, y, k)))
    finite = True
    for number in range(table.shape[0] - 1, -1, -1):
        layer = _layer(table, scratch, number)
        for e in range(examples):
            d = offset(layer.d, e * layer.out_stride)
            finite = finite and _are_finite(d, layer.fan_out, pointer(scratch))
            if number > 0:
                below = _layer(table, scratch, number - 1)
                start = e * layer.in_stride
                _errors_below(layer, d, offset(below.a, start), offset(below.d, start), below.code)
    return finite


@helper
def _errors_below(layer, d, a, out, code):
    """delta of the layer below, w^T delta f'(z) (BP2), of one example."""
    for column in range(0, layer.fan_in, 16):
        count = layer.fan_in - column
        total = zeros(out, 16)
        for j in range(layer.fan_out):
            start = j * layer.fan_in + column
            w = load_first(total, layer.w, start, count)
            total = fma(w, splat_at(total, d, j), total)
        store(out, column, total * slope(code, load(total, a, column)))


@helper
def _outer(layer):
    """dC/dw of one example: the error of a neuron times its inputs (BP4)."""
    for j in range(layer.fan_out):
        row = offset(layer.new_w, j * layer.fan_in)
        error = splat_at(zeros(row, 16), layer.d, j)
        k = 0
        while k + 16 <= layer.fan_in:
            store(row, k, error * load(error, layer.x, k))
            k += 16
        if k < layer.fan_in:
            store_first(row, k, error * load(error, layer.x, k), layer.fan_in - k)


@helper
def _step_of_row(layer, j, examples, step):
    """w decay - rate sum_e delta_e x_e, for the weights of one neuron."""
    old, new = offset(layer.w, j * layer.fan_in), offset(layer.new_w, j * layer.fan_in)
    like = zeros(old, 16)
    decay, rate = splat(like, step.decay), splat(like, -step.rate)
    k = 0
    while k < layer.fan_in:
        total = like
        for e in range(examples):
            error = splat_at(like, layer.d, e * layer.out_stride + j)
            total = fma(error, load(like, layer.x, e * layer.in_stride + k), total)
        if k + 16 <= layer.fan_in:
            store(new, k, fma(load(like, old, k), decay, rate * total))
        else:
            count = layer.fan_in - k
            w = load_first(like, old, k, count)
            store_first(new, k, fma(w, decay, rate * total), count)
        k += 16


@helper
def _step_of_biases(layer, examples, step):
    """b - rate sum_e delta_e."""
    for column in range(0, layer.fan_out, 16):
        count = layer.fan_out - column
        b = load_first(zeros(layer.b, 16), layer.b, column, count)
        total = zeros(layer.b, 16)
        for e in range(examples):
            total = total + load(b, layer.d, e * layer.out_stride + column)
        store_first(layer.new_b, column, b - splat(b, step.rate) * total, count)


@helper
def _copy(source, target, count):
    for column in range(0, count, 16):
        values = load(zeros(source, 16), source, column)
        store_first(target, column, values, count - column)
