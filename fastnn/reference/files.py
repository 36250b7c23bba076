"""Read network2's files; `Network.save` writes them."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from .activations import BOOK
from .costs import COSTS, Cost, usual_output
from .network import Network


def load(filename: str | os.PathLike[str]) -> Network:
    """Return the network that `Network.save` wrote to `filename`.

    Raises ValueError if the file names a cost that `fastnn.reference` has not, or another program
    has noted activations in it other than the sigmoid.
    """
    with open(filename, encoding="utf-8") as file:
        state = json.load(file)
    for key, value in state.items():
        if "activation" in key.lower() and not _words(value) <= {"sigmoid", "logistic", ""}:
            raise ValueError(f"network2's file holds sigmoids alone, got {key} {value!r}")
    cost = vars(BOOK).get(state["cost"])
    is_cost = hasattr(cost, "delta") or hasattr(cost, "fn")
    if not is_cost or cost is Cost or usual_output(cost) != "sigmoid":
        raise ValueError(f"unknown cost {state['cost']!r}; known: {', '.join(COSTS)}")
    net: Network = BOOK.Network(state["sizes"], cost=cost)
    net.weights = [np.array(w, dtype=np.float64) for w in state["weights"]]
    net.biases = [np.array(b, dtype=np.float64) for b in state["biases"]]
    return net


def _words(value: Any) -> set[str]:
    """The texts in a value of JSON, at any depth, in small letters."""
    if isinstance(value, (list, dict)):
        entries = value.values() if isinstance(value, dict) else value
        return set().union(*map(_words, entries))
    return {value.strip().lower()} if isinstance(value, str) else set()
