"""Frames of the live page with invented numbers."""

import numpy as np

from fastnn.chapter5.live.runs import Frame, Measured
from fastnn.chapter5.live.settings import Settings
from fastnn.model.description import describe_network
from fastnn.network2 import Network


def frame(depth=3, epochs=50, width=12, seed=1, **changed):
    """Make a frame of invented numbers."""
    rng = np.random.default_rng(seed)
    settings = Settings(depth=depth, width=width, epochs=epochs)
    network = describe_network(Network(settings.sizes, seed=seed))
    measured = Measured([1, 2], [3.0, 2.0], [10.0, 20.0], [9.0, 18.0], [[0.2] * (depth + 1)] * 2)
    parts = {
        "settings": settings,
        "number": 1,
        "epoch": 2,
        "speeds": rng.uniform(0.001, 1.0, (2, depth + 1)),
        "measured": measured,
        "gradient": [rng.normal(size=b.shape) for b in network.biases],
        "network": network,
        "initial_weights": rng.normal(size=network.weights[0].shape),
        "seconds": 0.5,
    }
    return Frame(**{**parts, **changed})


def at_once(call, *arguments):
    """Call, in place of a page's server."""
    call(*arguments)
