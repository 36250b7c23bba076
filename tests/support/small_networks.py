"""Networks and pairs of many small shapes, for calls of one example or a few."""

from __future__ import annotations

import numpy as np
import pytest
from builders import seeded_network

from fastnn import (
    CrossEntropyCost,
    LogLikelihoodCost,
    QuadraticCost,
    network2,
)
from fastnn.engine import single_work

WIDTHS = [[1, 1], [2, 3, 1], [16, 15], [17, 16, 31], [40, 33, 2, 10], [31, 32, 1, 5, 4]]
LAYERS = [
    (CrossEntropyCost, "sigmoid", "sigmoid"),
    (QuadraticCost, "tanh", "sigmoid"),
    (QuadraticCost, "relu", "identity"),
    (LogLikelihoodCost, "tanh", "softmax"),
]
DTYPES = [np.float64, np.float32]
TOLERANCE = {np.float64: 1e-12, np.float32: 2e-5}


def pairs_for(sizes, count=7, dtype=np.float64):
    rng = np.random.default_rng(count)
    xs = rng.uniform(-1, 1, (count, sizes[0], 1)).astype(dtype)
    ys = rng.uniform(0, 1, (count, sizes[-1], 1))
    return list(zip(xs, ys, strict=True))


def net_for(sizes, layers=LAYERS[0], dtype=np.float64, module=network2):
    cost, activation, output = layers
    options = {"activation": activation, "output": output}
    if module is network2:
        options["dtype"] = dtype
    return seeded_network(module, sizes, cost=getattr(module, cost.__name__), **options)


def close(ours, wanted, dtype=np.float64):
    assert len(ours) == len(wanted)
    for a, b in zip(ours, wanted, strict=True):
        limit = TOLERANCE[dtype]
        np.testing.assert_allclose(a, b, rtol=limit, atol=limit * max(1e-3, np.abs(b).max()))


def gradient(net, x, y):
    nabla_b, nabla_w = net.backprop(x, y)
    return nabla_b + nabla_w


def is_kept(net):
    """Whether the last call went the fast way."""
    return id(net) in single_work._WORKS


every_shape = pytest.mark.parametrize("sizes", WIDTHS, ids=str)
every_layer = pytest.mark.parametrize("layers", LAYERS, ids=lambda layers: "-".join(layers[1:]))
every_dtype = pytest.mark.parametrize("dtype", DTYPES)
