"""Mini-batches with weights, and the loss that is met on the way: what the estimators' epoch adds.

`epoch.train_by` calls these functions. They differ from plain SGD in three ways, which are
scikit-learn's. What is summed over a mini-batch is divided by the weight of all its examples. The
penalty on large weights is divided by that too, and not by the length of the whole data, so that a
short last mini-batch has another one. The loss of a mini-batch is added up before the step that it
leads to.

Where `weighing` is None, as in network2's SGD, a mini-batch weighs as much as it has examples.
"""

from __future__ import annotations

from collections import namedtuple

from .activations import EXPONENTIAL, IDENTITY, SOFTMAX
from .arguments import weight_of
from .compiling import ZERO, helper, inlined, smaller
from .costs import cost_terms
from .inputs import half_begin
from .layout import BLOCK, CODE, FAN_OUT, STRIDE
from .optimisers import Rates
from .outputs import own_examples
from .panels import NARROW, WIDE
from .places import activations_of, entry, targets_of, weights_of
from .simd import (
    element,
    keep_first,
    load,
    offset,
    pointer,
    put,
    select_greater,
    splat,
    widen,
    zeros,
)
from .simd.functions import log
from .sums import squares_of, sum_lanes

# `of_batches` is the weight of all examples of every mini-batch, of which there are `batches`;
# `first_batch` is the first one that weighs something.
Weighing = namedtuple("Weighing", "of_batches batches first_batch losses")

# What is added up: totals[0] the losses of the examples, totals[1] the penalties alpha / 2 sum w^2,
# each mini-batch divided by its weight and multiplied by its length. The threads of a team share
# room for the `count` `pieces` of sum w^2, and for the losses `of_examples` of a block. Each puts
# its part there; then they meet, and each adds up all. `terms` is a thread's own room for 16
# numbers. Probabilities nearer to 0 or 1 than `least` count as that near, so that no logarithm is
# infinite.
Losses = namedtuple("Losses", "totals pieces count of_examples terms least")


def pieces_of(table) -> int:
    """In how many parts sum w^2 is added up: two for every panel of columns."""
    return 2 * sum(-(-int(stride) // WIDE) for stride in table[:, STRIDE])


@inlined
def bare_weighing(weighing):
    """The same with pointers for arrays, or None."""
    if weighing is None:
        return None
    losses = weighing.losses
    totals, pieces, terms = pointer(losses.totals), pointer(losses.pieces), pointer(losses.terms)
    of_examples = pointer(losses.of_examples)
    bare_losses = Losses(totals, pieces, losses.count, of_examples, terms, losses.least)
    of_batches, batches = pointer(weighing.of_batches), weighing.batches
    return Weighing(of_batches, batches, weighing.first_batch, bare_losses)


@inlined
def batch_weight(weighing, batch, examples):
    """The weight of a mini-batch: of its examples, or how many they are."""
    return float(examples) if weighing is None else element(weighing.of_batches, batch)


@inlined
def first_batch(weighing):
    """The first mini-batch that weighs something."""
    return ZERO if weighing is None else weighing.first_batch


@helper
def next_weight(weighing, batch, examples):
    """The weight of the first mini-batch from `batch` on that has one; 0 if there is none.

    Without weights, return how many `examples` are left.
    """
    if weighing is None:
        return float(examples)
    while batch < weighing.batches and element(weighing.of_batches, batch) == 0.0:
        batch += 1
    return element(weighing.of_batches, batch) if batch < weighing.batches else 0.0


@inlined
def rates_of(weighing, rates, weight):
    """The rates of a mini-batch of this weight, by which the penalty is divided too."""
    if weighing is None:
        return rates
    return Rates(rates.eta, rates.l2 / weight, rates.l1, 1.0, rates.batches_before)


@inlined
def note_losses(net, cost, block, weights, losses):
    """Note the losses of this thread's examples of a block, times their weights."""
    begin, end = own_examples(net, block.examples)
    for e in range(begin, end):
        loss = _loss(net, cost, e, losses.least, losses.terms)
        put(losses.of_examples, e, weight_of(weights, block, e) * loss)


@inlined
def add_losses(examples, losses, share):
    """Add the losses that have been noted of a block, times `share`.

    They are added up for `BLOCK` examples at a time, however many the block has.
    """
    for begin in range(0, examples, BLOCK):
        met = 0.0
        for e in range(begin, smaller(begin + BLOCK, examples)):
            met += element(losses.of_examples, e)
        put(losses.totals, 0, element(losses.totals, 0) + met * share)


@inlined
def add_penalty(losses, alpha, share):
    """Add alpha / 2 sum w^2, times `share`, from the pieces that `note_squares` has left."""
    squares = 0.0
    for piece in range(losses.count):
        squares += element(losses.pieces, piece)
    put(losses.totals, 1, element(losses.totals, 1) + 0.5 * alpha * squares * share)


@helper
def _loss(net, cost, e, least, terms):
    """The loss of one example, in float64 from its outputs a: numbers as they are.

    Sigmoid's and softmax's are probabilities, which are brought between `least` and 1 - `least`.
    """
    last = net.plan.layers - 1
    a, y = activations_of(net, last), targets_of(net)
    width, code = entry(net, last, FAN_OUT), entry(net, last, CODE)
    total = zeros(terms, NARROW)
    for column in range(0, a.stride, NARROW):
        place = e * a.stride + column
        out = widen(load(zeros(a.at, NARROW), a.at, place))
        target = widen(load(zeros(y.at, NARROW), y.at, place))
        if code != IDENTITY and code != EXPONENTIAL:
            out = _between(out, splat(out, least), splat(out, 1.0 - least))
        if code == SOFTMAX:
            out = log(out)
        total = total + keep_first(cost_terms(cost, out, target), width - column)
    return sum_lanes(total, terms)


@helper
def note_squares(net, losses):
    """Put sum w^2, in float64, of every panel of columns and half of the inputs into `pieces`.

    The threads of a team take them in turn; none changes weights meanwhile.
    """
    piece = ZERO
    for layer in range(net.plan.layers):
        w = weights_of(net, layer)
        for column in range(0, w.stride, WIDE):
            lanes = smaller(WIDE, w.stride - column)
            for half in range(2):
                if piece % net.team.size == net.team.rank:
                    begin, end = half_begin(w.rows, half), half_begin(w.rows, half + 1)
                    at = offset(w.at, column * w.rows + begin * lanes)
                    squares = squares_of(at, (end - begin) * lanes, losses.terms)
                    put(losses.pieces, piece, squares)
                piece += 1


@helper
def _between(x, low, high):
    """x, but not below `low` nor above `high`; nan stays nan."""
    x = select_greater(low, x, low, x)
    return select_greater(x, high, high, x)
