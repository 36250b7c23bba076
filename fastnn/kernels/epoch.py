"""The fused epoch: forward, backward and update of many mini-batches in one compiled call."""

from __future__ import annotations

from .compiling import FALSE, ZERO, inlined, kernel, smaller
from .dense import scale
from .inputs import bare_inputs, bare_order
from .layout import FIRST_HALF, bare, deltas_of, in_half, with_values
from .optimisers import Step, in_room, sum_factor, update
from .outputs import gather_targets, output_delta
from .simd import pointer
from .step import (
    accumulate,
    accumulate_biases,
    backward,
    descend,
    forward,
    forward_from_sums,
    settle_decay,
    sum_inputs,
    take_turn,
)


@kernel
def train(net, inputs, targets, cost, custom, order, begin, end, mini_batch_size, eta, decay):
    """Train on examples order[begin:end] in mini-batches that fit into the scratch of `net`.

    Plain gradient descent with weight decay, each gradient added to the weights as it comes.
    Mini-batches are order[0 : m], order[m : 2 m] and so on, the last one short; `begin` starts one.
    `decay` is 1 - eta lmbda / n. Returns where the last one ended, at `end` or behind it. The
    threads of a team each call it, with their `net`.
    """
    n = order.size
    network, examples, wanted, rows = _bare_all(net, inputs, targets, order)
    position = begin
    half = FIRST_HALF
    count = _mini_batch_at(position, end, n, mini_batch_size)
    take_turn(network, in_half(network, half), examples, rows, position, ZERO, count, FALSE)
    while count > 0:
        now, after = in_half(network, half), in_half(network, 1 - half)
        _backpropagate(now, wanted, cost, custom, rows, position, count, -eta / count)
        following = _mini_batch_at(position + count, end, n, mini_batch_size)
        descend(now, after, examples, rows, position, count, following, half == FIRST_HALF, decay)
        position += count
        count = following
        half = 1 - half
    if position >= n:
        settle_decay(network)
    return position


@kernel
def train_by(
    rule, rates, room, net, inputs, targets, cost, custom, order, begin, end, mini_batch_size
):
    """As `train` for mini-batches of any size, by any rule of `optimisers`.

    Gradients are added up, block by block, in `room.gradient`; the rule keeps what it remembers
    there and in the rest of `room`. A call may begin and end with any block of a mini-batch.
    """
    n = order.size
    network, examples, wanted, rows = _bare_all(net, inputs, targets, order)
    gradient, first, second = in_room(network, room)
    position = begin
    half = FIRST_HALF
    while position < end:
        now = in_half(network, half)
        batch = position - position % mini_batch_size
        batch_end = smaller(batch + mini_batch_size, n)
        count = smaller(network.capacity, batch_end - position)
        step = Step(rates, batch // mini_batch_size)
        if position == 0:
            update(rule, step, rates, network, gradient, first, second, False, True)
        factor = sum_factor(rule, rates.eta, batch_end - batch)
        sum_inputs(now, examples, rows, position, count)
        _backpropagate(now, wanted, cost, custom, rows, position, count, factor)
        accumulate(now, gradient, examples, rows, position, count)
        position += count
        half = 1 - half
        if position == batch_end:
            more = position < n
            update(rule, step, rates, network, gradient, first, second, True, more)
    return position


@kernel
def forward_block(net, inputs, custom, order, first, count):
    """The first half of a step, for costs that only Python can compute: z and a of every layer."""
    forward(bare(net), bare_inputs(inputs), custom, bare_order(order), first, count)


@kernel
def accumulate_block(net, total, inputs, order, first, count, factor):
    """Once the caller has put delta^L into scratch: add `factor` times the gradient to `total`."""
    network = bare(net)
    _scale_errors(network, count, factor)
    backward(network, count)
    gradient = with_values(network, total)
    accumulate(network, gradient, bare_inputs(inputs), bare_order(order), first, count)


@kernel
def update_by(rule, rates, room, net, batches_before, finishing, starting):
    """The update of `train_by` alone, after or before a mini-batch, or both."""
    network = bare(net)
    gradient, first, second = in_room(network, room)
    step = Step(rates, batches_before)
    update(rule, step, rates, network, gradient, first, second, finishing, starting)


@kernel
def add_gradients(net, total, inputs, targets, cost, custom, order, with_weights, begin, end):
    """Add the gradients of examples order[begin:end] to `total`, those of weights if asked for."""
    network, examples, wanted, rows = _bare_all(net, inputs, targets, order)
    gradient = with_values(network, total)
    for first in range(begin, end, network.capacity):
        count = smaller(network.capacity, end - first)
        sum_inputs(network, examples, rows, first, count)
        _backpropagate(network, wanted, cost, custom, rows, first, count, 1.0)
        if with_weights:
            accumulate(network, gradient, examples, rows, first, count)
        else:
            accumulate_biases(network, gradient, count)


@inlined
def _mini_batch_at(position, end, n, mini_batch_size):
    """How many of n examples the mini-batch has that starts there; none does from `end` on."""
    return smaller(mini_batch_size, n - position) if position < end else 0


@inlined
def _bare_all(net, inputs, targets, order):
    """What kernels are given with pointers for arrays."""
    return bare(net), bare_inputs(inputs), pointer(targets), bare_order(order)


@inlined
def _backpropagate(net, targets, cost, custom, order, first, count, factor):
    """z, a and factor delta of every layer, for examples whose first layer's sums are there."""
    forward_from_sums(net, custom, first, count)
    gather_targets(net, targets, order, first, count)
    output_delta(net, cost, count)
    _scale_errors(net, count, factor)
    backward(net, count)


@inlined
def _scale_errors(net, count, factor):
    """delta^L *= factor; what is propagated from it is then scaled too."""
    d = deltas_of(net, net.layers - 1)
    if factor != 1.0:
        scale(d.at, count * d.stride, factor)
