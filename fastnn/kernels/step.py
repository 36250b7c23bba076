"""One block of examples through the network: forward, error of the outputs, backward, update.

The equations are BP1 to BP4 of the book's chapter 2; z, a and delta of each layer lie in scratch
(see `layout`).
"""

from __future__ import annotations

from .compiling import helper, merged
from .dense import NARROW, WIDE, add_outer, add_rows, product, scale
from .inputs import first_add_outer, first_product
from .layout import (
    BIASES,
    FAN_IN,
    FAN_OUT,
    STRIDE,
    WEIGHTS,
    Net,
    activations_of,
    biases_of,
    deltas_of,
    entry,
    inputs_of,
    transposed_of,
    weights_of,
)
from .simd import element, fma, keep_first, load, offset, put, splat, store, zeros
from .vector_math import sigmoid

# The stored first-layer weights are rescaled when the scale gets this small (or negative).
_SMALLEST_SCALE = 2.0**-20


@merged
def forward(net, inputs, order, first, examples):
    """z = w a + b and a = sigmoid(z) of every layer, for order[first : first + examples]."""
    for layer in range(net.layers):
        z = deltas_of(net, layer)
        if layer == 0:
            first_product(inputs, order, first, examples, inputs_of(net), weights_of(net, 0), z)
            _activate(net, layer, examples, element(net.decay_scale, 0))
        else:
            product(activations_of(net, layer - 1), weights_of(net, layer), z, examples)
            _activate(net, layer, examples, 1.0)


@helper
def _activate(net, layer, examples, factor):
    """Z = factor z + b, then a = sigmoid(z), zero in the padding."""
    z, a = deltas_of(net, layer), activations_of(net, layer)
    b = biases_of(net, layer)
    for column in range(0, z.stride, 16):
        bias = load(zeros(b, 16), b, column)
        scale_of_products = splat(bias, factor)
        used = entry(net, layer, FAN_OUT) - column
        for e in range(examples):
            place = e * z.stride + column
            weighted = fma(load(bias, z.at, place), scale_of_products, bias)
            store(z.at, place, weighted)
            store(a.at, place, keep_first(sigmoid(weighted), used))


@merged
def backward(net, examples):
    """delta of every layer from that of the last (BP2), with sigmoid'(z) = a (1 - a)."""
    for layer in range(net.layers - 1, 0, -1):
        d, a = deltas_of(net, layer - 1), activations_of(net, layer - 1)
        product(deltas_of(net, layer), transposed_of(net, layer), d, examples)
        for k in range(0, examples * d.stride, 16):
            out = load(zeros(d.at, 16), a.at, k)
            slope = out * (splat(out, 1.0) - out)
            store(d.at, k, load(out, d.at, k) * slope)


@merged
def descend(net, inputs, order, first, examples, step, decay):
    """w = decay w - step sum_x dC_x/dw and b = b - step sum_x dC_x/db (BP3, BP4), in place."""
    scale_now = element(net.decay_scale, 0) * decay
    if scale_now < _SMALLEST_SCALE:
        _rescale_first_layer(net, scale_now)
        scale_now = 1.0
    put(net.decay_scale, 0, scale_now)
    for layer in range(net.layers):
        d = deltas_of(net, layer)
        add_rows(d, -step, biases_of(net, layer), examples)
        if layer == 0:
            scale(d.at, examples * d.stride, -step / scale_now)
            first_add_outer(inputs, order, first, examples, inputs_of(net), d, weights_of(net, 0))
        else:
            scale(d.at, examples * d.stride, -step)
            a = activations_of(net, layer - 1)
            add_outer(a, d, weights_of(net, layer), examples, decay)
            add_outer(d, a, transposed_of(net, layer), examples, decay)


@merged
def accumulate(net, gradient, inputs, order, first, examples):
    """gradient += sum_x dC_x/dw, sum_x dC_x/db (BP3, BP4); transposed weights have no gradient."""
    into = Net(net.layers, net.table, gradient, net.decay_scale, net.scratch, net.capacity)
    for layer in range(net.layers):
        d = deltas_of(net, layer)
        add_rows(d, 1.0, biases_of(into, layer), examples)
        if layer == 0:
            first_add_outer(inputs, order, first, examples, inputs_of(net), d, weights_of(into, 0))
        else:
            a = activations_of(net, layer - 1)
            add_outer(a, d, weights_of(into, layer), examples, 1.0)


@helper
def clear_gradient(net, gradient):
    """gradient = 0."""
    last = net.layers - 1
    for k in range(entry(net, last, BIASES) + entry(net, last, STRIDE)):
        put(gradient, k, 0)


@helper
def descend_by(net, gradient, step, decay):
    """w = decay w - step gradient and b = b - step gradient, and the transposed weights again."""
    for layer in range(net.layers):
        w = entry(net, layer, WEIGHTS)
        count = entry(net, layer, FAN_IN) * entry(net, layer, STRIDE)
        factor = decay * element(net.decay_scale, 0) if layer == 0 else decay
        _combine(net.parameters, gradient, w, count, factor, -step)
        b = entry(net, layer, BIASES)
        _combine(net.parameters, gradient, b, entry(net, layer, STRIDE), 1.0, -step)
        if layer > 0:
            _transpose(weights_of(net, layer), transposed_of(net, layer))
    put(net.decay_scale, 0, 1.0)


@helper
def _combine(values, gradient, start, count, factor, step):
    """values = factor values + step gradient."""
    for k in range(start, start + count, NARROW):
        old = load(zeros(values, 16), values, k)
        change = load(old, gradient, k) * splat(old, step)
        store(values, k, fma(old, splat(old, factor), change))


@helper
def _transpose(w, transposed):
    """transposed[j, i] = w[i, j], panels to panels."""
    for j in range(transposed.rows):
        panel = j - j % WIDE
        lanes = min(WIDE, w.stride - panel)
        source = offset(w.at, panel * w.rows + j % WIDE)
        for first in range(0, transposed.stride, WIDE):
            into = min(WIDE, transposed.stride - first)
            target = offset(transposed.at, first * transposed.rows + j * into)
            for i in range(first, min(first + into, w.rows)):
                put(target, i - first, element(source, i * lanes))


@helper
def settle_decay(net):
    """Multiply the pending scale into the stored first-layer weights."""
    pending = element(net.decay_scale, 0)
    if pending != 1.0:
        _rescale_first_layer(net, pending)
        put(net.decay_scale, 0, 1.0)


@helper
def _rescale_first_layer(net, factor):
    w = weights_of(net, 0)
    scale(w.at, w.rows * w.stride, factor)
