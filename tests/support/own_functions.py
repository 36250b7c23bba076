"""Functions of users: called by their address, as kernels do, and trained with."""

import random

import numba
import numpy as np
from builders import digits, seeded_network

from fastnn.kernels.own import call_own, own_at
from fastnn.kernels.simd import pointer

SIZES = [8, 5, 3]


def compiled(function):
    return function if numba.config.DISABLE_JIT else numba.njit(function)


@compiled
def _row(table, place, z, a, slopes):
    arguments = (pointer(z), pointer(a), pointer(slopes), z.size)
    call_own(own_at(table, place), arguments)


@compiled
def _cost(address, a, y, out):
    call_own(address, (pointer(a), pointer(y), a.size, pointer(out)))


def call_row(table, place, z):
    """Return f(z) and f'(z) by entry `place` of a table of activations."""
    a, slopes = np.empty_like(z), np.empty_like(z)
    _row(table, place, z, a, slopes)
    return a, slopes


def call_cost(address, a, y):
    """Return the cost of one example with these columns."""
    out = np.empty(1)
    _cost(address, a.reshape(-1), y.reshape(-1), out)
    return out[0]


def cost_of(fn=None, delta=None):
    """A cost of these functions; a new class, so that it is met as if first."""

    class Given:
        pass

    Given.fn = staticmethod(fn or (lambda a, y: np.sum((a - y) ** 2)))
    Given.delta = staticmethod(delta or (lambda z, a, y: a - y))
    return Given


def trained(module, cost, **options):
    net = seeded_network(module, SIZES, cost, **options)
    random.seed(3)
    np.random.seed(4)
    net.SGD(digits(40, 8, 3, seed=2), 2, 7, 0.5, verbose=False)
    return net
