"""Activations: the output of a layer for its weighted inputs z, and the slope of the output."""

from __future__ import annotations

import sys
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

# A script may put functions of its own in the place of `fastnn.reference.sigmoid` and others, as it
# may with network2's. So they are looked up here at every call.
BOOK = sys.modules[__package__]


class Activation(Protocol):
    """The two static methods of an activation, which take a weighted input."""

    @staticmethod
    def fn(z: Any) -> Any:
        """Return the output of a neuron with the weighted input `z`."""

    @staticmethod
    def prime(z: Any) -> Any:
        """Return the slope of `fn` at `z`."""


class Sigmoid:
    """``1 / (1 + exp(-z))`` (eq. 3), between 0 and 1.

    For a very negative z the exponential overflows, which gives the right 0. Callers silence
    NumPy's warning once for a whole network, since that takes as long as computing a layer.
    """

    @staticmethod
    def fn(z: Any) -> Any:
        """Return the sigmoid, element by element."""
        return 1.0 / (1.0 + np.exp(-z))

    @staticmethod
    def prime(z: Any) -> Any:
        """Return its slope, at most 1/4."""
        a = Sigmoid.fn(z)
        return a * (1.0 - a)


class Tanh:
    """The hyperbolic tangent (eq. 109), between -1 and 1."""

    @staticmethod
    def fn(z: Any) -> Any:
        """Return tanh z, element by element."""
        return np.tanh(z)

    @staticmethod
    def prime(z: Any) -> Any:
        """Return its slope, at most 1."""
        return 1.0 - np.tanh(z) ** 2


class ReLU:
    """The rectified linear unit ``max(0, z)`` (eq. 112)."""

    @staticmethod
    def fn(z: Any) -> Any:
        """Return `z` where it is positive, else 0."""
        return np.maximum(z, 0.0)

    @staticmethod
    def prime(z: Any) -> Any:
        """Return 1 where `z` is positive, else 0; at the kink it is 0."""
        return np.where(z > 0.0, 1.0, 0.0)


class Identity:
    """The weighted input itself: the output of regression."""

    @staticmethod
    def fn(z: Any) -> Any:
        """Return `z`."""
        return z

    @staticmethod
    def prime(z: Any) -> Any:
        """Return 1 everywhere."""
        return np.ones_like(z)


class Exponential:
    """The exponential, for outputs that are means of counts."""

    @staticmethod
    def fn(z: Any) -> Any:
        """Return ``exp(z)``."""
        return np.exp(z)

    @staticmethod
    def prime(z: Any) -> Any:
        """Return the slope, ``exp(z)`` again."""
        return np.exp(z)


HIDDEN: dict[str, type[Activation]] = {"sigmoid": Sigmoid, "tanh": Tanh, "relu": ReLU}
"""The activations of hidden layers, by name."""

_NAMED: dict[str, type[Activation]] = {
    **HIDDEN,
    "identity": Identity,
    "exponential": Exponential,
}


def check_hidden(activation: Any, hidden_layers: int) -> list[Any]:
    """Return a list of the hidden layers' activations, from one for all or one for each.

    Raises ValueError if a name is unknown or the list has another length.
    """
    each = activation if isinstance(activation, (list, tuple)) else [activation] * hidden_layers
    if len(each) != hidden_layers:
        raise ValueError(
            f"activation must hold one entry for each of {hidden_layers} hidden layers, "
            f"got {activation!r}"
        )
    for entry in each:
        if isinstance(entry, str) and entry not in HIDDEN:
            raise ValueError(f"activation must be one of {', '.join(HIDDEN)}, got {entry!r}")
    return list(each)


def of_layers(activations: Any, layers: int) -> list[Any]:
    """Return the activations of the layers after the inputs, as a network has them.

    A subclass that does not call ``Network.__init__`` has none: then every layer is sigmoid. So are
    all hidden layers, however many there are now, if they were when the network was made.
    Raises ValueError if `activations` is something else than a list of that many.
    """
    if activations is None:
        return ["sigmoid"] * layers
    if isinstance(activations, list) and len(activations) == layers:
        return activations
    if isinstance(activations, list) and activations:
        *hidden, last = activations
        if set(map(str, hidden)) <= {"sigmoid"} and last in ("sigmoid", "softmax", "exponential"):
            return ["sigmoid"] * (layers - 1) + [last]  # those that costs have by default
    raise ValueError(
        f"activations must name the activation of each of {layers} layers, got "
        f"{activations!r}; a subclass that means something else has to call it something else"
    )


@np.errstate(over="ignore")
def sigmoid(z: Any) -> Any:
    """Return ``1 / (1 + exp(-z))`` (eq. 3), element by element, of a number or array."""
    return Sigmoid.fn(z)


@np.errstate(over="ignore")
def sigmoid_prime(z: Any) -> Any:
    """Return the slope of the sigmoid, element by element; at most 1/4, at z = 0."""
    a = BOOK.sigmoid(z)
    return a * (1.0 - a)


_SIGMOIDS = sigmoid, sigmoid_prime


def log_softmax(z: Array) -> Array:
    """Return the logarithm of `softmax`, finite for all finite `z`."""
    below = z - np.max(z, axis=0)
    return cast(Array, below - np.log(np.sum(np.exp(below), axis=0)))


def softmax(z: Array) -> Array:
    """Return ``exp(z_j) / sum_k exp(z_k)`` (eq. 78) of a column `z`, shape (outputs, 1).

    Subtracting the largest z first leaves the result the same, but keeps every exponential from
    overflowing.
    """
    powers = np.exp(z - np.max(z, axis=0))
    return cast(Array, powers / np.sum(powers, axis=0))


def activate(activation: str | type[Activation], z: Array) -> Array:
    """Return the outputs of a layer.

    Parameters
    ----------
    activation : str or class
        "sigmoid", "tanh", "relu", "identity", "exponential", "softmax", or a class with a static
        method ``fn(z)``, which is called with one number at a time.
    z : ndarray, shape (neurons, 1)
        Weighted inputs of the layer.

    Returns
    -------
    ndarray, shape (neurons, 1)
    """
    if activation == "sigmoid" and BOOK.sigmoid is not _SIGMOIDS[0]:
        outputs: Array = BOOK.sigmoid(z)
    elif isinstance(activation, str):
        outputs = softmax(z) if activation == "softmax" else _NAMED[activation].fn(z)
    else:
        outputs = np.vectorize(activation.fn, otypes=[np.float64])(z)
    return outputs


def slope(activation: str | type[Activation], z: Array) -> Array:
    """Return the slopes of a layer's outputs at its weighted inputs, for BP2.

    Parameters are those of `activate`; a class needs a static method ``prime(z)``. Softmax does not
    work here, because each of its outputs depends on all weighted inputs.
    """
    if activation == "sigmoid" and (BOOK.sigmoid, BOOK.sigmoid_prime) != _SIGMOIDS:
        slopes: Array = BOOK.sigmoid_prime(z)
    elif isinstance(activation, str):
        slopes = _NAMED[activation].prime(z)
    else:
        slopes = np.vectorize(activation.prime, otypes=[np.float64])(z)
    return slopes
