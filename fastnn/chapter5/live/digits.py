"""A digit that was drawn, in the form of MNIST's, and what each layer makes of it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.chapter5.experiment import Floats
from fastnn.common.checks import numbers
from fastnn.model.description import Description
from fastnn.model.one_example import forward

SIDE = 28
_BOX = 20  # MNIST's digits fill a square of this side, inside SIDE x SIDE


class Answer(NamedTuple):
    """What a network makes of one image."""

    layers: list[Floats]  # the activations of each layer after the inputs, each shape (neurons,)
    digit: int  # the strongest output, the first of equals


def as_mnist(pixels: Any) -> Floats | None:
    """Bring a drawn image to MNIST's size and place.

    As MNIST's makers did (LeCun et al. 1998), the digit is scaled to fit a box of 20 x 20 and its
    centre of mass is put into the middle of 28 x 28.

    Parameters
    ----------
    pixels : array_like, shape (784,) or (28, 28)
        Ink from 0 to 1, row by row from the top.

    Returns
    -------
    ndarray, shape (784,), or None
        None if nothing is drawn.

    Raises
    ------
    TypeError, ValueError
        If `pixels` are not 784 numbers from 0 to 1.
    """
    drawn = np.asarray(numbers("pixels", pixels, f"({SIDE * SIDE},)"), np.float64)
    if drawn.size != SIDE * SIDE or not ((drawn >= 0.0) & (drawn <= 1.0)).all():
        raise ValueError(f"pixels must be {SIDE * SIDE} numbers from 0 to 1, got {drawn.shape}")
    drawn = drawn.reshape(SIDE, SIDE)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    if not rows.size:
        return None
    digit = drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    longest = max(digit.shape)
    height, width = (max(1, round(_BOX * side / longest)) for side in digit.shape)
    digit = _stretched(_stretched(digit, height).T, width).T
    down, right = np.indices(digit.shape)
    ink = digit.sum()
    middle = (SIDE - 1) / 2
    top = int(np.clip(round(middle - float((down * digit).sum() / ink)), 0, SIDE - height))
    left = int(np.clip(round(middle - float((right * digit).sum() / ink)), 0, SIDE - width))
    image = np.zeros((SIDE, SIDE))
    image[top : top + height, left : left + width] = digit
    return image.reshape(-1)


def answer(network: Description, image: npt.ArrayLike) -> Answer:
    """Return the activations of every layer for an image of 784 pixels from 0 to 1."""
    x = np.asarray(image, np.float64).reshape(-1, 1)
    _, activations = forward(network.architecture, network.weights, network.biases, x)
    layers = [np.asarray(a[:, 0], np.float64) for a in activations[1:]]
    return Answer(layers, int(np.argmax(layers[-1])))


def _stretched(image: Floats, rows: int) -> Floats:
    """Scale an image to so many rows; each is the mean of what it covers."""
    edges = np.linspace(0.0, len(image), rows + 1)
    total = np.vstack([np.zeros(image.shape[1]), np.cumsum(image, axis=0)])  # from the top
    whole = np.minimum(edges.astype(int), len(image) - 1)
    up_to = total[whole] + (edges - whole)[:, np.newaxis] * image[whole]
    scaled: Floats = np.diff(up_to, axis=0) / (edges[1] - edges[0])
    return np.clip(scaled, 0.0, 1.0)
