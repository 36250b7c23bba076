"""What surrounds an epoch on a few examples: their numbers checked, parameters copied in and out.

With NumPy this takes longer than the epoch. Arrays are in C order.
"""

from __future__ import annotations

from .compiling import helper, inlined, kernel, smaller
from .layout import BIASES, COLUMNS, FAN_IN, FAN_OUT, STRIDE, WEIGHTS
from .panels import WIDE
from .simd import element, offset, pointer, put


@kernel
def count_used(inputs, answers):
    """How many inputs are not zero; -1 if a number in one of the two arrays is not finite."""
    if not (_are_finite(inputs) and _are_finite(answers)):
        return -1
    at = pointer(inputs)
    used = 0
    for k in range(inputs.size):
        if element(at, k) != 0.0:
            used += 1
    return used


@kernel
def find_labels(answers, labels):
    """Write the labels of unit vectors, one after the other; False if one is something else."""
    width = answers.size // labels.size
    to = pointer(labels)
    for example in range(labels.size):
        vector = offset(pointer(answers), example * width)
        ones = 0
        for j in range(width):
            value = element(vector, j)
            if value == 1.0:
                ones += 1
                put(to, example, j)
            elif value != 0.0:
                return False
        if ones != 1:
            return False
    return True


@kernel
def pack_layer(table, layer, parameters, weights, biases):
    """Copy a layer's weights (outputs, inputs) and biases (outputs, 1) among the parameters."""
    width = _entry(table, layer, STRIDE)
    fan_out = _entry(table, layer, FAN_OUT)
    for j in range(width):
        row, step = _place_of(table, layer, parameters, j)
        source = offset(pointer(weights), j * _entry(table, layer, FAN_IN))
        for i in range(_entry(table, layer, FAN_IN)):
            put(row, i * step, element(source, i) if j < fan_out else 0.0)
    to = offset(pointer(parameters), _entry(table, layer, BIASES))
    for j in range(fan_out):
        put(to, j, element(pointer(biases), j))


@kernel
def unpack_layer(table, layer, parameters, weights, biases):
    """Copy a layer's weights and biases out; say whether all are finite."""
    for j in range(_entry(table, layer, FAN_OUT)):
        row, step = _place_of(table, layer, parameters, j)
        to = offset(pointer(weights), j * _entry(table, layer, FAN_IN))
        for i in range(_entry(table, layer, FAN_IN)):
            put(to, i, element(row, i * step))
    source = offset(pointer(parameters), _entry(table, layer, BIASES))
    for j in range(_entry(table, layer, FAN_OUT)):
        put(pointer(biases), j, element(source, j))
    return _are_finite(weights) and _are_finite(biases)


@helper
def _are_finite(array):
    at = pointer(array)
    fine = True
    for k in range(array.size):
        value = element(at, k)
        fine = fine and value - value == 0.0
    return fine


@helper
def _place_of(table, layer, parameters, neuron):
    """Where the weights of a neuron begin, and how far apart they are (see `panels.Panels`)."""
    column = neuron // WIDE * WIDE
    step = smaller(WIDE, _entry(table, layer, STRIDE) - column)
    panel = _entry(table, layer, WEIGHTS) + column * _entry(table, layer, FAN_IN)
    return offset(pointer(parameters), panel + neuron - column), step


@inlined
def _entry(table, layer, column):
    return element(pointer(table), layer * COLUMNS + column)
