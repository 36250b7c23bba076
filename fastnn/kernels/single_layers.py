"""The layers of a network of which one example, or a few, are computed on the user's own arrays.

A network is a table of int64, one row a layer; its columns are named below. Weights lie there as in
`network.weights`, (fan_out, fan_in) and row-major, and are found by their address. All else is in
one array, the scratch: first room for sums, 48 numbers; then inputs, outputs and errors of as many
examples as it was made for, each in a row that is padded to 16 numbers; then the targets.

Every sum has a fixed order, in which neither BLAS nor the number of examples has a say.
"""

from __future__ import annotations

from collections import namedtuple

from .activations import SOFTMAX, activation, slope
from .array_objects import is_matrix_at
from .compiling import helper, inlined
from .costs import cost_delta
from .neurons import largest_of, softmax_row
from .simd import (
    address_of,
    element,
    fma,
    item_size,
    load,
    load_first,
    load_from,
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
from .sums import sum_lanes

# The columns of the table: addresses of weights and biases, of NumPy's objects and of their types;
# sizes; the activation's code; and where in the scratch the layer has its inputs, outputs (a) and
# weighted inputs z, which errors (delta) take the place of, and room for a copy of one example's
# inputs, 32 numbers longer than they are.
WEIGHTS, BIASES, WEIGHTS_OBJECT, BIASES_OBJECT, WEIGHTS_TYPE, BIASES_TYPE = range(6)
FAN_IN, FAN_OUT, CODE, INPUTS, OUTPUTS, ERRORS, COPY = range(6, 13)
COLUMNS = 13

# The first six are those of a second table, too, a row a layer: the arrays that the gradient or new
# parameters go to.
PLACES = 6

# One layer, as the functions below take it. Examples lie `in_stride` numbers apart in x, and
# `out_stride` in a and d.
Layer = namedtuple("Layer", "w b fan_in fan_out code x a d copy in_stride out_stride")

# How many numbers of the scratch are room for sums.
ROOM = 48

# Bytes of a cache line, and from how many weights of a neuron on it pays to mind where one starts.
_LINE, _LONG = 64, 64

# A step of gradient descent: w is multiplied by `decay`, and `rate` is eta over the number of
# examples.
Step = namedtuple("Step", "decay rate")


@helper
def layer_of(table, scratch, number):
    """A layer of the table, where it lies in memory."""
    row = number * COLUMNS
    at = pointer(scratch)
    fan_in, fan_out = element(table, row + FAN_IN), element(table, row + FAN_OUT)
    return Layer(
        pointer_at(scratch, element(table, row + WEIGHTS)),
        pointer_at(scratch, element(table, row + BIASES)),
        fan_in,
        fan_out,
        element(table, row + CODE),
        offset(at, element(table, row + INPUTS)),
        offset(at, element(table, row + OUTPUTS)),
        offset(at, element(table, row + ERRORS)),
        offset(at, element(table, row + COPY)),
        _padded(fan_in),
        _padded(fan_out),
    )


@helper
def are_as_noted(table, scratch):
    """Whether all arrays still are what the table says: a script may have changed one in place."""
    size = item_size(pointer(scratch))
    for number in range(table.shape[0]):
        row = number * COLUMNS
        fan_in, fan_out = element(table, row + FAN_IN), element(table, row + FAN_OUT)
        w, b = element(table, row + WEIGHTS_OBJECT), element(table, row + BIASES_OBJECT)
        w_kind = element(table, row + WEIGHTS_TYPE), size
        b_kind = element(table, row + BIASES_TYPE), size
        if not is_matrix_at(table, w, element(table, row + WEIGHTS), fan_out, fan_in, w_kind):
            return False
        if not is_matrix_at(table, b, element(table, row + BIASES), fan_out, 1, b_kind):
            return False
    return True


@helper
def new_weights_of(places, like, number):
    """Where the gradient, or new weights, of a layer go to; `like` is an array of their type."""
    return pointer_at(like, element(places, number * PLACES + WEIGHTS))


@helper
def new_biases_of(places, like, number):
    """Where the gradient, or new biases, of a layer go to; `like` is an array of their type."""
    return pointer_at(like, element(places, number * PLACES + BIASES))


@inlined
def _padded(width):
    return (width + 15) // 16 * 16


@helper
def forward(table, scratch, examples):
    """z and a of all layers (the book's eq. 25)."""
    room = pointer(scratch)
    for number in range(table.shape[0]):
        layer = layer_of(table, scratch, number)
        past = _past_line(layer, layer.w) if examples == 1 else 0
        if past > 0:
            x = _copy_of_inputs(layer, past)
            for j in range(layer.fan_out):
                row = offset(layer.w, j * layer.fan_in)
                z = _dot_by_lines(row, x, layer.fan_in, past, room) + element(layer.b, j)
                put(layer.d, j, z)
        else:
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
def _past_line(layer, matrix):
    """How many numbers after the start of a cache line every row of a matrix (out, in) starts.

    0 also if rows differ, or are so short that it makes no difference.
    """
    size = item_size(matrix)
    if layer.fan_in < _LONG or layer.fan_in * size % _LINE > 0:
        return 0
    return address_of(matrix) % _LINE // size


@helper
def _copy_of_inputs(layer, past):
    """Copy the inputs of one example to where they start so many numbers after that of a line.

    Vectors across two cache lines take longer than what is computed with them. Beside rows that
    start as far after a line, all but the first vector lie within lines.
    """
    copy = offset(layer.copy, 16 + past)
    for k in range(0, layer.in_stride, 16):
        store(copy, k, load(zeros(copy, 16), layer.x, k))
    return copy


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
def _dot_by_lines(row, x, count, past, room):
    """The same sums for a row and inputs that start `past` numbers after the start of a line.

    The first vector starts with zeros, `past` numbers before the row. Each product is so added up
    `past` lanes further on than in `_dot`, and the last of the 32 lanes are followed by the first;
    in the end they all move back.
    """
    zero = zeros(row, 16)
    rest = count % 32
    rest = rest if rest < 16 else 0  # what `_dot` adds to the second chain
    whole = count - rest
    sum0 = fma(load_from(zero, row, -past, past), load_from(zero, x, -past, past), zero)
    sum1 = fma(load(zero, row, 16 - past), load(zero, x, 16 - past), zero)
    k = 32 - past
    while k + 32 <= whole:
        sum0 = fma(load(zero, row, k), load(zero, x, k), sum0)
        sum1 = fma(load(zero, row, k + 16), load(zero, x, k + 16), sum1)
        k += 32
    sum0 = fma(load_first(zero, row, k, whole - k), load_first(zero, x, k, whole - k), sum0)
    k += 16
    if k < whole:
        sum1 = fma(load_first(zero, row, k, whole - k), load_first(zero, x, k, whole - k), sum1)
    store(room, 0, sum0)
    store(room, 16, sum1)
    store(room, 32, sum0)
    sum0, sum1 = load(zero, room, past), load(zero, room, past + 16)
    if rest > 0:
        sum1 = fma(load_first(zero, row, whole, rest), load(zero, x, whole), sum1)
    return sum_lanes(sum0 + sum1, room)


@helper
def output_errors(table, scratch, examples, targets, cost):
    """delta of the last layer by a built-in cost (BP1), in place of z."""
    last = layer_of(table, scratch, table.shape[0] - 1)
    y = offset(pointer(scratch), targets)
    for k in range(0, examples * last.out_stride, 16):
        a = load(zeros(last.a, 16), last.a, k)
        store(last.d, k, cost_delta(cost, last.code, a, load(a, y, k)))


@helper
def given_errors(table, scratch, errors):
    """delta of the last layer from an array (examples, outputs), in place of z."""
    last = layer_of(table, scratch, table.shape[0] - 1)
    source = pointer(errors)
    for e in range(errors.shape[0]):
        for j in range(last.fan_out):
            put(last.d, e * last.out_stride + j, element(source, e * last.fan_out + j))


@helper
def backward(table, scratch, examples):
    """delta of every layer below the last one (BP2), in place of z; whether all are finite."""
    finite = True
    for number in range(table.shape[0] - 1, -1, -1):
        layer = layer_of(table, scratch, number)
        for e in range(examples):
            d = offset(layer.d, e * layer.out_stride)
            finite = finite and are_finite(d, layer.fan_out, pointer(scratch))
            if number > 0:
                below = layer_of(table, scratch, number - 1)
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
def write_gradient(layer, nabla_w):
    """dC/dw of one example: the error of a neuron times its inputs (BP4)."""
    past = _past_line(layer, nabla_w)
    x = _copy_of_inputs(layer, past) if past > 0 else layer.x
    for j in range(layer.fan_out):
        row = offset(nabla_w, j * layer.fan_in)
        error = splat_at(zeros(row, 16), layer.d, j)
        k = 0
        if past > 0:  # as far as the next line, where all other vectors but the last start
            store(row, 0, error * load(error, x, 0))
            k = _LINE // item_size(row) - past
        while k + 16 <= layer.fan_in:
            store(row, k, error * load(error, x, k))
            k += 16
        if past > 0:
            k = layer.fan_in - 16
            store(row, k, error * load(error, x, k))
        elif k < layer.fan_in:
            store_first(row, k, error * load(error, x, k), layer.fan_in - k)


@helper
def step_of_row(layer, new_w, j, examples, step):
    """w decay - rate sum_e delta_e x_e, for the weights of one neuron."""
    old, new = offset(layer.w, j * layer.fan_in), offset(new_w, j * layer.fan_in)
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
def step_of_biases(layer, new_b, examples, step):
    """b - rate sum_e delta_e."""
    for column in range(0, layer.fan_out, 16):
        count = layer.fan_out - column
        b = load_first(zeros(layer.b, 16), layer.b, column, count)
        total = zeros(layer.b, 16)
        for e in range(examples):
            total = total + load(b, layer.d, e * layer.out_stride + column)
        store_first(new_b, column, b - splat(b, step.rate) * total, count)


@helper
def are_finite(values, count, room):
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
def is_spread(code, z, count):
    """Whether z of a softmax layer are so far apart that `exp` may stay above what NumPy gives.

    It gives at least exp(-708), and exp(-86) in float32, where NumPy comes to 0.
    """
    if code != SOFTMAX:
        return False
    least = element(z, 0)
    for j in range(1, count):
        other = element(z, j)
        least = other if other < least else least
    return least - largest_of(z, count) < -80.0


@helper
def copy_numbers(source, target, count):
    """Copy the first numbers of a padded row to a row that is not padded."""
    for column in range(0, count, 16):
        values = load(zeros(source, 16), source, column)
        store_first(target, column, values, count - column)
