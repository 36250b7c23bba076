"""The fused epoch: forward, backward and update of many mini-batches in one compiled call.

`net`, `data`, `functions` and `span` are what `layout` and `arguments` say. The threads of a team
each call the same kernel, with a `net` of their own.
"""

from __future__ import annotations

from .arguments import Block, bare_data, bare_order
from .compiling import FALSE, TRUE, ZERO, inlined, kernel, smaller
from .first_layer import Turn
from .inputs import bare_inputs
from .optimisers import Step, sum_factor
from .outputs import gather_targets, output_delta, scale_errors
from .places import bare, with_parameters
from .step import (
    SUMMED,
    accumulate,
    accumulate_biases,
    backward,
    descend,
    finish_errors,
    forward,
    forward_from_sums,
    settle_decay,
    sum_inputs,
    take_turn,
)
from .sweep import Last, in_room, update, update_with
from .team import begin_call, end_call, meet
from .weighted import (
    add_losses,
    add_penalty,
    bare_weighing,
    batch_weight,
    first_batch,
    next_weight,
    note_losses,
    note_squares,
    rates_of,
)


@kernel
def train(net, data, functions, span, eta, decay):
    """Train on a span of the order in mini-batches that fit into the scratch of `net`.

    Plain gradient descent with weight decay, w = decay w - eta / m sum_x dC_x/dw, where `decay` is
    1 - eta lmbda / n; each gradient is added to the weights as it comes. The span begins with a
    mini-batch. Returns where the last one ended, at the end of the span or behind it.
    """
    network, stored = bare(net), bare_data(data)
    begin_call(network.team)
    position = span.begin
    block = _mini_batch_at(stored.order, position, span)
    nothing = Block(stored.order, position, ZERO)
    take_turn(network, stored.inputs, Turn(nothing, block, FALSE))
    backwards = TRUE
    while block.examples > 0:
        forward_from_sums(network, functions.custom, block)
        gather_targets(network, stored.targets, block)
        _backpropagate(network, functions.cost, block, -eta / block.examples, stored.weights)
        finish_errors(network, block.examples, decay)
        position += block.examples
        following = _mini_batch_at(stored.order, position, span)
        descend(network, stored.inputs, Turn(block, following, backwards), decay)
        block = following
        backwards = not backwards
    if position >= stored.order.size:
        settle_decay(network)
    end_call(network.team)
    return position


@kernel
def train_by(rule, rates, room, net, data, functions, span, weighing):
    """Train on a span of the order in mini-batches of any size, by any rule of `optimisers`.

    Gradients are added up, block by block, in `room.gradient`; the rule keeps what it remembers
    there and in the rest of `room`. A span may begin and end with any block of a mini-batch.
    Returns where the last block ended.

    `weighing` is None, or gives every mini-batch a weight and has the losses noted (see
    `weighted`). A mini-batch whose examples weigh nothing is then passed over.
    """
    network, stored, batches = bare(net), bare_data(data), bare_weighing(weighing)
    memory = in_room(network, room)
    begin_call(network.team)
    n, size = data.order.size, span.mini_batch_size
    position = span.begin
    while position < span.end:
        batch = position // size
        batch_begin, batch_end = batch * size, smaller((batch + 1) * size, n)
        weight = batch_weight(batches, batch, batch_end - batch_begin)
        if weight == 0.0:
            position = batch_end
            continue
        step = Step(rates_of(batches, rates, weight), batch)
        if position == batch_begin and batch == first_batch(batches):
            update(rule, step, step.rates, network, memory, False, True)
        examples = smaller(network.plan.capacity, batch_end - position)
        block = Block(stored.order, position, examples)
        forward(network, stored.inputs, functions.custom, block)
        gather_targets(network, stored.targets, block)
        if weighing is not None:
            if position == batch_begin:  # all have met in `forward`, so weights are this step's
                note_squares(network, batches.losses)
            note_losses(network, functions.cost, block, stored.weights, batches.losses)
        factor = sum_factor(rule, rates.eta, weight)
        _backpropagate(network, functions.cost, block, factor, stored.weights)
        meet(network.team)
        if weighing is not None:
            share = (batch_end - batch_begin) / weight
            if position == batch_begin:
                add_penalty(batches.losses, rates.l2, share)
            add_losses(examples, batches.losses, share)
        position += examples
        if position < batch_end:
            accumulate(network, memory.gradient, stored.inputs, block, SUMMED)
            continue
        following = next_weight(batches, batch + 1, n - position)
        more = following != 0.0
        rates_then = rates_of(batches, rates, following if more else weight)
        last = Last(stored.inputs, block, examples == batch_end - batch_begin)
        update_with(rule, step, rates_then, network, memory, last, more)
    end_call(network.team)
    return position


@kernel
def forward_block(net, inputs, custom, order, first, examples):
    """The first half of a step, for costs that only Python can compute: z and a of every layer."""
    forward(bare(net), bare_inputs(inputs), custom, Block(bare_order(order), first, examples))


@kernel
def accumulate_block(net, total, data, first, examples, factor):
    """Once the caller has put delta^L into scratch: add `factor` times the gradient to `total`."""
    network, stored = bare(net), bare_data(data)
    block = Block(stored.order, first, examples)
    scale_errors(network, block, factor, stored.weights)
    backward(network, examples)
    accumulate(network, with_parameters(network, total), stored.inputs, block, examples)


@kernel
def update_by(rule, rates, room, net, batches_before, finishing, starting):
    """The update of `train_by` alone, after or before a mini-batch, or both."""
    network, step = bare(net), Step(rates, batches_before)
    update(rule, step, rates, network, in_room(network, room), finishing, starting)


@kernel
def add_gradients(net, total, data, functions, with_weights, begin, end):
    """Add the gradients of examples order[begin:end] to `total`, those of weights if asked for."""
    network, stored = bare(net), bare_data(data)
    gradient = with_parameters(network, total)
    for first in range(begin, end, network.plan.capacity):
        block = Block(stored.order, first, smaller(network.plan.capacity, end - first))
        sum_inputs(network, stored.inputs, block)
        forward_from_sums(network, functions.custom, block)
        gather_targets(network, stored.targets, block)
        _backpropagate(network, functions.cost, block, 1.0, stored.weights)
        if with_weights:
            accumulate(network, gradient, stored.inputs, block, SUMMED)
        else:
            accumulate_biases(network, gradient, block.examples, SUMMED)


@inlined
def _mini_batch_at(order, position, span):
    """The mini-batch that begins there, without examples from the end of the span on."""
    examples = smaller(span.mini_batch_size, order.size - position)
    return Block(order, position, examples if position < span.end else 0)


@inlined
def _backpropagate(net, cost, block, factor, weights):
    """`factor` times delta of every layer, times the weight of each example if it has one."""
    output_delta(net, cost, block.examples)
    scale_errors(net, block, factor, weights)
    backward(net, block.examples)
