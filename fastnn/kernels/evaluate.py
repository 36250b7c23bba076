"""The network's answers on many examples: outputs, correct ones, mean cost."""

from __future__ import annotations

from numba import types
from numba.extending import overload

from .compiling import helper, kernel
from .dense import NARROW
from .inputs import bare_inputs, bare_order
from .layout import FAN_OUT, activations_of, bare, deltas_of, entry, targets_of
from .outputs import CROSS_ENTROPY, QUADRATIC, column_at, gather_targets
from .simd import element, load, offset, pointer, splat, store, widen, zeros
from .step import forward
from .vector_math import log, sigmoid

_LARGEST = 1.7976931348623157e308


@kernel
def outputs(net, inputs, order, begin, end, out):
    """Write the output activations of examples order[begin:end] to the rows begin:end of `out`."""
    network, examples, rows = bare(net), bare_inputs(inputs), bare_order(order)
    last = network.layers - 1
    a = activations_of(network, last)
    for first in range(begin, end, network.capacity):
        count = min(network.capacity, end - first)
        forward(network, examples, rows, first, count)
        for e in range(count):
            for j in range(out.shape[1]):
                out[first + e, j] = element(a.at, e * a.stride + j)


@kernel
def evaluate(net, inputs, targets, cost, with_cost, order, begin, end, correct, mean_cost, terms):
    """Go on evaluating with examples order[begin:end]: add the correct ones, and the costs over n.

    Correct means that the first largest output is where the first largest target is; n is
    order.size. `terms` is room for one example's terms of the cost, as many float64 as the output
    stride.
    """
    network, examples = bare(net), bare_inputs(inputs)
    wanted, rows = pointer(targets), bare_order(order)
    last = network.layers - 1
    width = entry(network, last, FAN_OUT)
    a, y = activations_of(network, last), targets_of(network)
    for first in range(begin, end, network.capacity):
        count = min(network.capacity, end - first)
        forward(network, examples, rows, first, count)
        gather_targets(network, wanted, rows, first, count)
        for e in range(count):
            out, target = offset(a.at, e * a.stride), offset(y.at, e * y.stride)
            if _first_largest(out, width) == _first_largest(target, width):
                correct += 1
            if with_cost:
                mean_cost += _example_cost(network, cost, e, pointer(terms)) / order.size
    return correct, mean_cost


@helper
def _first_largest(values, count):
    best = 0
    largest = element(values, 0)
    for j in range(1, count):
        value = element(values, j)
        # As NumPy's argmax, take the first that is not a number for the largest.
        if value > largest or (value != value and largest == largest):
            largest = value
            best = j
    return best


def _built_in_cost(net, cost, e, terms):
    """Cross-entropy (the book's eq. 63) or quadratic cost (eq. 6) of one example, in float64.

    As in network2, a term of the cross-entropy that is not a number counts as 0 and an infinite
    one as the largest float.
    """
    last = net.layers - 1
    z, y = deltas_of(net, last), targets_of(net)
    for column in range(0, z.stride, NARROW):
        like = zeros(z.at, 16)
        weighted = widen(load(like, z.at, e * z.stride + column))
        target = widen(load(like, y.at, e * y.stride + column))
        out = sigmoid(weighted)
        one = splat(out, 1.0)
        if cost == CROSS_ENTROPY:
            rest = (one - target) * log(one - out)
            store(terms, column, splat(out, 0.0) - target * log(out) - rest)
        else:
            error = out - target
            store(terms, column, splat(out, 0.5) * error * error)
    total = 0.0
    for j in range(entry(net, last, FAN_OUT)):
        term = element(terms, j)
        if cost == QUADRATIC:
            total += term
        elif term == term:
            total += min(max(term, -_LARGEST), _LARGEST)
    return total


def _user_cost(net, cost, e, terms):
    last = net.layers - 1
    width = entry(net, last, FAN_OUT)
    a, y = activations_of(net, last), targets_of(net)
    return cost(column_at(a.at, e * a.stride, width), column_at(y.at, e * y.stride, width))


def _example_cost(net, cost, e, terms):
    form = _user_cost if callable(cost) else _built_in_cost
    return form(net, cost, e, terms)


@overload(_example_cost)
def _example_cost_overload(net, cost, e, terms):
    return _built_in_cost if isinstance(cost, types.Integer) else _user_cost
