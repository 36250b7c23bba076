"""What tests draw: numbers over two decades, and a circuit."""

from typing import NamedTuple

import numpy as np


def random(*shape):
    """Positive numbers over two decades."""
    return 10 ** np.random.default_rng(1).uniform(-2, 0, shape)


class Input(NamedTuple):
    source: int
    negated: bool = False


class Gate(NamedTuple):
    kind: str
    inputs: list[Input]


PAIR = [Input(0), Input(1)]
XOR = [[Gate("OR", PAIR), Gate("NAND", [Input(0), Input(1)])], [Gate("AND", PAIR)]]
