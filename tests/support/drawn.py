"""What tests draw, numbers over two decades and a circuit; and what a figure then says."""

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


def legend_of(ax):
    """The names in the legend."""
    return [text.get_text() for text in ax.get_legend().get_texts()]


def texts_of(ax):
    """All that is written into the figure."""
    return [text.get_text() for text in ax.texts if text.get_text()]
