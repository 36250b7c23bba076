"""Short runs of `SGD` on a small network, of which a test looks at one option."""

from __future__ import annotations

from builders import assert_same_bits, run

from fastnn import network2

SIZES = [20, 12, 5]
N = 60


def trained(data, epochs=6, eta=0.5, **options):
    return run(network2, SIZES, data, epochs, 7, eta, 0.3, **options)


def assert_same_end(got, wanted):
    """Two runs left the same bits, the same order and the same generators."""
    assert_same_bits(got.net, wanted.net)
    assert got.order == wanted.order
    assert got.random_state == wanted.random_state
    assert got.numpy_state == wanted.numpy_state
