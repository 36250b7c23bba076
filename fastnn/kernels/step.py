"""One block of examples through the network: forward, error of the outputs, backward, update.

The equations are BP1 to BP4 of the book's chapter 2; z, a and delta of each layer lie in scratch
(see `layout`).
"""

from __future__ import annotations

from .compiling import helper, merged
from .dense import NARROW, WIDE, add_outer, add_rows, fill_zero, product, scale, scale_rows
from .inputs import first_add_outer, first_product
from .layout import (
    FAN_IN,
    FAN_OUT,
    OWN,
    STRIDE,
    activations_of,
    all_weights_of,
    biases_of,
    columns_of,
    deltas_of,
    entry,
    inputs_of,
    owned,
    transposed_of,
    weights_of,
)
from .simd import element, fma, keep_first, load, offset, put, splat, store, zeros
from .team import meet
from .vector_math import sigmoid

# With so many examples, transposing new weights costs less than updating their second copy; the
# bits are the same.
_TRANSPOSE_FROM = 16

# The stored first-layer weights are rescaled when the scale gets this small (or negative).
_SMALLEST_SCALE = 2.0**-20


@merged
def forward(net, inputs, order, first, examples):
    """z = w a + b and a = sigmoid(z) of every layer, for order[first : first + examples]."""
    for layer in range(net.layers):
        z = owned(net, layer, deltas_of(net, layer))
        if layer == 0:
            first_product(inputs, order, first, examples, inputs_of(net), weights_of(net, 0), z)
            _activate(net, layer, examples, element(net.decay_scale, 0))
        else:
            product(activations_of(net, layer - 1), weights_of(net, layer), z, examples)
            _activate(net, layer, examples, 1.0)
        if layer < net.split:
            meet(net.team)


@helper
def _activate(net, layer, examples, factor):
    """z = factor z + b, then a = sigmoid(z), zero in the padding."""
    z, a = deltas_of(net, layer), activations_of(net, layer)
    z, a = owned(net, layer, z), owned(net, layer, a)
    b = biases_of(net, layer)
    for column in range(0, columns_of(net, layer), 16):
        bias = load(zeros(b, 16), b, column)
        scale_of_products = splat(bias, factor)
        used = entry(net, layer, FAN_OUT) - entry(net, layer, OWN) - column
        for e in range(examples):
            place = e * z.stride + column
            weighted = fma(load(bias, z.at, place), scale_of_products, bias)
            store(z.at, place, weighted)
            store(a.at, place, keep_first(sigmoid(weighted), used))


@merged
def backward(net, examples):
    """delta of every layer from that of the last (BP2), with sigmoid'(z) = a (1 - a)."""
    for layer in range(net.layers - 1, 0, -1):
        d = owned(net, layer - 1, deltas_of(net, layer - 1))
        product(deltas_of(net, layer), transposed_of(net, layer), d, examples)
        _times_slope(net, layer - 1, examples)
        if 0 < layer - 1 < net.split:
            meet(net.team)


@helper
def _times_slope(net, layer, examples):
    """delta *= a (1 - a)."""
    d, a = owned(net, layer, deltas_of(net, layer)), owned(net, layer, activations_of(net, layer))
    for column in range(0, columns_of(net, layer), 16):
        for e in range(examples):
            place = e * d.stride + column
            out = load(zeros(d.at, 16), a.at, place)
            slope = out * (splat(out, 1.0) - out)
            store(d.at, place, load(out, d.at, place) * slope)


@merged
def descend(net, inputs, order, first, examples, decay):
    """w = decay w + sum_x x delta and b = b + sum_x delta (BP3, BP4), in place.

    The deltas are those of the cost times -eta / m.
    """
    scale_now = element(net.decay_scale, 0) * decay
    if scale_now < _SMALLEST_SCALE:
        _rescale_first_layer(net, scale_now)
        scale_now = 1.0
    put(net.decay_scale, 0, scale_now)
    for layer in range(net.layers):
        d = deltas_of(net, layer)
        own = owned(net, layer, d)
        add_rows(own, columns_of(net, layer), biases_of(net, layer), examples)
        if layer == 0:
            scale_rows(own, columns_of(net, 0), examples, 1.0 / scale_now)
            first_add_outer(inputs, order, first, examples, inputs_of(net), own, weights_of(net, 0))
        else:
            a = activations_of(net, layer - 1)
            add_outer(a, own, weights_of(net, layer), examples, decay)
            if examples < _TRANSPOSE_FROM:
                before = owned(net, layer - 1, a)
                add_outer(d, before, transposed_of(net, layer), examples, decay)
    if examples >= _TRANSPOSE_FROM:
        transpose_all(net)


@merged
def accumulate(net, total, inputs, order, first, examples):
    """total += sum_x x delta, sum_x delta (BP3, BP4); transposed weights have no gradient."""
    for layer in range(net.layers):
        d = owned(net, layer, deltas_of(net, layer))
        add_rows(d, columns_of(net, layer), biases_of(total, layer), examples)
        if layer == 0:
            first_add_outer(inputs, order, first, examples, inputs_of(net), d, weights_of(total, 0))
        else:
            a = activations_of(net, layer - 1)
            add_outer(a, d, weights_of(total, layer), examples, 1.0)


@helper
def clear(net):
    """Zero the weights and biases that this thread owns."""
    for layer in range(net.layers):
        w, b = weights_of(net, layer), biases_of(net, layer)
        fill_zero(w.at, w.rows * w.stride)
        fill_zero(b, w.stride)


@helper
def descend_by(net, total, step, decay):
    """w = decay w - step gradient and b = b - step gradient, then the transposed weights."""
    for layer in range(net.layers):
        w = weights_of(net, layer)
        factor = decay * element(net.decay_scale, 0) if layer == 0 else decay
        _combine(w.at, weights_of(total, layer).at, w.rows * w.stride, factor, -step)
        _combine(biases_of(net, layer), biases_of(total, layer), w.stride, 1.0, -step)
    put(net.decay_scale, 0, 1.0)
    transpose_all(net)


@helper
def _combine(values, gradient, count, factor, step):
    """values = factor values + step gradient."""
    for k in range(0, count, NARROW):
        old = load(zeros(values, 16), values, k)
        change = load(old, gradient, k) * splat(old, step)
        store(values, k, fma(old, splat(old, factor), change))


@helper
def transpose_all(net):
    """Bring the second copy of the weights up to date."""
    if net.split > 1:
        meet(net.team)
    for layer in range(1, net.layers):
        _transpose(net, layer)


@helper
def _transpose(net, layer):
    """transposed[j, i] = w[i, j] for the inputs i that this thread owns, in tiles of 32 by 32."""
    transposed = transposed_of(net, layer)
    rows, columns = entry(net, layer, FAN_IN), entry(net, layer, FAN_OUT)
    stride = entry(net, layer, STRIDE)
    first = entry(net, layer - 1, OWN)
    w = all_weights_of(net, layer)
    for column in range(0, columns, WIDE):
        pitch = min(WIDE, stride - column)
        for row in range(0, min(transposed.stride, rows - first), WIDE):
            into = min(WIDE, transposed.stride - row)
            source = offset(w, column * rows + (first + row) * pitch)
            target = offset(transposed.at, row * columns + column * into)
            for i in range(min(into, rows - first - row)):
                for j in range(min(pitch, columns - column)):
                    put(target, j * into + i, element(source, i * pitch + j))


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
