"""Run each kernel on its own, in a compiled loop over mini-batches.

No other module of the benchmarks calls a kernel directly. Every loop takes `(net, inputs, targets,
order, examples)`: a packed network, stored inputs and targets, an order, and the size of the
mini-batch, which divides the length of the order.

Updates run without decay: decay would scale the errors delta, and a loop has to find them unchanged
each time. The scratch memory holds what `roofline` has put there.
"""

from __future__ import annotations

import numba

from fastnn.kernels.arguments import NO_WEIGHTS, Block, Data, Functions, Span, bare_order
from fastnn.kernels.costs import CODES
from fastnn.kernels.dense import add_outer, product
from fastnn.kernels.epoch import train
from fastnn.kernels.first_layer import Turn, first_add_outer, first_product
from fastnn.kernels.inputs import bare_inputs
from fastnn.kernels.places import activations_of, bare, deltas_of, halves_of, inputs_of, weights_of
from fastnn.kernels.step import backward, descend, forward

_loop = numba.njit(nogil=True, error_model="numpy")


@_loop
def first_layer_forward(net, inputs, targets, order, examples):
    """The first layer's z, without bias and sigmoid, from stored inputs."""
    network, stored, places = bare(net), bare_inputs(inputs), bare_order(order)
    x, w, z = inputs_of(network), weights_of(network, 0), deltas_of(network, 0)
    for first in range(0, order.size, examples):
        first_product(stored, Block(places, first, examples), x, w, halves_of(network), z)


@_loop
def first_layer_update(net, inputs, targets, order, examples):
    """Add the products of stored inputs and errors to the first layer's weights."""
    network, stored, places = bare(net), bare_inputs(inputs), bare_order(order)
    x, w, d = inputs_of(network), weights_of(network, 0), deltas_of(network, 0)
    for first in range(0, order.size, examples):
        first_add_outer(stored, Block(places, first, examples), x, d, w, halves_of(network))


@_loop
def whole_forward(net, inputs, targets, order, examples):
    """z and a of every layer, with built-in activations."""
    network, stored, places = bare(net), bare_inputs(inputs), bare_order(order)
    for first in range(0, order.size, examples):
        forward(network, stored, 0, Block(places, first, examples))


@_loop
def whole_backward(net, inputs, targets, order, examples):
    """delta of every layer but the last."""
    network = bare(net)
    for _ in range(0, order.size, examples):
        backward(network, examples)


@_loop
def whole_update(net, inputs, targets, order, examples):
    """Update all weights and biases."""
    network, stored, places = bare(net), bare_inputs(inputs), bare_order(order)
    for first in range(0, order.size, examples):
        block, nothing = Block(places, first, examples), Block(places, 0, 0)
        turn = Turn(block, nothing, False)
        descend(network, stored, turn, 1.0)


def whole_epoch(net, inputs, targets, order, examples):
    """The fused epoch, as `SGD` calls it: with prefetch and output error, without the shuffle."""
    data, functions = (
        Data(inputs, targets, order, NO_WEIGHTS),
        Functions(CODES["CrossEntropyCost"], 0),
    )
    train(net, data, functions, Span(0, order.size, examples), 1e-3, 1.0 - 1e-5)


@_loop
def dense_forward(net, inputs, targets, order, examples):
    """Multiply a dense mini-batch, already gathered, by the first layer's weights."""
    network = bare(net)
    x, w, z = inputs_of(network), weights_of(network, 0), deltas_of(network, 0)
    for _ in range(0, order.size, examples):
        product(x, w, z, examples)


@_loop
def dense_update(net, inputs, targets, order, examples):
    """Add the products of a dense mini-batch and its errors to the first layer's weights."""
    network = bare(net)
    x, w, d = inputs_of(network), weights_of(network, 0), deltas_of(network, 0)
    for _ in range(0, order.size, examples):
        add_outer(x, d, w, 0, w.rows, examples)


@_loop
def dense_layer(net, inputs, targets, order, examples):
    """Do `dense_forward` and `dense_update` in turn."""
    network = bare(net)
    x, w, z = inputs_of(network), weights_of(network, 0), deltas_of(network, 0)
    d = activations_of(network, 0)  # not z: the weights would grow without bound
    for _ in range(0, order.size, examples):
        product(x, w, z, examples)
        add_outer(x, d, w, 0, w.rows, examples)


@_loop
def stored_dense_layer(net, inputs, targets, order, examples):
    """Do the same on stored dense rows: each mini-batch is gathered first."""
    network, stored, places = bare(net), bare_inputs(inputs), bare_order(order)
    x, w, z = inputs_of(network), weights_of(network, 0), deltas_of(network, 0)
    d = activations_of(network, 0)
    for first in range(0, order.size, examples):
        block = Block(places, first, examples)
        first_product(stored, block, x, w, halves_of(network), z)
        first_add_outer(stored, block, x, d, w, halves_of(network))
