"""Gradients averaged over a data set, and how fast layers learn (the book's chapter 5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from .activations import Array

Gradient = tuple[list[Array], list[Array]]


class HasBackprop(Protocol):
    """The part of a network that this module uses."""

    biases: list[Array]
    weights: list[Array]

    def backprop(self, x: Any, y: Any) -> Gradient:
        """Return the gradient of the cost of one example."""


def summed(net: HasBackprop, gradients: Iterable[Gradient]) -> Gradient:
    """Return the sum of `gradients`, shaped like the biases and weights of `net`."""
    nabla_b = [np.zeros(b.shape) for b in net.biases]
    nabla_w = [np.zeros(w.shape) for w in net.weights]
    for example_b, example_w in gradients:
        for nb, eb in zip(nabla_b, example_b, strict=True):
            nb += eb
        for nw, ew in zip(nabla_w, example_w, strict=True):
            nw += ew
    return nabla_b, nabla_w


def of_all_layers(net: HasBackprop, last_b: list[Array], last_w: list[Array]) -> Gradient:
    """Return the gradient of the last layers with zeros for those before."""
    before = len(net.weights) - len(last_w)
    zeros_b = [np.zeros(b.shape) for b in net.biases[:before]]
    zeros_w = [np.zeros(w.shape) for w in net.weights[:before]]
    return zeros_b + last_b, zeros_w + last_w


def weighted(gradients: Iterable[Gradient], factors: Iterable[float]) -> Iterator[Gradient]:
    """Yield each of `gradients` times its factor."""
    for (example_b, example_w), factor in zip(gradients, factors, strict=True):
        yield [factor * nb for nb in example_b], [factor * nw for nw in example_w]


def average_gradient(net: HasBackprop, data: Sequence[tuple[Any, Any]]) -> Gradient:
    """Return the mean over `data` of dC/db and dC/dw, without regularisation.

    Parameters
    ----------
    net : Network
    data : sequence of (x, y)
        Columns, as in `SGD`.

    Returns
    -------
    nabla_b, nabla_w : list of ndarray
        Shaped like ``net.biases`` and ``net.weights``.
    """
    nabla_b, nabla_w = summed(net, (net.backprop(x, y) for x, y in data))
    n = len(data)
    return [nb / n for nb in nabla_b], [nw / n for nw in nabla_w]


def layer_speeds(net: HasBackprop, data: Sequence[tuple[Any, Any]]) -> Array:
    """Return the norm of the averaged dC/db of every layer, shape (num_layers - 1,).

    The gradient is averaged first, and then its norm is taken. The output layer comes last.
    Parameters are those of `average_gradient`.
    """
    nabla_b, _ = average_gradient(net, data)
    return np.array([np.linalg.norm(nb) for nb in nabla_b])
