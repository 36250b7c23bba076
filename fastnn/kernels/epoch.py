"""The fused epoch: forward, backward and update of many mini-batches in one compiled call."""

from __future__ import annotations

from .compiling import inlined, kernel, merged
from .dense import scale
from .inputs import bare_inputs, bare_order
from .layout import bare, deltas_of, in_half
from .outputs import gather_targets, output_delta
from .simd import pointer
from .step import accumulate, backward, clear, descend, descend_by, forward, settle_decay


@kernel
def train(net, inputs, targets, cost, order, begin, end, mini_batch_size, eta, decay):
    """Train on examples order[begin:end] in mini-batches that fit into the scratch of `net`.

    Mini-batches are order[0 : m], order[m : 2 m] and so on, the last one short; `begin` starts one.
    `decay` is 1 - eta lmbda / n. Returns where the last one ended, at `end` or behind it. The
    threads of a team each call it, with their `net`.
    """
    n = order.size
    network, examples, wanted, rows = _bare_all(net, inputs, targets, order)
    position = begin
    half = 0
    while position < end:
        now = in_half(network, half)
        count = min(mini_batch_size, n - position)
        _backpropagate(now, examples, wanted, cost, rows, position, count, -eta / count)
        descend(now, examples, rows, position, count, decay)
        position += count
        half = 1 - half
    if position >= n:
        settle_decay(network)
    return position


@kernel
def train_large(net, total, inputs, targets, cost, order, begin, end, mini_batch_size, eta, decay):
    """As `train`, for larger mini-batches: their gradient is added up block by block in `total`.

    `total` is a network whose parameters are room for the gradient. A call may begin and end with
    any block of a mini-batch.
    """
    n = order.size
    network, examples, wanted, rows = _bare_all(net, inputs, targets, order)
    gradient = bare(total)
    position = begin
    half = 0
    while position < end:
        now = in_half(network, half)
        batch = position - position % mini_batch_size
        batch_end = min(batch + mini_batch_size, n)
        count = min(network.capacity, batch_end - position)
        if position == batch:
            clear(gradient)
        _backpropagate(now, examples, wanted, cost, rows, position, count, 1.0)
        accumulate(now, gradient, examples, rows, position, count)
        position += count
        half = 1 - half
        if position == batch_end:
            descend_by(network, gradient, eta / (batch_end - batch), decay)
    return position


@kernel
def forward_block(net, inputs, order, first, count):
    """The first half of a step, for costs that only Python can compute: z and a of every layer."""
    forward(bare(net), bare_inputs(inputs), bare_order(order), first, count)


@kernel
def descend_block(net, inputs, order, first, count, step, decay):
    """The second half, once the caller has put delta^L into scratch."""
    network = bare(net)
    _scale_errors(network, count, -step)
    backward(network, count)
    descend(network, bare_inputs(inputs), bare_order(order), first, count, decay)
    if first + count >= order.size:
        settle_decay(network)


@merged
def _bare_all(net, inputs, targets, order):
    """What kernels are given with pointers for arrays."""
    return bare(net), bare_inputs(inputs), pointer(targets), bare_order(order)


@merged
def _backpropagate(net, inputs, targets, cost, order, first, count, factor):
    """z, a and factor delta of every layer for examples order[first : first + count]."""
    forward(net, inputs, order, first, count)
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
