"""One example, or a few, on the user's own arrays: nothing is packed.

A call of these kernels takes few arguments, because unpacking arguments takes longer than many a
network. What they need lies in the tables and the scratch that `single_layers` describes. Whoever
calls keeps the arrays alive whose addresses are in the tables. Where one of them has been changed
in place, to another shape say, a kernel computes nothing.
"""

from __future__ import annotations

import numpy as np
from numba import config, types

from .array_objects import lie_as_expected, type_at
from .compiling import brief_kernel, helper, implements, inlined, kernel
from .evaluate import Kind, answer_of, cost_of
from .simd import element, offset, pointer, put
from .single_layers import (
    BIASES,
    BIASES_OBJECT,
    BIASES_TYPE,
    PLACES,
    WEIGHTS,
    WEIGHTS_OBJECT,
    WEIGHTS_TYPE,
    are_as_noted,
    are_finite,
    backward,
    copy_numbers,
    forward,
    given_errors,
    is_spread,
    layer_of,
    new_biases_of,
    new_weights_of,
    output_errors,
    step_of_biases,
    step_of_row,
    write_gradient,
)
from .sums import all_squares

# Without the JIT there are no pointers, and so no way from an address to an array.
USABLE = not config.DISABLE_JIT and lie_as_expected()


# What Python calls -----------------------------------------------------------------------------


@brief_kernel
def place(places, layer, weights, biases, weights_object, biases_object):
    """Say where a layer's gradient, or its new parameters, go to: arrays, and `id` of each."""
    row = layer * PLACES
    put(places, row + WEIGHTS, weights.ctypes.data)
    put(places, row + BIASES, biases.ctypes.data)
    put(places, row + WEIGHTS_OBJECT, weights_object)
    put(places, row + BIASES_OBJECT, biases_object)
    put(places, row + WEIGHTS_TYPE, type_at(places, weights_object))
    put(places, row + BIASES_TYPE, type_at(places, biases_object))


@brief_kernel
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
    if not (are_as_noted(table, scratch) and _take(table, scratch, 0, x)):
        return False
    forward(table, scratch, 1)
    last = layer_of(table, scratch, table.shape[0] - 1)
    copy_numbers(last.a, pointer(out), last.fan_out)
    finite = are_finite(last.a, last.fan_out, pointer(scratch))
    return finite and not is_spread(last.code, last.d, last.fan_out)


@kernel
def gradient(table, scratch, x, y, targets, cost, places):
    """Write dC/db and dC/dw of an example to the new arrays.

    Returns False if it does not fit, if it or an error delta is not finite, or if a softmax output
    may be too small for `exp`.
    """
    if not (are_as_noted(table, scratch) and _take_pair(table, scratch, 0, x, y, targets)):
        return False
    forward(table, scratch, 1)
    last = layer_of(table, scratch, table.shape[0] - 1)
    spread = is_spread(last.code, last.d, last.fan_out)
    output_errors(table, scratch, 1, targets, cost)
    finite = backward(table, scratch, 1)
    _put_gradient(table, scratch, places)
    return finite and not spread


@kernel
def descend(table, scratch, examples, targets, cost, step, places):
    """Write the parameters after one step on the examples taken; False if errors are not finite."""
    if not are_as_noted(table, scratch):
        return False
    forward(table, scratch, examples)
    output_errors(table, scratch, examples, targets, cost)
    finite = backward(table, scratch, examples)
    _put_step(table, scratch, examples, step, places)
    return finite


@kernel
def last_layer(table, scratch, z, a):
    """Write z and a of the last layer to arrays (examples, outputs, 1), for the examples taken.

    Returns False if an output is not finite, or if one of softmax may be too small for `exp`.
    """
    if not are_as_noted(table, scratch):
        return False
    examples = z.shape[0]
    forward(table, scratch, examples)
    last = layer_of(table, scratch, table.shape[0] - 1)
    z_at, a_at = pointer(z), pointer(a)
    for e in range(examples):
        start = e * last.out_stride
        z_of_one, a_of_one = offset(last.d, start), offset(last.a, start)
        if not are_finite(a_of_one, last.fan_out, pointer(scratch)):
            return False
        if is_spread(last.code, z_of_one, last.fan_out):
            return False
        copy_numbers(z_of_one, offset(z_at, e * last.fan_out), last.fan_out)
        copy_numbers(a_of_one, offset(a_at, e * last.fan_out), last.fan_out)
    return True


@kernel
def gradient_by(table, scratch, errors, places):
    """Write dC/db and dC/dw of the example after `last_layer`, by its delta^L (1, outputs)."""
    if not are_as_noted(table, scratch):
        return False
    given_errors(table, scratch, errors)
    backward(table, scratch, 1)
    _put_gradient(table, scratch, places)
    return True


@kernel
def descend_by(table, scratch, errors, step, places):
    """Write the parameters after a step, by delta^L (examples, outputs), after `last_layer`."""
    if not are_as_noted(table, scratch):
        return False
    given_errors(table, scratch, errors)
    backward(table, scratch, errors.shape[0])
    _put_step(table, scratch, errors.shape[0], step, places)
    return True


@kernel
def count_right(table, scratch, examples, targets):
    """Count the examples taken that are answered right; -1 if an output is not finite."""
    if not are_as_noted(table, scratch):
        return -1
    forward(table, scratch, examples)
    last = layer_of(table, scratch, table.shape[0] - 1)
    y = offset(pointer(scratch), targets)
    right = 0
    for e in range(examples):
        out, target = offset(last.a, e * last.out_stride), offset(y, e * last.out_stride)
        if not are_finite(out, last.fan_out, pointer(scratch)):
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
    if not are_as_noted(table, scratch):
        return np.nan
    forward(table, scratch, examples)
    last = layer_of(table, scratch, table.shape[0] - 1)
    room, y = pointer(terms), offset(pointer(scratch), targets)
    kind, mean, squares = Kind(cost, last.code), 0.0, 0.0
    for e in range(examples):
        start = e * last.out_stride
        if not are_finite(offset(last.a, start), last.fan_out, pointer(scratch)):
            return np.nan
        z, target = offset(last.d, start), offset(y, start)
        mean += cost_of(kind, z, target, last.fan_out, room) / examples
    for number in range(table.shape[0]):
        layer = layer_of(table, scratch, number)
        squares += all_squares(layer.w, layer.fan_in * layer.fan_out, room)
    return mean + decay * squares


# What they write -----------------------------------------------------------------------------


@helper
def _put_gradient(table, scratch, places):
    for number in range(table.shape[0]):
        layer = layer_of(table, scratch, number)
        copy_numbers(layer.d, new_biases_of(places, scratch, number), layer.fan_out)
        write_gradient(layer, new_weights_of(places, scratch, number))


@helper
def _put_step(table, scratch, examples, step, places):
    for number in range(table.shape[0]):
        layer = layer_of(table, scratch, number)
        step_of_biases(layer, new_biases_of(places, scratch, number), examples, step)
        new_w = new_weights_of(places, scratch, number)
        for j in range(layer.fan_out):
            step_of_row(layer, new_w, j, examples, step)


# What they take ------------------------------------------------------------------------------


@inlined
def _take_pair(table, scratch, e, x, y, targets):
    last = layer_of(table, scratch, table.shape[0] - 1)
    at = offset(pointer(scratch), targets + e * last.out_stride)
    return _take(table, scratch, e, x) and _take_target(at, y, last.fan_out)


@helper
def _take(table, scratch, e, x):
    first = layer_of(table, scratch, 0)
    if x.shape[0] != first.fan_in or x.shape[1] != 1:
        return False
    row = offset(first.x, e * first.in_stride)
    source = pointer(x)
    for i in range(first.fan_in):
        put(row, i, element(source, i))
    # The first 16 numbers of the scratch are room for sums.
    return are_finite(row, first.fan_in, pointer(scratch))


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
