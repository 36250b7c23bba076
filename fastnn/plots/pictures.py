"""Figures of examples and weights as small images."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, integer
from fastnn.plots.style import INK, array_of, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE = (4.8, 4.8)  # inches
_ROWS_AT_A_TIME = 4096


class HasFeedforward(Protocol):
    """The part of a network that this module uses."""

    def feedforward(self, a: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the outputs (outputs, k) for inputs (inputs, k)."""


def weights(
    network: Any,
    *,
    shape: tuple[int, int] | None = None,
    most: int = 100,
    ax: Axes | None = None,
) -> Axes:
    """Draw the weights of each neuron of the first layer as an image of its inputs.

    Parameters
    ----------
    network : Network or array_like, shape (neurons, inputs)
        A network, or the weights themselves.
    shape : tuple of int, optional
        Rows and columns of an image; by default those of a square.
    most : int, optional
        How many neurons to draw at most, the first ones.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        Red where a weight is above 0, blue where it is below, each image on a scale of its own.

    Raises
    ------
    TypeError, ValueError
        If the weights are no matrix of finite numbers, or `shape` does not go with the inputs.
    """
    matrix = np.asarray(getattr(network, "weights", [network])[0], float)
    if matrix.ndim != 2 or not matrix.size or not np.isfinite(matrix).all():
        raise ValueError(
            "network must be a network or finite weights of shape (neurons, inputs), got "
            f"{describe(matrix)}"
        )
    shape = _shape_of(shape, matrix.shape[1])
    shown = matrix[: integer("most", most, smallest=1)]
    limits = np.abs(shown).max(axis=1, keepdims=True)
    images = shown / np.where(limits > 0, limits, 1.0)
    ax = axes_or_new(ax, _SIZE)
    _mosaic(ax, images, shape, "RdBu_r", (-1.0, 1.0))
    return ax


def images(
    inputs: npt.ArrayLike,
    labels: npt.ArrayLike | None = None,
    *,
    shape: tuple[int, int] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw inputs as images, such as digits, with their labels below.

    Parameters
    ----------
    inputs : array_like, shape (n, inputs)
        From 0, drawn white, to 1, drawn black.
    labels : array_like, shape (n,), optional
    shape : tuple of int, optional
        Rows and columns of an image; by default those of a square.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        If `inputs` are no matrix of finite numbers, or `labels` or `shape` do not go with them.
    """
    matrix = array_of("inputs", inputs, "(n, inputs)", dimensions=2)
    captions = [] if labels is None else [f"{label}" for label in np.asarray(labels).ravel()]
    if labels is not None and len(captions) != len(matrix):
        raise ValueError(f"labels must be {len(matrix)}, one for each input, got {len(captions)}")
    shape = _shape_of(shape, matrix.shape[1])
    ax = axes_or_new(ax)
    across = max(1, round(math.sqrt(2.5 * len(matrix))))
    _mosaic(ax, matrix, shape, "Greys", (0.0, 1.0), captions, across)
    return ax


def mistakes(
    network: HasFeedforward,
    data: Iterable[tuple[Any, Any]],
    *,
    shape: tuple[int, int] | None = None,
    most: int = 25,
    ax: Axes | None = None,
) -> Axes:
    """Draw examples that a network gets wrong, with the right answer and the network's.

    Parameters
    ----------
    network : Network
        It must have two outputs or more.
    data : Dataset or iterable of (x, label)
        Labels are integers or unit columns, inputs as `SGD` takes them.
    shape : tuple of int, optional
        Rows and columns of an image; by default those of a square.
    most : int, optional
        How many examples to draw at most, those that the network is most certain of.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        Its title says how many are wrong, out of how many.

    Raises
    ------
    TypeError, ValueError
        If `data` are no examples, or `shape` does not go with them.
    """
    most = integer("most", most, smallest=1)
    examples = list(data)
    if not examples:
        raise ValueError("data must have an example at least, got none")
    labels = np.array([y if np.ndim(y) == 0 else np.argmax(y) for _, y in examples])
    inputs = np.concatenate([np.reshape(x, (1, -1)) for x, _ in examples])
    shape = _shape_of(shape, inputs.shape[1])
    outputs = np.concatenate(
        [
            network.feedforward(inputs[start : start + _ROWS_AT_A_TIME].T).T
            for start in range(0, len(inputs), _ROWS_AT_A_TIME)
        ]
    )
    if outputs.shape[1] < 2:
        raise ValueError("network must have two outputs or more, got one")
    answers = outputs.argmax(axis=1)
    wrong = np.flatnonzero(answers != labels)
    certain = outputs[wrong, answers[wrong]] - outputs[wrong, labels[wrong]]
    shown = wrong[np.argsort(-certain, kind="stable")][:most]
    ax = axes_or_new(ax, _SIZE)
    ax.set_title(f"{len(wrong):,} of {len(labels):,} are wrong", color=INK, fontsize=10)
    if not len(shown):
        ax.set_axis_off()
        return ax
    said = [f"{labels[place]}, not {answers[place]}" for place in shown]
    pixels = inputs[shown]
    _mosaic(ax, pixels, shape, "gray_r", (float(pixels.min()), float(pixels.max())), said)
    return ax


def _shape_of(shape: tuple[int, int] | None, inputs: int) -> tuple[int, int]:
    if shape is None:
        side = math.isqrt(inputs)
        if side * side != inputs:
            raise ValueError(
                f"shape must be given: {inputs} inputs are not the pixels of a square image"
            )
        return side, side
    rows, columns = (integer(f"shape[{i}]", n, smallest=1) for i, n in enumerate(tuple(shape)))
    if rows * columns != inputs:
        raise ValueError(f"shape must have {inputs} pixels, got {rows} x {columns}")
    return rows, columns


def _mosaic(
    ax: Axes,
    images: npt.NDArray[Any],
    shape: tuple[int, int],
    cmap: str,
    limits: tuple[float, float],
    captions: Sequence[str] = (),
    across: int | None = None,
) -> None:
    """Draw images side by side, by default as a square, the captions below them."""
    across = across or math.ceil(math.sqrt(len(images)))
    down = math.ceil(len(images) / across)
    gap = 1 + (max(shape[0] // 5, 2) if captions else 0)
    height, width = shape[0] + gap, shape[1] + 1
    canvas = np.full((down * height, across * width), np.nan)
    for place, image in enumerate(images):
        top, left = place // across * height, place % across * width
        canvas[top : top + shape[0], left : left + shape[1]] = image.reshape(shape)
        if captions:
            middle = left + (shape[1] - 1) / 2
            below = top + shape[0] + (gap - 1) / 2 - 0.5
            size = min(9.0, 46.0 / across)
            ax.text(
                middle, below, captions[place], color=INK, fontsize=size, ha="center", va="center"
            )
    low, high = limits
    ax.imshow(canvas, cmap=cmap, vmin=low, vmax=high, interpolation="nearest")
    ax.set_axis_off()
