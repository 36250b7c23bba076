"""The epoch of the estimators: examples with weights, and the loss that is met on the way.

It differs from `epoch.train_by` in three ways, which are scikit-learn's. Every example has a
weight, and what is summed over a mini-batch is divided by the weight of all its examples. The
penalty on large weights is divided by that too, and not by the length of the whole data, so that it
is another in a short last mini-batch. The loss of a mini-batch is added up before the step that it
leads to.
"""

from __future__ import annotations

from collections import namedtuple

from .compiling import helper, inlined, kernel, smaller
from .dense import NARROW, WIDE, scale
from .inputs import bare_inputs, bare_order, half_begin
from .layout import (
    END,
    FAN_IN,
    FAN_OUT,
    FIRST_HALF,
    HALF,
    HALVES_END,
    OWN,
    STRIDE,
    activations_of,
    all_weights_of,
    bare,
    deltas_of,
    entry,
    in_half,
    targets_of,
)
from .optimisers import Rates, Step, in_room, sum_factor, update
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
from .simd.functions import log
from .step import accumulate, backward, forward

# Learning rate, alpha (the L2 penalty is alpha / 2 sum w^2), and the steps taken before this epoch.
Descent = namedtuple("Descent", "eta alpha steps_before")

# The weight of every stored example, and that of all examples of every mini-batch; which of these
# is the first that weighs something.
Weighing = namedtuple("Weighing", "examples batches first")

# What is added up: totals[0] the losses of the examples, totals[1] the penalties, each mini-batch
# divided by its weight and multiplied by its length. `pieces`, which the threads of a team share,
# is room for two times `pieces_of` parts of sum w^2, used in turn, for a thread may be ahead by as
# much as a meeting; `terms` is room for 16 numbers. Probabilities nearer to 0 or 1 than `least`
# count as that near, so that no logarithm is infinite.
Losses = namedtuple("Losses", "totals pieces terms least")


def pieces_of(table) -> int:
    """In how many parts sum w^2 is added up: two for every panel of columns."""
    return 2 * sum(-(-int(stride) // WIDE) for stride in table[:, STRIDE])


@kernel
def train_weighted(
    rule, descent, room, net, inputs, targets, cost, order, weighing, losses, begin, end, size
):
    """Train on examples order[begin:end] in mini-batches of `size`, the last one short.

    A mini-batch whose examples weigh nothing is passed over. A call may begin and end with any
    block of a mini-batch. Returns where the last block ended. The threads of a team each call it,
    with their `net`, `room` and `losses`, and all come to the same losses.
    """
    n = order.size
    network, examples = bare(net), bare_inputs(inputs)
    wanted, rows = pointer(targets), bare_order(order)
    gradient, first, second = in_room(network, room)
    weights, batches = pointer(weighing.examples), pointer(weighing.batches)
    totals, pieces, terms = pointer(losses.totals), pointer(losses.pieces), pointer(losses.terms)
    all_pieces = losses.pieces.size // 2
    position = begin
    half = FIRST_HALF
    while position < end:
        now = in_half(network, half)
        batch = position // size
        batch_begin, batch_end = batch * size, smaller((batch + 1) * size, n)
        weight = element(batches, batch)
        if weight == 0.0:
            position = batch_end
            continue
        count = smaller(network.capacity, batch_end - position)
        share = (batch_end - batch_begin) / weight
        step = Step(_rates(descent, weight), batch)
        if position == batch_begin:
            if batch == weighing.first:
                rates = step.rates
                update(rule, step, rates, network, gradient, first, second, False, True)
            _note_squares(network, offset(pieces, half * all_pieces), terms)
        forward(now, examples, 0, rows, position, count)
        if position == batch_begin:  # in forward the threads of a team have met
            squares = 0.0
            for piece in range(all_pieces):
                squares += element(pieces, half * all_pieces + piece)
            put(totals, 1, element(totals, 1) + 0.5 * descent.alpha * squares * share)
        gather_targets(now, wanted, rows, position, count)
        factor = sum_factor(rule, descent.eta, weight)
        met = 0.0
        for e in range(count):
            own = element(weights, element(rows.at, position + e))
            met += own * _loss(now, cost, e, losses.least, terms)
        put(totals, 0, element(totals, 0) + met * share)
        output_delta(now, cost, count)
        d = deltas_of(now, network.layers - 1)
        for e in range(count):
            own = element(weights, element(rows.at, position + e))
            scale(offset(d.at, e * d.stride), d.stride, own * factor)
        backward(now, count)
        accumulate(now, gradient, examples, rows, position, count)
        position += count
        half = 1 - half
        if position == batch_end:
            next_weight = _next_weight(batches, batch + 1, weighing.batches.size)
            more = next_weight != 0.0
            following = _rates(descent, next_weight) if more else step.rates
            update(rule, step, following, network, gradient, first, second, True, more)
    return position


@inlined
def _rates(descent, weight):
    """The rates of a mini-batch of this weight."""
    return Rates(descent.eta, descent.alpha / weight, 0.0, descent.steps_before)


@helper
def _next_weight(batches, batch, count):
    """The weight of the first mini-batch from `batch` on that has one; 0 if there is none."""
    while batch < count and element(batches, batch) == 0.0:
        batch += 1
    return element(batches, batch) if batch < count else 0.0


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
def _note_squares(net, pieces, terms):
    """sum w^2, in float64, of every panel of columns, by halves of the inputs; its own of them.

    Of layers that are not split all threads write the same.
    """
    piece = 0
    for layer in range(net.layers):
        w, rows = all_weights_of(net, layer), entry(net, layer, FAN_IN)
        for column in range(0, entry(net, layer, STRIDE), WIDE):
            lanes = smaller(WIDE, entry(net, layer, STRIDE) - column)
            for half in range(2):
                own = entry(net, layer, OWN) <= column < entry(net, layer, END)
                if own and entry(net, layer, HALF) <= half < entry(net, layer, HALVES_END):
                    first, last = half_begin(rows, half), half_begin(rows, half + 1)
                    at = offset(w, column * rows + first * lanes)
                    put(pieces, piece, _squares(at, (last - first) * lanes, terms))
                piece += 1


@helper
def _squares(values, count, terms):
    """The sum of squares of so many numbers, a multiple of 16."""
    sum0 = sum1 = zeros(terms, NARROW)
    k = 0
    while k + 2 * NARROW <= count:  # two chains, which hide each other's latency
        value0 = widen(load(zeros(values, NARROW), values, k))
        value1 = widen(load(zeros(values, NARROW), values, k + NARROW))
        sum0, sum1 = fma(value0, value0, sum0), fma(value1, value1, sum1)
        k += 2 * NARROW
    if k < count:
        value0 = widen(load(zeros(values, NARROW), values, k))
        sum0 = fma(value0, value0, sum0)
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
