"""What kernels take, in groups, and the same groups with pointers for arrays."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from .compiling import inlined
from .inputs import bare_inputs
from .simd import element, pointer

# The examples of a call: `inputs` in one of the forms of `inputs`; `targets`, see below; and
# `order`, which of these to take and in what order, an array of integers. `weights` has a number in
# float64 for every stored example, by which its gradient is multiplied; it is empty where all
# weigh 1.
Data = namedtuple("Data", "inputs targets order weights")

# The desired outputs: `labels`, int32 of shape (n,), or `vectors`, float64 of shape (n * outputs,),
# one example after the other. The other one of the two is empty.
Targets = namedtuple("Targets", "labels vectors")
NO_LABELS, NO_VECTORS = np.zeros(0, np.int32), np.zeros(0)

# The same in compiled code: pointers to both, and whether there are labels.
BareTargets = namedtuple("BareTargets", "labels vectors labelled")

# What a user may have written, as numbers. `cost` is the place of a built-in cost in the table of
# `costs`, the address of a function, or -1 for none; `custom` is the address of a table of
# addresses, one for each of the user's own activations, or 0 if there are none (see `own`).
Functions = namedtuple("Functions", "cost custom")

# Which places of the order a call works on, from `begin` to before `end`, and how many examples a
# mini-batch has. Mini-batches are counted from the beginning of the order; the last may be short.
Span = namedtuple("Span", "begin end mini_batch_size")

# An order in compiled code: a pointer to it, and its size.
Order = namedtuple("Order", "at size")

# The weights where all examples weigh 1.
NO_WEIGHTS = np.zeros(0)

# The weights of examples in compiled code: a pointer to them, and how many there are.
Weights = namedtuple("Weights", "at size")

# The examples that are worked on together: those at places first to first + examples of the order.
Block = namedtuple("Block", "order first examples")


@inlined
def bare_order(order):
    """The same order with a pointer for the array."""
    return Order(pointer(order), order.size)


@inlined
def bare_data(data):
    """The same data with pointers for the arrays."""
    labels, vectors = data.targets.labels, data.targets.vectors
    targets = BareTargets(pointer(labels), pointer(vectors), labels.size > 0)
    inputs, order = bare_inputs(data.inputs), bare_order(data.order)
    return Data(inputs, targets, order, bare_weights(data.weights))


@inlined
def bare_weights(weights):
    """The same weights with a pointer for the array."""
    return Weights(pointer(weights), weights.size)


@inlined
def weight_of(weights, block, e):
    """The weight of an example of a block."""
    if weights.size == 0:
        return 1.0
    return element(weights.at, element(block.order.at, block.first + e))
