"""How fast the layers of a network learn: chapter 5's measurements, for any network and data."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, real
from fastnn.datasets.dataset import Dataset
from fastnn.datasets.fitting import fitting_dataset
from fastnn.engine import python_calls
from fastnn.engine.meter import Meter
from fastnn.kernels.sums import norm
from fastnn.model.description import Arrays, architecture_of, parameters_of
from fastnn.model.model import Model
from fastnn.model.overrides import calls_backprop, leading_through_python

__all__ = ["average_gradient", "layer_speeds", "mean_slopes", "update_ratios", "weight_speeds"]

Examples = Iterable[tuple[Any, Any]]


def average_gradient(net: Model, data: Examples) -> tuple[Arrays, Arrays]:
    """The gradient of the cost (BP1 to BP4), averaged over the data, without regularisation.

    Where `backprop` of the network is overridden, it is called for each example.

    Parameters
    ----------
    net : Network
    data : Dataset or iterable of (x, y)
        y is a column of desired outputs or an integer label.

    Returns
    -------
    nabla_b, nabla_w : list of ndarray
        Shaped like ``net.biases`` and ``net.weights``.

    Raises
    ------
    TypeError, ValueError
        If `net` is no Network of network2, or `data` does not fit it.
    """
    dataset = _dataset_for(net, data)
    weights, biases = parameters_of(net)
    if calls_backprop(net):
        return python_calls.average_gradient(net, dataset)
    nabla_w, nabla_b = Meter(architecture_of(net), dataset).gradient(weights, biases)
    return nabla_b, nabla_w


def layer_speeds(net: Model, data: Examples) -> npt.NDArray[np.float64]:
    """The speed at which each layer learns: the norm of the averaged dC/db (chapter 5).

    Parameters
    ----------
    net, data
        As for `average_gradient`.

    Returns
    -------
    ndarray, shape (num_layers - 1,)
        One speed per layer after the inputs; the output layer's comes last.

    Raises
    ------
    TypeError, ValueError
        As `average_gradient`.
    """
    dataset = _dataset_for(net, data)
    parameters = parameters_of(net)
    if calls_backprop(net):
        return python_calls.layer_speeds(net, dataset)
    return Meter(architecture_of(net), dataset).speeds(*parameters)


def weight_speeds(net: Model, data: Examples) -> npt.NDArray[np.float64]:
    """The Frobenius norm of the averaged dC/dw of every layer.

    Parameters
    ----------
    net, data
        As for `average_gradient`.

    Returns
    -------
    ndarray, shape (num_layers - 1,)
        One norm per layer after the inputs; the output layer's comes last.

    Raises
    ------
    TypeError, ValueError
        As `average_gradient`.
    """
    _, nabla_w = average_gradient(net, data)
    return np.array([norm(w) for w in nabla_w], np.float64)


def mean_slopes(net: Model, data: Examples) -> npt.NDArray[np.float64]:
    """The mean over data and neurons of the activation's slope f'(z): near 0, a layer is saturated.

    For softmax outputs, it is the slope of each output by its own z.

    Parameters
    ----------
    net, data
        As for `average_gradient`.

    Returns
    -------
    ndarray, shape (num_layers - 1,)
        One mean per layer after the inputs; the output layer's comes last.

    Raises
    ------
    TypeError, ValueError
        As `average_gradient`; also if `feedforward` or `backprop` of the network is overridden:
        the slopes would not be those of `activations`.
    """
    dataset = _dataset_for(net, data)
    names = leading_through_python(net, "feedforward", "backprop")
    if names:
        raise ValueError(
            f"mean_slopes knows the slopes of `activations` only, not those in what is overridden "
            f"here: {', '.join(names)}"
        )
    meter = Meter(architecture_of(net), dataset)
    slopes = meter.slopes(*parameters_of(net))
    return np.array([math.fsum(b[:, 0].tolist()) / len(b) for b in slopes])


def update_ratios(
    net: Model, data: Examples, eta: float, lmbda: float = 0.0
) -> npt.NDArray[np.float64]:
    """How far a full step of gradient descent would move the weights, relative to their size.

    Parameters
    ----------
    net, data
        As for `average_gradient`.
    eta : float
        Learning rate.
    lmbda : float, optional
        Regularisation parameter, as for `SGD`.

    Returns
    -------
    ndarray, shape (num_layers - 1,)
        ``||eta (dC/dw + lmbda / n w)|| / ||w||`` for every layer; infinite where w is zero.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above.
    """
    eta, lmbda = real("eta", eta), real("lmbda", lmbda)
    dataset = _dataset_for(net, data)
    weights, _ = parameters_of(net)
    _, nabla_w = average_gradient(net, dataset)
    decay = lmbda / len(dataset)
    ratios = []
    for w, nabla in zip(weights, nabla_w, strict=True):
        size, step = norm(w), abs(eta) * norm(nabla + decay * w)
        ratios.append(step / size if size > 0.0 else np.inf)
    return np.array(ratios, np.float64)


def _dataset_for(net: Model, data: Examples) -> Dataset:
    """Return the examples as a data set, if the network is one that can be measured on them."""
    if not isinstance(net, Model):
        raise TypeError(
            f"net must be a Network of fastnn.network2, got {describe(net)}; one of chapter 1 "
            "learns as Network(sizes, cost=QuadraticCost) with its weights and biases does"
        )
    return fitting_dataset("data", data, net.sizes)
