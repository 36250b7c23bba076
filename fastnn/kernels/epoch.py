"""The fused epoch: forward, backward and update of many mini-batches in one compiled call."""

from __future__ import annotations

from .compiling import kernel
from .inputs import prefetch_example
from .layout import FAN_OUT, targets_of
from .outputs import gather_targets, output_delta
from .simd import element
from .step import accumulate, backward, descend, descend_by, forward, settle_decay


@kernel
def train(net, gradient, inputs, targets, cost, order, begin, end, mini_batch_size, eta, decay):
    """Train on examples order[begin:end], mini-batch by mini-batch, and return where it stopped.

    Mini-batches are order[0 : m], order[m : 2 m] and so on, the last one short. One that fits into
    a block updates the parameters directly; a larger one adds up its gradient block by block.
    Blocks are finished, so the place returned may lie behind `end`; it is where the next call has
    to begin. `decay` is 1 - eta lmbda / n.
    """
    width = net.table[net.table.shape[0] - 1, FAN_OUT]
    position = begin
    while position < end:
        batch = position - position % mini_batch_size
        batch_end = min(batch + mini_batch_size, order.size)
        block_end = min(position + net.capacity, batch_end)
        examples = block_end - position
        for e in range(block_end, min(block_end + examples, order.size)):
            prefetch_example(inputs, element(order, e))

        forward(net, inputs, order, position, examples)
        gather_targets(targets, order, position, examples, targets_of(net), width)
        output_delta(net, cost, examples, width)
        backward(net, examples)

        step = eta / (batch_end - batch)
        if position == batch and block_end == batch_end:
            descend(net, inputs, order, position, examples, step, decay)
        else:
            if position == batch:
                gradient[:] = 0
            accumulate(net, gradient, inputs, order, position, examples)
            if block_end == batch_end:
                descend_by(net, gradient, step, decay)
        position = block_end
    if position >= order.size:
        settle_decay(net)
    return position


@kernel
def forward_block(net, inputs, order, first, examples):
    """The first half of a step, for costs that only Python can compute: z and a of every layer."""
    forward(net, inputs, order, first, examples)


@kernel
def descend_block(net, inputs, order, first, examples, step, decay):
    """The second half, once the caller has put delta^L into scratch."""
    backward(net, examples)
    descend(net, inputs, order, first, examples, step, decay)
    if first + examples >= order.size:
        settle_decay(net)
