"""One block of examples through the network: forward, backward and the update.

The equations are BP2 to BP4 of the book's chapter 2, with f for the activation of a layer. z, a and
delta of every layer lie in scratch, of shape (examples, fan_out) each (see `layout`). `net` is a
bare network.
"""

from __future__ import annotations

import numpy as np

from .activations import SOFTMAX
from .arguments import Block
from .compiling import ZERO, helper, inlined, smaller
from .dense import add_outer, add_rows, product, product_with_transposed, scale, scale_rows, update
from .first_layer import Turn, first_add_outer, first_product, first_turn
from .layout import (
    BLOCK,
    CODE,
    FAN_IN,
    FAN_OUT,
    FIRST_HALF,
    FIRST_LAYER,
    FROZEN,
    OWN,
    SECOND_HALF,
    SLOPES,
    STRIDE,
    activations_of,
    all_weights_of,
    biases_of,
    columns_of,
    deltas_of,
    entry,
    halves_of,
    inputs_of,
    own_weights_of,
    owned,
    partial_sums_of,
    transposed_room_of,
    weights_of,
)
from .neurons import activate, keep_slopes, softmax, times_slope
from .panels import Panels, Rows
from .simd import element, load, offset, put, store, zeros
from .team import meet

# So many errors of a bias are added up before they are added to its gradient.
SUMMED = np.intp(BLOCK)

# The stored first-layer weights are rescaled when the scale gets this small (or negative).
_SMALLEST_SCALE = 2.0**-20


@inlined
def forward(net, inputs, custom, block):
    """z = w a + b and a = f(z) of every layer, for a block of examples."""
    sum_inputs(net, inputs, block)
    forward_from_sums(net, custom, block)


@inlined
def sum_inputs(net, inputs, block):
    """Put w x of the first layer, this thread's part of it, where `_sums_of` says."""
    x, w = inputs_of(net), weights_of(net, FIRST_LAYER)
    first_product(inputs, block, x, w, halves_of(net), _sums_of(net))


@inlined
def forward_from_sums(net, custom, block):
    """The rest of `forward`, after `sum_inputs` or `take_turn`."""
    examples = block.examples
    for layer in range(net.plan.layers):
        z = owned(net, layer, deltas_of(net, layer))
        if layer == 0:
            sums = _all_sums(net, z, examples)
            activate(net, layer, examples, sums, element(net.decay_scale, 0))
        else:
            product(activations_of(net, layer - 1), weights_of(net, layer), z, examples)
            activate(net, layer, examples, z, 1.0)
        if entry(net, layer, SLOPES) > 0:
            keep_slopes(net, custom, layer, block)
        if layer < net.plan.split:
            meet(net.team)
    if entry(net, net.plan.layers - 1, CODE) == SOFTMAX:
        softmax(net, examples)


@inlined
def _sums_of(net):
    """Where the first layer's sums over its inputs go, or those over half of the inputs.

    That is where its activations will be: one block's errors are still needed for the update when
    the sums of the next block are taken.
    """
    halves = halves_of(net)
    if halves.end - halves.begin == 2:
        sums = owned(net, FIRST_LAYER, activations_of(net, FIRST_LAYER))
    else:
        sums = partial_sums_of(net, halves.begin)
    return sums


@helper
def _all_sums(net, z, examples):
    """The sums over all inputs: where they were put, or in z with another thread's added."""
    halves = halves_of(net)
    sums = _sums_of(net)
    if halves.end - halves.begin < 2:
        meet(net.team)
        _add_partial_sums(net, z, examples)
        sums = z
    return sums


@helper
def _add_partial_sums(net, z, examples):
    """z = the sums of both threads, those over the first half of the inputs first."""
    sums0, sums1 = partial_sums_of(net, FIRST_HALF), partial_sums_of(net, SECOND_HALF)
    for k in range(0, examples * z.stride, 16):
        sum0 = load(zeros(z.at, 16), sums0.at, k)
        store(z.at, k, sum0 + load(sum0, sums1.at, k))


@inlined
def backward(net, examples):
    """delta of every layer from that of the last (BP2), with the slope f'(z) got from a = f(z)."""
    for layer in range(net.plan.layers - 1, 0, -1):
        _errors_before(net, layer, examples)
        times_slope(net, layer - 1, examples)
        # Others need all errors of a hidden layer, and change weights that this thread has read.
        if layer < net.plan.split or 0 < layer - 1 < net.plan.split:
            meet(net.team)


@helper
def _errors_before(net, layer, examples):
    """delta of the layer before, without the slope: the neurons that this thread owns."""
    w = Panels(all_weights_of(net, layer), entry(net, layer, FAN_IN), entry(net, layer, STRIDE))
    d, width = deltas_of(net, layer), entry(net, layer, FAN_OUT)
    own, columns = entry(net, layer - 1, OWN), columns_of(net, layer - 1)
    out = owned(net, layer - 1, deltas_of(net, layer - 1))
    room = transposed_room_of(net)
    product_with_transposed(d, w, width, own, out, columns, examples, room)


@inlined
def descend(net, after, inputs, turn, decay):
    """w = decay w + sum_x x delta and b = b + sum_x delta (BP3, BP4) by `turn.block`, in place.

    The deltas are those of the cost times -eta / m. Then the first layer's sums of the block that
    follows (see `first_layer.Turn`) have been taken for `after`, the same network with the side of
    the exchange for that block: each part of the first layer's weights is updated and used while
    it is near.
    """
    examples = turn.block.examples
    frozen = is_frozen(net, FIRST_LAYER)
    scale_now = element(net.decay_scale, 0) * (1.0 if frozen else decay)
    if scale_now < _SMALLEST_SCALE:
        _rescale_first_layer(net, scale_now)
        scale_now = 1.0
    put(net.decay_scale, 0, scale_now)
    for layer in range(net.plan.layers):
        if is_frozen(net, layer):
            continue
        d = deltas_of(net, layer)
        own = owned(net, layer, d)
        add_rows(own, columns_of(net, layer), biases_of(net, layer), examples)
        if layer == 0:
            scale_rows(own, columns_of(net, FIRST_LAYER), examples, 1.0 / scale_now)
        else:
            update(activations_of(net, layer - 1), own, weights_of(net, layer), examples, decay)
    take_turn(net, after, inputs, turn)


@inlined
def is_frozen(net, layer):
    """Whether training leaves the weights and biases of a layer as they are."""
    return entry(net, layer, FROZEN) > 0


@inlined
def take_turn(net, after, inputs, turn):
    """Update the first layer's weights by one block, then take the sums of the one that follows.

    Before the first block there are no examples to update by, after the last none to take sums of.
    A frozen layer has none to update by at all.
    """
    x, w = inputs_of(net), weights_of(net, FIRST_LAYER)
    d = owned(net, FIRST_LAYER, deltas_of(net, FIRST_LAYER))
    if is_frozen(net, FIRST_LAYER):
        turn = Turn(Block(turn.block.order, turn.block.first, ZERO), turn.following, turn.backwards)
    room = transposed_room_of(net)
    first_turn(inputs, turn, x, d, w, halves_of(net), _sums_of(after), room)


@helper
def accumulate_biases(net, total, examples, together):
    """total += sum_x delta (BP3), with the sums over so many examples each taken first.

    Nothing is added for a frozen layer.
    """
    for layer in range(net.plan.layers):
        if is_frozen(net, layer):
            continue
        d = owned(net, layer, deltas_of(net, layer))
        for e in range(0, examples, together):
            rows = Rows(offset(d.at, e * d.stride), d.stride)
            some = smaller(together, examples - e)
            add_rows(rows, columns_of(net, layer), biases_of(total, layer), some)


@inlined
def accumulate(net, total, inputs, block, together):
    """total += sum_x x delta, sum_x delta (BP3, BP4); of `together` see `accumulate_biases`."""
    accumulate_biases(net, total, block.examples, together)
    for layer in range(net.plan.layers):
        if is_frozen(net, layer):
            continue
        d = owned(net, layer, deltas_of(net, layer))
        if layer == 0:
            x, w = inputs_of(net), weights_of(total, FIRST_LAYER)
            first_add_outer(inputs, block, x, d, w, halves_of(net))
        else:
            a = activations_of(net, layer - 1)
            add_outer(a, d, weights_of(total, layer), block.examples)


@helper
def settle_decay(net):
    """Multiply the pending scale into the stored first-layer weights."""
    pending = element(net.decay_scale, 0)
    if pending != 1.0:
        _rescale_first_layer(net, pending)
        put(net.decay_scale, 0, 1.0)


@helper
def _rescale_first_layer(net, factor):
    weights, count = own_weights_of(net, FIRST_LAYER)
    scale(weights, count, factor)
