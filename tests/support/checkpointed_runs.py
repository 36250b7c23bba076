"""Runs that write checkpoints, and checkpoints that are changed afterwards."""

from __future__ import annotations

import json

import numpy as np
from builders import ALL_MONITORS, digits, labelled, seed_generators

from fastnn import network2

SIZES = [20, 12, 5]


class Cubic:
    """A cost of a user's own."""

    @staticmethod
    def fn(a, y):
        return np.sum(np.abs(a - y) ** 3) / 3

    @staticmethod
    def delta(z, a, y):
        return (a - y) * np.abs(a - y) * a * (1 - a)


def examples():
    """Return training and evaluation pairs, always the same."""
    return digits(60, SIZES[0], SIZES[-1], seed=1), labelled(digits(40, 20, 5, seed=2))


def start(epochs, network=None, **options):
    """Train a new network for some epochs; return it with its history and the data."""
    seed_generators(3)
    data, held_out = examples()
    net = network2.Network(SIZES, **(network or {}))
    np.random.randn(3)  # leaves half a pair of normal numbers behind
    history = net.SGD(data, epochs, 7, 0.4, 0.3, held_out, **ALL_MONITORS, verbose=False, **options)
    return net, history, data


def change_facts(file, **changes):
    """Write other facts into a checkpoint; a name may lead into them, as options.eta."""
    with np.load(file) as stored:
        arrays = dict(stored)
    facts = json.loads(str(arrays["facts"]))
    for name, value in changes.items():
        *path, last = name.split("__")
        place = facts
        for step in path:
            place = place[step]
        place[last] = value
    np.savez(file, **{**arrays, "facts": np.array(json.dumps(facts))})
