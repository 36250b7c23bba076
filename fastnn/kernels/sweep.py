"""A step by a rule of `optimisers`: one sweep over the parameters ends it and begins the next.

The sweep may go with the gradient of the block that completes a mini-batch: each part of the
gradient is used at once, while it is near. If the rule starts with nothing and the block is the
whole mini-batch, the gradient is then never written to memory.
"""

from __future__ import annotations

from collections import namedtuple

from .compiling import FALSE, TRUE, helper, implements, inlined
from .dense import UPDATED_NEAR, outer_of_part, part_of
from .first_layer import first_add_outer
from .inputs import half_begin, is_dense
from .layout import (
    FAN_IN,
    FIRST_LAYER,
    HALF,
    HALVES_END,
    activations_of,
    biases_of,
    columns_of,
    deltas_of,
    entry,
    halves_of,
    inputs_of,
    own_weights_of,
    owned,
    transposed_room_of,
    weights_of,
    with_values,
)
from .optimisers import Numbers, Places, Room, effective_eta, finish, start, starts_empty
from .panels import NARROW, WIDE, Panels, Rows
from .simd import offset, start_flushing, stop_flushing
from .step import SUMMED, accumulate_biases

# The block that completes a mini-batch, and whether it is all of it.
Last = namedtuple("Last", "inputs block alone")

# For weights and for biases, each the numbers of this step and of the next.
_Rates = namedtuple("_Rates", "weights biases")


@inlined
def in_room(net, room):
    """The room as bare networks: `net` with each of the values in place of its parameters."""
    gradient, m1 = with_values(net, room.gradient), with_values(net, room.m1)
    return Room(gradient, m1, with_values(net, room.m2))


@helper
def update(rule, step, following, net, room, finishing, starting):
    """Finish a mini-batch, start the next one, or both, for all parameters of a bare network.

    `following` are the rates of the next mini-batch; those of `step` where none starts. `room` is
    from `in_room`.
    """
    rates = _rates_of(rule, step, following)
    for layer in range(net.plan.layers):
        _, count = own_weights_of(net, layer)
        _sweep(rule, rates.weights, _weights_in(net, room, layer), count, finishing, starting)
        _sweep_biases(rule, rates.biases, net, room, layer, finishing, starting)


@helper
def update_with(rule, step, following, net, room, last, starting):
    """Add the gradient of the `last` block of a mini-batch and finish the mini-batch with it.

    It is added as `step.accumulate` does; the rest is as in `update`.
    """
    inputs, block = last.inputs, last.block
    rates = _rates_of(rule, step, following)
    accumulate_biases(net, room.gradient, block.examples, SUMMED)
    fresh = last.alone and starts_empty(rule)
    for layer in range(net.plan.layers):
        if layer == 0:
            _first_layer(rule, rates.weights, net, room, inputs, block, fresh, starting)
        else:
            _outer_and_sweep(rule, rates.weights, net, room, layer, block, fresh, starting)
        _sweep_biases(rule, rates.biases, net, room, layer, TRUE, starting)


@inlined
def _rates_of(rule, step, following):
    eta = effective_eta(rule, step)
    now = Numbers(eta, step.rates.l2, step.rates.l1)
    after = Numbers(following.eta, following.l2, following.l1)
    for_biases = Numbers(eta, 0.0, 0.0), Numbers(following.eta, 0.0, 0.0)
    return _Rates((now, after), for_biases)


@inlined
def _weights_in(net, room, layer):
    """A layer's weights that only this thread changes, and what belongs to them."""
    w, _ = own_weights_of(net, layer)
    g, _ = own_weights_of(room.gradient, layer)
    m1, _ = own_weights_of(room.m1, layer)
    m2, _ = own_weights_of(room.m2, layer)
    return Places(w, g, m1, m2)


@inlined
def _sweep_biases(rule, numbers, net, room, layer, finishing, starting):
    b, g = biases_of(net, layer), biases_of(room.gradient, layer)
    m1, m2 = biases_of(room.m1, layer), biases_of(room.m2, layer)
    at, count = Places(b, g, m1, m2), columns_of(net, layer)
    _sweep(rule, numbers, at, count, finishing, starting)


@helper
def _outer_and_sweep(rule, numbers, net, room, layer, block, fresh, starting):
    """The gradient of a layer's weights, and the step by it, a part of the weights at a time."""
    rows = entry(net, layer, FAN_IN)
    begin = half_begin(rows, entry(net, layer, HALF))
    end = half_begin(rows, entry(net, layer, HALVES_END))
    x = inputs_of(net) if layer == 0 else activations_of(net, layer - 1)
    x = Rows(offset(x.at, begin), x.stride)
    d = owned(net, layer, deltas_of(net, layer))
    at = _weights_in(net, room, layer)
    g = Panels(at.w if fresh else at.g, end - begin, columns_of(net, layer))
    for row in range(0, g.rows, UPDATED_NEAR):
        for column in range(0, g.stride, WIDE):
            part = part_of(g, row, column)
            k = column * g.rows + row * part.lanes
            into = transposed_room_of(net) if fresh else part.at
            share = 0.0 if fresh else 1.0
            outer_of_part(x, d, g, part, block.examples, share, FALSE, into)
            places = Places(offset(at.w, k), into, offset(at.m1, k), offset(at.m2, k))
            _sweep(rule, numbers, places, part.rows * part.lanes, TRUE, starting)


def _first_layer_dense(rule, numbers, net, room, inputs, block, fresh, starting):
    _outer_and_sweep(rule, numbers, net, room, FIRST_LAYER, block, fresh, starting)


def _first_layer_listed(rule, numbers, net, room, inputs, block, fresh, starting):
    x, w = inputs_of(net), weights_of(room.gradient, FIRST_LAYER)
    d = owned(net, FIRST_LAYER, deltas_of(net, FIRST_LAYER))
    first_add_outer(inputs, block, x, d, w, halves_of(net))
    _, count = own_weights_of(net, FIRST_LAYER)
    _sweep(rule, numbers, _weights_in(net, room, FIRST_LAYER), count, TRUE, starting)


def _first_layer(rule, numbers, net, room, inputs, block, fresh, starting):
    form = _first_layer_dense if is_dense(inputs) else _first_layer_listed
    form(rule, numbers, net, room, inputs, block, fresh, starting)


@implements(_first_layer)
def _first_layer_overload(rule, numbers, net, room, inputs, block, fresh, starting):
    return _first_layer_dense if is_dense(inputs) else _first_layer_listed


@helper
def _sweep(rule, numbers, at, count, finishing, starting):
    """Finish, start or both for `count` parameters, a multiple of 16, with `numbers` for each.

    Numbers below the smallest normal one are taken as zero: where nothing is added for long, what
    a rule remembers dwindles to such numbers, with which CPUs are slow.
    """
    now, following = numbers
    before = start_flushing()
    for k in range(0, count, NARROW):
        if finishing:
            finish(rule, now, at, k)
        if starting:
            start(rule, following, at, k)
    stop_flushing(before)
