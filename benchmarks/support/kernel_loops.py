"""Each kernel on its own, in a compiled loop over mini-batches.

The only module of the benchmarks that calls into fastnn's kernels by their own arguments. Every
loop takes `(net, inputs, targets, order, examples)`: a packed network, stored inputs and targets,
and an order whose length is a multiple of `examples`, the mini-batch.

Updates run without decay, so that nothing scales the errors delta and the loop can be repeated;
what is in scratch is what `roofline` has put there.
"""

from __future__ import annotations

import numba

from fastnn.kernels.dense import add_outer, product
from fastnn.kernels.epoch import train
from fastnn.kernels.first_layer import first_add_outer, first_product
from fastnn.kernels.inputs import bare_inputs, bare_order
from fastnn.kernels.layout import (
    activations_of,
    bare,
    deltas_of,
    halves_of,
    inputs_of,
    weights_of,
)
from fastnn.kernels.outputs import CROSS_ENTROPY
from fastnn.kernels.step import backward, descend, forward

_loop = numba.njit(nogil=True, error_model="numpy")


@_loop
def first_layer_forward(net, inputs, targets, order, examples):
    """z of the first layer without bias and sigmoid, from the inputs as they are stored."""
    network, stored, rows = bare(net), bare_inputs(inputs), bare_order(order)
    x, w, z = inputs_of(network), weights_of(network, 0), deltas_of(network, 0)
    for first in range(0, order.size, examples):
        first_product(stored, rows, first, examples, x, w, halves_of(network), z)


@_loop
def first_layer_update(net, inputs, targets, order, examples):
    """The first layer's weights plus the products of its inputs and errors."""
    network, stored, rows = bare(net), bare_inputs(inputs), bare_order(order)
    x, w, d = inputs_of(network), weights_of(network, 0), deltas_of(network, 0)
    for first in range(0, order.size, examples):
        first_add_outer(stored, rows, first, examples, x, d, w, halves_of(network))


@_loop
def whole_forward(net, inputs, targets, order, examples):
    """z and a of every layer; no activation is a user's own."""
    network, stored, rows = bare(net), bare_inputs(inputs), bare_order(order)
    for first in range(0, order.size, examples):
        forward(network, stored, None, rows, first, examples)


@_loop
def whole_backward(net, inputs, targets, order, examples):
    """delta of every layer but the last."""
    network = bare(net)
    for _ in range(0, order.size, examples):
        backward(network, examples)


@_loop
def whole_update(net, inputs, targets, order, examples):
    """All weights and biases."""
    network, stored, rows = bare(net), bare_inputs(inputs), bare_order(order)
    for first in range(0, order.size, examples):
        descend(network, network, stored, rows, first, examples, 0, False, 1.0)


def whole_epoch(net, inputs, targets, order, examples):
    """The fused epoch as `SGD` calls it, prefetch and output error included, without shuffle."""
    decay = 1.0 - 1e-5
    train(net, inputs, targets, CROSS_ENTROPY, None, order, 0, order.size, examples, 1e-3, decay)


@_loop
def dense_forward(net, inputs, targets, order, examples):
    """The product of a dense mini-batch, already gathered, with the first layer's weights."""
    network = bare(net)
    x, w, z = inputs_of(network), weights_of(network, 0), deltas_of(network, 0)
    for _ in range(0, order.size, examples):
        product(x, w, z, examples)


@_loop
def dense_update(net, inputs, targets, order, examples):
    """The first layer's weights plus the products of a dense mini-batch and its errors."""
    network = bare(net)
    x, w, d = inputs_of(network), weights_of(network, 0), deltas_of(network, 0)
    for _ in range(0, order.size, examples):
        add_outer(x, d, w, examples)


@_loop
def dense_layer(net, inputs, targets, order, examples):
    """`dense_forward` and `dense_update` in turn."""
    network = bare(net)
    x, w, z = inputs_of(network), weights_of(network, 0), deltas_of(network, 0)
    d = activations_of(network, 0)  # not z, which would make the weights grow without bound
    for _ in range(0, order.size, examples):
        product(x, w, z, examples)
        add_outer(x, d, w, examples)


@_loop
def stored_dense_layer(net, inputs, targets, order, examples):
    """The same on dense rows as they are stored: each mini-batch is gathered first."""
    network, stored, rows = bare(net), bare_inputs(inputs), bare_order(order)
    x, w, z = inputs_of(network), weights_of(network, 0), deltas_of(network, 0)
    d = activations_of(network, 0)
    for first in range(0, order.size, examples):
        first_product(stored, rows, first, examples, x, w, halves_of(network), z)
        first_add_outer(stored, rows, first, examples, x, d, w, halves_of(network))
