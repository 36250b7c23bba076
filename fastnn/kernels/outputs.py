"""The desired outputs, and the error delta^L of the output layer (BP1)."""

from __future__ import annotations

from .arguments import weight_of
from .compiling import helper, inlined
from .costs import cost_delta
from .dense import scale
from .layout import CODE, FAN_OUT
from .own import call_own, is_own
from .places import activations_of, area_of, deltas_of, entry, targets_of, within
from .simd import element, load, offset, prefetch, put, store, zeros


@inlined
def own_examples(net, examples):
    """From which example to before which other of a block this thread works out the outputs."""
    area = area_of(net, net.plan.layers - 1, examples)
    return area.first, area.first + area.examples


@inlined
def _prefetch_target(memory, order, place, width):
    """Ask for the desired output at a place of the order, if there is one."""
    if place < order.size:
        prefetch(memory, element(order.at, place) * width)


@inlined
def _labels_to_rows(net, labels, block):
    y, order, first = targets_of(net), block.order, block.first
    begin, end = own_examples(net, block.examples)
    for e in range(begin, end):
        _prefetch_target(labels, order, first + block.examples + e, 1)
        row = offset(y.at, e * y.stride)
        for j in range(y.stride):
            put(row, j, 0)
        put(row, element(labels, element(order.at, first + e)), 1)


@inlined
def _vectors_to_rows(net, vectors, block):
    y, order, first = targets_of(net), block.order, block.first
    width = entry(net, net.plan.layers - 1, FAN_OUT)
    begin, end = own_examples(net, block.examples)
    for e in range(begin, end):
        _prefetch_target(vectors, order, first + block.examples + e, width)
        row = offset(y.at, e * y.stride)
        source = offset(vectors, element(order.at, first + e) * width)
        for j in range(width):
            put(row, j, element(source, j))
        for j in range(width, y.stride):
            put(row, j, 0)


@helper
def gather_targets(net, targets, block):
    """y[e, :] = the desired output of each own example: its vector, or its label's unit vector."""
    if targets.labelled:
        _labels_to_rows(net, targets.labels, block)
    else:
        _vectors_to_rows(net, targets.vectors, block)


@helper
def _built_in_delta(net, cost, area):
    last = net.plan.layers - 1
    code = entry(net, last, CODE)
    d, a = within(area, deltas_of(net, last)), within(area, activations_of(net, last))
    y = within(area, targets_of(net))
    for k in range(0, area.examples * d.stride, 16):
        out = load(zeros(d.at, 16), a.at, k)
        store(d.at, k, cost_delta(cost, code, out, load(out, y.at, k)))


@inlined
def scale_errors(net, block, factor, weights):
    """delta^L *= factor, times the weight of each example; deltas that follow are scaled too."""
    d = deltas_of(net, net.plan.layers - 1)
    begin, end = own_examples(net, block.examples)
    if weights.size == 0:
        if factor != 1.0:
            scale(offset(d.at, begin * d.stride), (end - begin) * d.stride, factor)
    else:
        for e in range(begin, end):
            scaled = weight_of(weights, block, e) * factor
            scale(offset(d.at, e * d.stride), d.stride, scaled)


@inlined
def output_delta(net, cost, examples):
    """delta^L from z and a of the output layer and the targets, in place of z.

    `cost` is the place of a built-in cost in the table, or the address of an own one (see `own`).
    """
    last = net.plan.layers - 1
    area = area_of(net, last, examples)
    if is_own(cost):
        d, a = within(area, deltas_of(net, last)), within(area, activations_of(net, last))
        y = within(area, targets_of(net))
        call_own(cost, (d.at, a.at, y.at, d.stride, entry(net, last, FAN_OUT), area.examples))
    else:
        _built_in_delta(net, cost, area)
