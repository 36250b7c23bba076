"""The way of one example through the layers of a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .activations import Array, activate, of_layers


class HasLayers(Protocol):
    """The part of a network that this module uses."""

    activations: list[Any] | None
    biases: list[Array]
    weights: list[Array]


def forward(
    net: HasLayers, x: npt.NDArray[Any], masks: Sequence[Array] | None = None
) -> tuple[list[Array], list[Array]]:
    """Return the weighted inputs of each layer, and `x` followed by the layers' outputs.

    Parameters
    ----------
    net : Network
    x : ndarray, shape (sizes[0], 1)
        Input.
    masks : sequence of ndarray, optional
        Dropout's factors on the outputs of each hidden layer, shapes (neurons, 1).

    Raises
    ------
    ValueError
        If `x` has another number of rows, or ``net.activations`` is something else than a list with
        one entry for each layer.
    """
    names = of_layers(net.activations, len(net.weights))
    zs: list[Array] = []
    activations = [x]
    for layer, (b, w) in enumerate(zip(net.biases, net.weights, strict=True)):
        zs.append(np.dot(w, activations[-1]) + b)
        a = activate(names[layer], zs[-1])
        if masks and layer < len(masks):
            a = a * masks[layer]
        activations.append(a)
    return zs, activations
