"""The epoch of the estimators: examples with weights, and the loss that is met on the way.

It differs from `epoch.train_by` in three ways, which are scikit-learn's. Every example has a
weight, and what is summed over a mini-batch is divided by the weight of all its examples. The
penalty on large weights is divided by that too, and not by the length of the whole data, so that it
is another in a short last mini-batch. The loss of a mini-batch is added up before the step that it
leads to.
"""

from __future__ import annotations

from collections import namedtuple

from .compiling import helper, kernel
from .dense import NARROW, scale
from .inputs import bare_inputs, bare_order
from .layout import FAN_OUT, activations_of, bare, deltas_of, entry, targets_of, weights_of
from .optimisers import Rates, Step, sum_factor, update
from .outputs import CROSS_ENTROPY, QUADRATIC, gather_targets, output_delta
from .simd import (
    element,
    fma,
    keep_first,
    load,
    offset,
    pointer,
    put,
    select_greater,
    splat,
    store,
    widen,
    zeros,
)
from .step import accumulate, backward, forward
from .vector_math import log

# Learning rate, alpha (the L2 penalty is alpha / 2 sum w^2), and the steps taken before this epoch.
Descent = namedtuple("Descent", "eta alpha steps_before")

# The weight of every stored example, and that of all examples of every mini-batch.
Weighing = namedtuple("Weighing", "examples batches")

# What is added up: totals[0] the losses of the examples, totals[1] the penalties, each mini-batch
# divided by its weight and multiplied by its length. `terms` is room for 16 numbers. Probabilities
# nearer to 0 or 1 than `least` count as that near, so that no logarithm is infinite.
Losses = namedtuple("Losses", "totals terms least")


@kernel
def train_weighted(
    rule, descent, room, net, inputs, targets, cost, order, weighing, losses, begin, end, size
):
    """Train on examples order[begin:end] in mini-batches of `size`, the last one short.

    A mini-batch whose examples weigh nothing is passed over. A call may begin and end with any
    block of a mini-batch. Returns where the last block ended.
    """
    n = order.size
    network, examples = bare(net), bare_inputs(inputs)
    wanted, rows = pointer(targets), bare_order(order)
    gradient, first, second = bare(room.gradient), bare(room.first), bare(room.second)
    weights, batches = pointer(weighing.examples), pointer(weighing.batches)
    totals, terms = pointer(losses.totals), pointer(losses.terms)
    position = begin
    while position < end:
        batch = position // size
        batch_begin, batch_end = batch * size, min((batch + 1) * size, n)
        weight = element(batches, batch)
        if weight == 0.0:
            position = batch_end
            continue
        count = min(network.capacity, batch_end - position)
        share = (batch_end - batch_begin) / weight
        rates = Rates(descent.eta, descent.alpha / weight, 0.0, descent.steps_before)
        step = Step(rates, batch)
        if position == batch_begin:
            update(rule, step, network, gradient, first, second, False, True)
            squares = _squares(network, terms)
            put(totals, 1, element(totals, 1) + 0.5 * descent.alpha * squares * share)
        forward(network, examples, 0, rows, position, count)
        gather_targets(network, wanted, rows, position, count)
        factor = sum_factor(rule, rates.eta, weight)
        met = 0.0
        for e in range(count):
            own = element(weights, element(rows.at, position + e))
            met += own * _loss(network, cost, e, losses.least, terms)
        put(totals, 0, element(totals, 0) + met * share)
        output_delta(network, cost, count)
        d = deltas_of(network, network.layers - 1)
        for e in range(count):
            own = element(weights, element(rows.at, position + e))
            scale(offset(d.at, e * d.stride), d.stride, own * factor)
        backward(network, count)
        accumulate(network, gradient, examples, rows, position, count)
        position += count
        if position == batch_end:
            update(rule, step, network, gradient, first, second, True, False)
    return position


@helper
def _loss(net, cost, e, least, terms):
    """The loss of one example, in float64 from its outputs a.

    Half the squared error, -y ln a of softmax, or -y ln a - (1 - y) ln(1 - a) of sigmoids.
    """
    last = net.layers - 1
    a, y = activations_of(net, last), targets_of(net)
    width = entry(net, last, FAN_OUT)
    total = zeros(terms, NARROW)
    for column in range(0, a.stride, NARROW):
        place = e * a.stride + column
        out = widen(load(zeros(a.at, NARROW), a.at, place))
        target = widen(load(zeros(y.at, NARROW), y.at, place))
        if cost == QUADRATIC:
            error = out - target
            loss = splat(error, 0.5) * error * error
        else:
            one = splat(out, 1.0)
            out = _between(out, splat(out, least), splat(out, 1.0 - least))
            loss = splat(out, 0.0) - target * log(out)
            if cost == CROSS_ENTROPY:
                loss = loss - (one - target) * log(one - out)
        total = total + keep_first(loss, width - column)
    return _sum(total, terms)


@helper
def _squares(net, terms):
    """sum w^2 of all layers, in float64."""
    sum0 = sum1 = zeros(terms, NARROW)
    for layer in range(net.layers):
        w = weights_of(net, layer)
        count = w.rows * w.stride
        k = 0
        while k + 2 * NARROW <= count:  # two chains, which hide each other's latency
            w0 = widen(load(zeros(w.at, NARROW), w.at, k))
            w1 = widen(load(zeros(w.at, NARROW), w.at, k + NARROW))
            sum0, sum1 = fma(w0, w0, sum0), fma(w1, w1, sum1)
            k += 2 * NARROW
        if k < count:
            w0 = widen(load(zeros(w.at, NARROW), w.at, k))
            sum0 = fma(w0, w0, sum0)
    return _sum(sum0 + sum1, terms)


@helper
def _between(x, low, high):
    """What is not a number stays so."""
    x = select_greater(low, x, low, x)
    return select_greater(x, high, high, x)


@helper
def _sum(lanes, terms):
    """The sum of 16 lanes, from the first on."""
    store(terms, 0, lanes)
    total = 0.0
    for j in range(NARROW):
        total += element(terms, j)
    return total
