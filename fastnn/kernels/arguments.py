"""What kernels take, in groups, and the same groups with pointers for arrays."""

from __future__ import annotations

from collections import namedtuple

from .compiling import inlined
from .inputs import bare_inputs
from .simd import pointer

# The examples of a call: `inputs` in one of the forms of `inputs`; `targets`, labels of shape (n,)
# or the desired outputs of shape (n * outputs,), one example after the other; and `order`, which
# of these to take and in what order, an array of integers.
Data = namedtuple("Data", "inputs targets order")

# What a user may have written. `cost` is the place of a built-in cost in the table of `costs`, or
# a compiled function. `custom` is a compiled function for the user's own activations, 0 if there
# are none but slopes have to be kept, or None where neither is so.
Functions = namedtuple("Functions", "cost custom")

# Which places of the order a call works on, from `begin` to before `end`, and how many examples a
# mini-batch has. Mini-batches are counted from the beginning of the order; the last may be short.
Span = namedtuple("Span", "begin end mini_batch_size")

# An order in compiled code: a pointer to it, and its size.
Order = namedtuple("Order", "at size")

# The examples that are worked on together: those at places first to first + examples of the order.
Block = namedtuple("Block", "order first examples")


@inlined
def bare_order(order):
    """The same order with a pointer for the array."""
    return Order(pointer(order), order.size)


@inlined
def bare_data(data):
    """The same data with pointers for the arrays."""
    return Data(bare_inputs(data.inputs), pointer(data.targets), bare_order(data.order))
