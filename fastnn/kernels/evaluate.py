"""The network's answers on many examples: outputs, correct ones, mean cost, slopes."""

from __future__ import annotations

from collections import namedtuple

from .activations import SOFTMAX, activation
from .arguments import Block, bare_data, bare_order
from .compiling import helper, inlined, kernel, smaller
from .costs import cost_terms, counted
from .dense import add_rows
from .inputs import bare_inputs
from .layout import CODE, FAN_OUT, FIRST_LAYER, STRIDE
from .neurons import largest_of, times_slope
from .outputs import gather_targets
from .own import call_own, is_own
from .panels import NARROW
from .places import (
    activations_of,
    area_of,
    bare,
    biases_of,
    deltas_of,
    entry,
    targets_of,
    with_parameters,
)
from .simd import element, load, offset, pointer, splat, store, widen, zeros
from .simd.functions import exp, log
from .step import forward

# The sums that `evaluate` goes on with.
Score = namedtuple("Score", "correct mean_cost")

# Codes: of a built-in cost, and of the activation of the output layer.
Kind = namedtuple("Kind", "cost output")


@kernel
def outputs(net, inputs, custom, order, begin, end, out):
    """Write the output activations of examples order[begin:end] to the rows begin:end of `out`.

    Returns whether z of the first neuron is finite for all of them. It is not where an input is
    not: infinity times a weight, even 0, and all that is added to that, is infinite or nan.
    """
    network, stored, places = bare(net), bare_inputs(inputs), bare_order(order)
    z, a = deltas_of(network, FIRST_LAYER), activations_of(network, network.plan.layers - 1)
    finite = True
    for first in range(begin, end, network.plan.capacity):
        block = Block(places, first, smaller(network.plan.capacity, end - first))
        forward(network, stored, custom, block)
        for e in range(block.examples):
            weighted = element(z.at, e * z.stride)
            finite = finite and weighted - weighted == 0.0
            for j in range(out.shape[1]):
                out[first + e, j] = element(a.at, e * a.stride + j)
    return finite


@kernel
def evaluate(net, data, functions, begin, end, score, terms):
    """Go on evaluating with examples order[begin:end]: add the correct ones, and the costs over n.

    Correct means that the first largest output is where the first largest target is; or, for one
    output, that both are above 0.5 or neither. n is the size of the order. `terms` is room for one
    example's terms of the cost, as many float64 as the output stride. Returns both sums.
    """
    network, stored = bare(net), bare_data(data)
    correct, mean_cost = score.correct, score.mean_cost
    last = network.plan.layers - 1
    width = entry(network, last, FAN_OUT)
    a, y = activations_of(network, last), targets_of(network)
    for first in range(begin, end, network.plan.capacity):
        block = Block(stored.order, first, smaller(network.plan.capacity, end - first))
        forward(network, stored.inputs, functions.custom, block)
        gather_targets(network, stored.targets, block)
        for e in range(block.examples):
            out, target = offset(a.at, e * a.stride), offset(y.at, e * y.stride)
            if answer_of(out, width) == answer_of(target, width):
                correct += 1
            cost = _example_cost(network, functions.cost, e, pointer(terms))
            mean_cost += cost / stored.order.size
    # A named tuple is made by Python code, and Ctrl-C while Numba runs that ends the process.
    return correct, mean_cost


@kernel
def add_slopes(net, total, inputs, custom, order, begin, end):
    """Add the slopes f'(z) of all neurons for order[begin:end] to where `total` has biases."""
    network, stored, places = bare(net), bare_inputs(inputs), bare_order(order)
    sums = with_parameters(network, total)
    for first in range(begin, end, network.plan.capacity):
        examples = smaller(network.plan.capacity, end - first)
        forward(network, stored, custom, Block(places, first, examples))
        for layer in range(network.plan.layers):
            slopes = deltas_of(network, layer)
            for k in range(0, examples * slopes.stride, NARROW):
                store(slopes.at, k, splat(zeros(slopes.at, 16), 1.0))
            times_slope(network, layer, area_of(network, layer, examples))
            columns = entry(network, layer, STRIDE)
            add_rows(slopes, columns, biases_of(sums, layer), examples)


@helper
def answer_of(values, count):
    """The first largest of several values; of one, whether it is above 0.5."""
    best = 0
    largest = element(values, 0)
    if count == 1:
        return 1 if largest > 0.5 else 0
    for j in range(1, count):
        value = element(values, j)
        # As NumPy's argmax, take the first that is not a number for the largest.
        if value > largest or (value != value and largest == largest):
            largest = value
            best = j
    return best


@helper
def _built_in_cost(net, cost, e, terms):
    """The cost of one example; its terms go to `terms`."""
    last = net.plan.layers - 1
    z, y = deltas_of(net, last), targets_of(net)
    weighted, target = offset(z.at, e * z.stride), offset(y.at, e * y.stride)
    kind = Kind(cost, entry(net, last, CODE))
    return cost_of(kind, weighted, target, entry(net, last, FAN_OUT), terms)


@helper
def cost_of(kind, weighted, target, width, terms):
    """A built-in cost of one example, in float64 from the weighted inputs z of the output layer.

    `weighted` and `target` have `width` numbers, padded to a multiple of 16; `terms` is room for as
    many.
    """
    for_softmax = kind.output == SOFTMAX
    if for_softmax:
        log_softmax(weighted, width, terms)
    for column in range(0, width, NARROW):
        wanted = widen(load(zeros(target, 16), target, column))
        if for_softmax:
            out = load(wanted, terms, column)
        else:
            out = activation(kind.output, widen(load(zeros(weighted, 16), weighted, column)))
        store(terms, column, counted(kind.cost, cost_terms(kind.cost, out, wanted)))
    total = 0.0
    for j in range(width):
        total += element(terms, j)
    return total


@helper
def log_softmax(weighted, width, out):
    """ln a_j = z_j - max z - ln sum_k exp(z_k - max z) of softmax, in float64: no overflow."""
    largest = largest_of(weighted, width)
    for column in range(0, width, NARROW):
        z = widen(load(zeros(weighted, 16), weighted, column))
        store(out, column, exp(z - splat(z, largest)))
    total = 0.0
    for j in range(width):
        total += element(out, j)
    store(out, 0, log(splat(zeros(out, 16), total)))
    log_total = element(out, 0)
    for column in range(0, width, NARROW):
        z = load(zeros(weighted, 16), weighted, column)
        below = widen(z - splat(z, largest))  # rounded as z is
        store(out, column, below - splat(below, log_total))


@inlined
def _example_cost(net, cost, e, terms):
    """The cost of one example; 0 where `cost` is `own.NONE`."""
    if is_own(cost):
        last = net.plan.layers - 1
        a, y = activations_of(net, last), targets_of(net)
        width = entry(net, last, FAN_OUT)
        call_own(cost, (offset(a.at, e * a.stride), offset(y.at, e * y.stride), width, terms))
        return element(terms, 0)
    return _built_in_cost(net, cost, e, terms) if cost >= 0 else 0.0
