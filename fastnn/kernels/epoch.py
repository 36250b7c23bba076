"""The fused epoch: forward, backward and update of many mini-batches in one compiled call."""

from __future__ import annotations

from .compiling import kernel, merged
from .inputs import bare_inputs, prefetch_example
from .layout import bare
from .outputs import gather_targets, output_delta
from .simd import element, pointer
from .step import (
    accumulate,
    backward,
    clear_gradient,
    descend,
    descend_by,
    forward,
    settle_decay,
)


@kernel
def train(net, inputs, targets, cost, order, begin, end, mini_batch_size, eta, decay):
    """Train on examples order[begin:end] in mini-batches that fit into the scratch of `net`.

    Mini-batches are order[0 : m], order[m : 2 m] and so on, the last one short; `begin` starts one.
    `decay` is 1 - eta lmbda / n. Returns where the last one ended, at `end` or behind it.
    """
    n = order.size
    network, examples, wanted, rows = _bare_all(net, inputs, targets, order)
    position = begin
    while position < end:
        count = min(mini_batch_size, n - position)
        _backpropagate(network, examples, wanted, cost, rows, n, position, count)
        descend(network, examples, rows, position, count, eta / count, decay)
        position += count
    if position >= n:
        settle_decay(network)
    return position


@kernel
def train_large(
    net, gradient, inputs, targets, cost, order, begin, end, mini_batch_size, eta, decay
):
    """As `train`, for larger mini-batches: the gradient is added up block by block in `gradient`.

    A call may begin and end with any block of a mini-batch.
    """
    n = order.size
    network, examples, wanted, rows = _bare_all(net, inputs, targets, order)
    total = pointer(gradient)
    position = begin
    while position < end:
        batch = position - position % mini_batch_size
        batch_end = min(batch + mini_batch_size, n)
        count = min(network.capacity, batch_end - position)
        if position == batch:
            clear_gradient(network, total)
        _backpropagate(network, examples, wanted, cost, rows, n, position, count)
        accumulate(network, total, examples, rows, position, count)
        position += count
        if position == batch_end:
            descend_by(network, total, eta / (batch_end - batch), decay)
    return position


@kernel
def forward_block(net, inputs, order, first, count):
    """The first half of a step, for costs that only Python can compute: z and a of every layer."""
    forward(bare(net), bare_inputs(inputs), pointer(order), first, count)


@kernel
def descend_block(net, inputs, order, first, count, step, decay):
    """The second half, once the caller has put delta^L into scratch."""
    network = bare(net)
    backward(network, count)
    descend(network, bare_inputs(inputs), pointer(order), first, count, step, decay)
    if first + count >= order.size:
        settle_decay(network)


@merged
def _bare_all(net, inputs, targets, order):
    """What kernels are given with pointers for arrays."""
    return bare(net), bare_inputs(inputs), pointer(targets), pointer(order)


@merged
def _backpropagate(net, inputs, targets, cost, order, n, first, count):
    """z, a and delta of every layer for examples order[first : first + count] of n."""
    for e in range(first + count, min(first + 2 * count, n)):
        prefetch_example(inputs, element(order, e))
    forward(net, inputs, order, first, count)
    gather_targets(net, targets, order, first, count)
    output_delta(net, cost, count)
    backward(net, count)
