"""The network's answers on many examples: outputs, correct ones, mean cost."""

from __future__ import annotations

from numba import types
from numba.extending import overload

from .compiling import helper, kernel
from .dense import NARROW
from .inputs import prefetch_example
from .layout import FAN_OUT, activations_of, deltas_of, targets_of
from .outputs import CROSS_ENTROPY, gather_targets
from .simd import element, load, splat, store, widen, zeros
from .step import forward
from .vector_math import log, sigmoid


@kernel
def outputs(net, inputs, order, begin, end, out):
    """Write the output activations of examples order[begin:end] to the rows begin:end of `out`."""
    last = net.table.shape[0] - 1
    a = activations_of(net, last)
    for position in range(begin, end, net.capacity):
        examples = min(net.capacity, end - position)
        forward(net, inputs, order, position, examples)
        for e in range(examples):
            for j in range(net.table[last, FAN_OUT]):
                out[position + e, j] = a.values[a.start + e * a.stride + j]


@kernel
def evaluate(net, inputs, targets, cost, with_cost, order, begin, end, correct, mean_cost, terms):
    """Go on evaluating with examples order[begin:end]: add the correct ones and the costs over n.

    Correct means that the first largest output is where the first largest target is; n is
    order.size. `terms` is room for one example's terms of the cost, as many float64 as the output
    stride.
    """
    last = net.table.shape[0] - 1
    width = net.table[last, FAN_OUT]
    a, y = activations_of(net, last), targets_of(net)
    for position in range(begin, end, net.capacity):
        examples = min(net.capacity, end - position)
        for e in range(position + examples, min(position + 2 * examples, end)):
            prefetch_example(inputs, element(order, e))
        forward(net, inputs, order, position, examples)
        gather_targets(targets, order, position, examples, y, width)
        for e in range(examples):
            place = e * a.stride
            if _first_largest(a, place, width) == _first_largest(y, place, width):
                correct += 1
            if with_cost:
                mean_cost += _example_cost(net, cost, e, width, terms) / order.size
    return correct, mean_cost


@helper
def _first_largest(rows, place, width):
    best = 0
    largest = element(rows.values, rows.start + place)
    for j in range(1, width):
        value = element(rows.values, rows.start + place + j)
        if value > largest:
            largest = value
            best = j
    return best


@helper
def _built_in_cost(net, cost, e, width, terms):
    """Cross-entropy (the book's eq. 63) or quadratic cost (eq. 6) of one example, in float64.

    As in network2, a term that is not a number counts as 0 and an infinite one as the largest
    float.
    """
    last = net.table.shape[0] - 1
    z, y = deltas_of(net, last), targets_of(net)
    for column in range(0, z.stride, NARROW):
        like = zeros(z.values, 16)
        weighted = widen(load(like, z.values, z.start + e * z.stride + column))
        target = widen(load(like, y.values, y.start + e * y.stride + column))
        out = sigmoid(weighted)
        one = splat(out, 1.0)
        if cost == CROSS_ENTROPY:
            rest = (one - target) * log(one - out)
            store(terms, column, splat(out, 0.0) - target * log(out) - rest)
        else:
            error = out - target
            store(terms, column, splat(out, 0.5) * error * error)
    total = 0.0
    for j in range(width):
        term = element(terms, j)
        if term == term:
            total += min(term, 1.7976931348623157e308)
    return total


@helper
def _user_cost(net, cost, e, width, terms):
    last = net.table.shape[0] - 1
    a, y = activations_of(net, last), targets_of(net)
    start = e * a.stride
    a_column = a.values[a.start + start : a.start + start + width].reshape((width, 1))
    y_column = y.values[y.start + start : y.start + start + width].reshape((width, 1))
    return cost(a_column, y_column)


def _example_cost(net, cost, e, width, terms):
    form = _user_cost if callable(cost) else _built_in_cost
    return form(net, cost, e, width, terms)


@overload(_example_cost)
def _example_cost_overload(net, cost, e, width, terms):
    if isinstance(cost, types.Integer):
        return lambda net, cost, e, width, terms: _built_in_cost(net, cost, e, width, terms)
    return lambda net, cost, e, width, terms: _user_cost(net, cost, e, width, terms)
