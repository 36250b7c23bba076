"""A step by a rule of `optimisers`: one sweep over the parameters ends it and begins the next.

The sweep may go with the gradient of the block that completes a mini-batch: each part of the
gradient is used at once, while it is near. If the rule starts with nothing and the block is the
whole mini-batch, the gradient is then never written to memory.
"""

from __future__ import annotations

from collections import namedtuple

from .compiling import FALSE, TRUE, ZERO, helper, implements, inlined, smaller
from .dense import UPDATED_NEAR, There, nothing_listed, outer_of_part, part_of
from .first_layer import first_add_outer
from .inputs import is_dense
from .layout import FIRST_LAYER
from .optimisers import Numbers, Places, Room, effective_eta, for_each_rule, starts_empty
from .panels import NARROW, WIDE
from .places import (
    activations_of,
    deltas_of,
    halves_of,
    inputs_of,
    own_biases_of,
    own_columns,
    own_rows_of,
    own_weights_of,
    transposed_room_of,
    with_parameters,
)
from .simd import item_size, offset, prefetch, start_flushing, stop_flushing
from .simd.products import LINE
from .step import SUMMED, accumulate_biases, is_frozen

# The block that completes a mini-batch, and whether it is all of it.
Last = namedtuple("Last", "inputs block alone")

# Of layers whose weights take so many bytes and more, a sweep asks for what a rule remembers a page
# ahead: CPUs look ahead by themselves, but mostly not beyond the end of a page. The weights have
# been asked for during the products. What smaller layers remember stays in the second cache.
_FAR, _PAGE = 1 << 19, 4096

# What a sweep does to parameters: finish a mini-batch with the numbers of `now`, start the next one
# with those of `following`, or both.
_Task = namedtuple("_Task", "now following finishing starting")
_Tasks = namedtuple("_Tasks", "weights biases")


@inlined
def in_room(net, room):
    """The room as bare networks: `net` with each of the arrays in place of its parameters."""
    gradient, m1 = with_parameters(net, room.gradient), with_parameters(net, room.m1)
    return Room(gradient, m1, with_parameters(net, room.m2))


@helper
def update(rule, step, following, net, room, finishing, starting):
    """Finish a mini-batch, start the next one, or both, for all parameters of a bare network.

    `rule` is coded. `following` are the rates of the next mini-batch; those of `step` where none
    starts. `room` is from `in_room`.
    """
    tasks = _tasks(rule, step, following, finishing, starting)
    for layer in range(net.plan.layers):
        if is_frozen(net, layer):
            continue
        _sweep_weights(rule, net, room, layer, tasks.weights)
        _sweep_biases(rule, net, room, layer, tasks.biases)


@helper
def update_with(rule, step, following, net, room, last, starting):
    """Add the gradient of the `last` block of a mini-batch and finish the mini-batch with it.

    It is added as `step.accumulate` does; the rest is as in `update`.
    """
    inputs, block = last.inputs, last.block
    tasks = _tasks(rule, step, following, TRUE, starting)
    accumulate_biases(net, room.gradient, block.examples, SUMMED)
    fresh = last.alone and starts_empty(rule)
    for layer in range(net.plan.layers):
        if is_frozen(net, layer):
            continue
        if layer == 0:
            _first_layer(rule, net, room, inputs, block, fresh, tasks.weights)
        else:
            _outer_and_sweep(rule, net, room, layer, block, fresh, tasks.weights)
        _sweep_biases(rule, net, room, layer, tasks.biases)


@inlined
def _tasks(rule, step, following, finishing, starting):
    eta, rates = effective_eta(rule, step), step.rates
    now = Numbers(eta, rates.l2, rates.l1, rates.decay)
    after = Numbers(following.eta, following.l2, following.l1, following.decay)
    for_biases = Numbers(eta, 0.0, 0.0, 1.0), Numbers(following.eta, 0.0, 0.0, 1.0)
    weights = _Task(now, after, finishing, starting)
    return _Tasks(weights, _Task(*for_biases, finishing, starting))


@inlined
def _weights_in(net, room, layer):
    """The columns of a layer's weights that this thread owns, and what belongs to them."""
    w, g = own_weights_of(net, layer), own_weights_of(room.gradient, layer)
    m1, m2 = own_weights_of(room.m1, layer), own_weights_of(room.m2, layer)
    return Places(w.at, g.at, m1.at, m2.at)


@inlined
def _is_far(w):
    return w.rows * w.stride * item_size(w.at) >= _FAR


@inlined
def _moved(at, k):
    """The places of the numbers from k on."""
    return Places(offset(at.w, k), offset(at.g, k), offset(at.m1, k), offset(at.m2, k))


@inlined
def _sweep_weights(rule, net, room, layer, task):
    """Do a task to the weights of a layer that this thread owns."""
    w, at = own_weights_of(net, layer), _weights_in(net, room, layer)
    begin, end = own_rows_of(net, layer)
    for column in range(0, w.stride, WIDE):
        lanes = smaller(WIDE, w.stride - column)
        places = _moved(at, column * w.rows + begin * lanes)
        _sweep_all(rule, places, (end - begin) * lanes, task, _is_far(w))


@inlined
def _sweep_biases(rule, net, room, layer, task):
    (b, count), (g, _) = own_biases_of(net, layer), own_biases_of(room.gradient, layer)
    (m1, _), (m2, _) = own_biases_of(room.m1, layer), own_biases_of(room.m2, layer)
    _sweep_all(rule, Places(b, g, m1, m2), count, task, FALSE)


@helper
def _outer_and_sweep(rule, net, room, layer, block, fresh, task):
    """The gradient of a layer's weights, and the step by it, a part of the weights at a time."""
    x = inputs_of(net) if layer == 0 else activations_of(net, layer - 1)
    d = own_columns(net, layer, deltas_of(net, layer))
    at = _weights_in(net, room, layer)
    g = own_weights_of(net if fresh else room.gradient, layer)
    there = There(not fresh, 1.0, FALSE)
    begin, end = own_rows_of(net, layer)
    for row in range(begin, end, UPDATED_NEAR):
        for column in range(0, g.stride, WIDE):
            part = part_of(g, row, end, column)
            places = _moved(at, column * g.rows + row * part.lanes)
            into = transposed_room_of(net) if fresh else part.at
            outer_of_part(x, d, g, part, block.examples, there, into, nothing_listed(g.at))
            places = Places(places.w, into, places.m1, places.m2)
            _sweep_all(rule, places, part.rows * part.lanes, task, _is_far(g))


def _first_layer_dense(rule, net, room, inputs, block, fresh, task):
    _outer_and_sweep(rule, net, room, FIRST_LAYER, block, fresh, task)


def _first_layer_listed(rule, net, room, inputs, block, fresh, task):
    x, w = inputs_of(net), own_weights_of(room.gradient, FIRST_LAYER)
    d = own_columns(net, FIRST_LAYER, deltas_of(net, FIRST_LAYER))
    first_add_outer(inputs, block, x, d, w, halves_of(net))
    _sweep_weights(rule, net, room, FIRST_LAYER, task)


def _first_layer(rule, net, room, inputs, block, fresh, task):
    form = _first_layer_dense if is_dense(inputs) else _first_layer_listed
    form(rule, net, room, inputs, block, fresh, task)


@implements(_first_layer)
def _first_layer_overload(rule, net, room, inputs, block, fresh, task):
    return _first_layer_dense if is_dense(inputs) else _first_layer_listed


@inlined
def _ask_ahead(memory, k):
    """Ask for the numbers that follow a page after those from k on."""
    size = item_size(memory)
    for line in range(0, NARROW, LINE // size):
        prefetch(memory, k + line + _PAGE // size)


def _sweep_of(kind, row):
    numbers_of_rule, start, finish = len(kind._fields), helper(row.start), helper(row.finish)
    remembers = row.remembers

    @helper
    def sweep(numbers, at, work):
        rule = kind(*numbers[:numbers_of_rule])
        count, task, far = work
        before = start_flushing()
        for k in range(0, count, NARROW):
            if remembers > 0 and far:
                _ask_ahead(at.m1, k)
            if remembers > 1 and far:
                _ask_ahead(at.m2, k)
            if task.finishing:
                finish(rule, task.now, at, k)
            if task.starting:
                start(rule, task.following, at, k)
        stop_flushing(before)
        return ZERO

    return sweep


_sweep = for_each_rule(_sweep_of)


@helper
def _sweep_all(rule, at, count, task, far):
    """Do a task to `count` parameters, a multiple of 16; `far` if they are in no near cache.

    Numbers below the smallest normal one are taken as zero: where nothing is added for long, what
    a rule remembers dwindles to such numbers, with which CPUs are slow.
    """
    _sweep(rule.code, rule.numbers, at, (count, task, far))
