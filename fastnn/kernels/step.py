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
from .dense import (
    add_outer,
    add_rows,
    product,
    product_with_transposed,
    scale,
    scale_rows,
    update,
)
from .first_layer import Turn, first_add_outer, first_product, first_turn
from .layout import (
    BIAS,
    BLOCK,
    BY_COLUMNS,
    CODE,
    FAN_OUT,
    FIRST_HALF,
    FIRST_LAYER,
    FROZEN,
    SECOND_HALF,
    SLOPES,
    STRIDE,
)
from .neurons import activate, keep_slopes, softmax, times_slope
from .panels import WIDE, Panels, Rows
from .places import (
    activations_of,
    area_of,
    deltas_of,
    entry,
    halves_of,
    inputs_of,
    own_biases_of,
    own_columns,
    own_rows_of,
    own_weights_of,
    scaled_errors_of,
    sums_of,
    transposed_room_of,
    weights_of,
    within,
)
from .simd import element, load, offset, put, splat, store, zeros
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
    """Put w x of the first layer, this thread's part of it, where `places.sums_of` says."""
    x, w, halves = inputs_of(net), own_weights_of(net, FIRST_LAYER), halves_of(net)
    first_product(inputs, block, x, w, halves, _own_sums_of(net))


@inlined
def forward_from_sums(net, custom, block):
    """The rest of `forward`, after `sum_inputs` or `take_turn`."""
    meet(net.team)
    for layer in range(net.plan.layers):
        area = area_of(net, layer, block.examples)
        z = within(area, deltas_of(net, layer))
        if layer == 0:
            sums = _all_sums(net, area)
            activate(net, layer, area, sums, element(net.decay_scale, 0))
        else:
            meet_around(net, layer)
            before = activations_of(net, layer - 1)
            a = Rows(offset(before.at, area.first * before.stride), before.stride)
            w = weights_of(net, layer)
            w = Panels(offset(w.at, area.column * w.rows), w.rows, area.columns, w.room)
            product(a, w, z, area.examples)
            activate(net, layer, area, z, 1.0)
        if entry(net, layer, SLOPES) > 0:
            keep_slopes(net, custom, layer, area, block)
    last = net.plan.layers - 1
    if entry(net, last, CODE) == SOFTMAX:
        softmax(net, area_of(net, last, block.examples))


@inlined
def meet_around(net, layer):
    """Meet between the layer before and this one if either is worked out by columns."""
    if entry(net, layer, BY_COLUMNS) + entry(net, layer - 1, BY_COLUMNS) > 0:
        meet(net.team)


@inlined
def _own_sums_of(net):
    """Where this thread puts its part of the first layer's sums."""
    halves = halves_of(net)
    half = halves.begin if halves.end - halves.begin < 2 else FIRST_HALF
    return own_columns(net, FIRST_LAYER, sums_of(net, half))


@helper
def _all_sums(net, area):
    """The first layer's sums over all inputs, in an area: where they were put, or added up in z."""
    halves = halves_of(net)
    sums0 = within(area, sums_of(net, FIRST_HALF))
    if halves.end - halves.begin < 2:
        sums1 = within(area, sums_of(net, SECOND_HALF))
        z = within(area, deltas_of(net, FIRST_LAYER))
        for k in range(0, area.examples * z.stride, 16):
            sum0 = load(zeros(z.at, 16), sums0.at, k)
            store(z.at, k, sum0 + load(sum0, sums1.at, k))
        sums0 = z
    return sums0


@inlined
def backward(net, examples):
    """delta of every layer from that of the last (BP2), with the slope f'(z) got from a = f(z)."""
    for layer in range(net.plan.layers - 1, 0, -1):
        meet_around(net, layer)
        area = area_of(net, layer - 1, examples)
        _errors_before(net, layer, area)
        times_slope(net, layer - 1, area)


@helper
def _errors_before(net, layer, area):
    """delta of the layer before, without the slope, in an area of that layer."""
    behind, width = deltas_of(net, layer), entry(net, layer, FAN_OUT)
    d = Rows(offset(behind.at, area.first * behind.stride), behind.stride)
    out, w, room = (
        within(area, deltas_of(net, layer - 1)),
        weights_of(net, layer),
        transposed_room_of(net),
    )
    product_with_transposed(d, w, width, area.column, out, area.columns, area.examples, room)


@inlined
def finish_errors(net, examples, decay):
    """Decay the first layer's scale, and divide its errors by that for `descend`.

    The threads of a team then meet. Alone, a thread divides them once it has added up the biases'.
    """
    frozen = is_frozen(net, FIRST_LAYER)
    scale_now = element(net.decay_scale, 0) * (1.0 if frozen else decay)
    if scale_now < _SMALLEST_SCALE:
        _rescale_first_layer(net, scale_now)
        scale_now = 1.0
    put(net.decay_scale, 0, scale_now)
    if net.team.size > 1:
        _copy_scaled(net, area_of(net, FIRST_LAYER, examples), 1.0 / scale_now)
        meet(net.team)


@helper
def _copy_scaled(net, area, factor):
    d, scaled = within(area, deltas_of(net, FIRST_LAYER)), within(area, scaled_errors_of(net))
    for k in range(0, area.examples * d.stride, 16):
        vector = load(zeros(d.at, 16), d.at, k)
        store(scaled.at, k, vector * splat(vector, factor))


@inlined
def descend(net, inputs, turn, decay):
    """w = decay w + sum_x x delta and b = b + sum_x delta (BP3, BP4) by `turn.block`, in place.

    The deltas are those of the cost times -eta / m, after `finish_errors`. Then the first layer's
    sums of the block that follows (see `first_layer.Turn`) have been taken: each part of the first
    layer's weights is updated and used while it is near.
    """
    examples = turn.block.examples
    for layer in range(net.plan.layers):
        if is_frozen(net, layer):
            continue
        _add_to_biases(net, net, layer, ZERO, examples)
        d = deltas_of(net, layer)
        if layer == 0:
            if net.team.size == 1:
                columns = entry(net, FIRST_LAYER, STRIDE)
                scale_rows(d, columns, examples, 1.0 / element(net.decay_scale, 0))
        else:
            begin, end = own_rows_of(net, layer)
            a, w = activations_of(net, layer - 1), own_weights_of(net, layer)
            update(a, own_columns(net, layer, d), w, begin, end, examples, decay)
    take_turn(net, inputs, turn)


@inlined
def _add_to_biases(net, total, layer, begin, end):
    """total += sum_x delta (BP3) over some examples, for the biases that this thread owns."""
    d = deltas_of(net, layer)
    b, count = own_biases_of(total, layer)
    rows = Rows(offset(d.at, begin * d.stride + entry(net, layer, BIAS)), d.stride)
    add_rows(rows, count, b, end - begin)


@inlined
def is_frozen(net, layer):
    """Whether training leaves the weights and biases of a layer as they are."""
    return entry(net, layer, FROZEN) > 0


@inlined
def take_turn(net, inputs, turn):
    """Update the first layer's weights by one block, then take the sums of the one that follows.

    Before the first block there are no examples to update by, after the last none to take sums of.
    A frozen layer has none to update by at all.
    """
    x, w = inputs_of(net), own_weights_of(net, FIRST_LAYER)
    d = own_columns(net, FIRST_LAYER, scaled_errors_of(net))
    if is_frozen(net, FIRST_LAYER):
        turn = Turn(Block(turn.block.order, turn.block.first, ZERO), turn.following, turn.backwards)
    room = transposed_room_of(net)
    first_turn(inputs, turn, x, d, w, halves_of(net), _own_sums_of(net), room)


@helper
def accumulate_biases(net, total, examples, together):
    """total += sum_x delta (BP3), with the sums over so many examples each taken first.

    Nothing is added for a frozen layer.
    """
    for layer in range(net.plan.layers):
        if is_frozen(net, layer):
            continue
        for e in range(0, examples, together):
            _add_to_biases(net, total, layer, e, smaller(e + together, examples))


@inlined
def accumulate(net, total, inputs, block, together):
    """total += sum_x x delta, sum_x delta (BP3, BP4); of `together` see `accumulate_biases`."""
    accumulate_biases(net, total, block.examples, together)
    for layer in range(net.plan.layers):
        if is_frozen(net, layer):
            continue
        d = own_columns(net, layer, deltas_of(net, layer))
        w = own_weights_of(total, layer)
        if layer == 0:
            first_add_outer(inputs, block, inputs_of(net), d, w, halves_of(net))
        else:
            begin, end = own_rows_of(net, layer)
            add_outer(activations_of(net, layer - 1), d, w, begin, end, block.examples)


@helper
def settle_decay(net):
    """Multiply the pending scale into the stored first-layer weights."""
    pending = element(net.decay_scale, 0)
    if pending != 1.0:
        _rescale_first_layer(net, pending)
        put(net.decay_scale, 0, 1.0)


@helper
def _rescale_first_layer(net, factor):
    """Multiply the weights that this thread owns."""
    w = own_weights_of(net, FIRST_LAYER)
    begin, end = own_rows_of(net, FIRST_LAYER)
    for column in range(0, w.stride, WIDE):
        lanes = smaller(WIDE, w.stride - column)
        scale(offset(w.at, column * w.rows + begin * lanes), (end - begin) * lanes, factor)
