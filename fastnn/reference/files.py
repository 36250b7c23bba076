"""Read network2's files; `Network.save` writes them."""

from __future__ import annotations

import json
import os

import numpy as np

from .costs import COSTS
from .network import Network


def load(filename: str | os.PathLike[str]) -> Network:
    """Return the network that `Network.save` wrote to `filename`.

    Raises ValueError if the file names another cost than those of network2.
    """
    with open(filename, encoding="utf-8") as file:
        state = json.load(file)
    if state["cost"] not in COSTS:
        raise ValueError(f"unknown cost {state['cost']!r}; known: {', '.join(COSTS)}")
    net = Network(state["sizes"], cost=COSTS[state["cost"]])
    net.weights = [np.array(w, dtype=np.float64) for w in state["weights"]]
    net.biases = [np.array(b, dtype=np.float64) for b in state["biases"]]
    return net
