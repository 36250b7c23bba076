"""Networks from and to PyTorch, scikit-learn and ONNX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe
from fastnn.datasets.labels import as_labels, check_classes
from fastnn.exporting import to_onnx, to_torch
from fastnn.model.activations import HIDDEN
from fastnn.model.costs import CrossEntropyCost, LogLikelihoodCost, QuadraticCost
from fastnn.network2 import Network

if TYPE_CHECKING:
    import torch

__all__ = ["from_sklearn", "from_torch", "to_onnx", "to_torch"]

# The cost to go on training with, by the activation of the output layer.
_COSTS: dict[str, Any] = {
    "sigmoid": CrossEntropyCost,
    "softmax": LogLikelihoodCost,
    "identity": QuadraticCost,
}

_FROM_SKLEARN = {"logistic": "sigmoid", "tanh": "tanh", "relu": "relu", "identity": "identity"}


def from_torch(module: torch.nn.Module) -> Network:
    """Make a network of a module of PyTorch that gives the same outputs.

    Parameters
    ----------
    module : torch.nn.Sequential
        Of Linear, each followed by Sigmoid, Tanh or ReLU; after the last one Sigmoid, Softmax over
        the outputs, or nothing. Dropout, Flatten and Identity among them do nothing here.
        Sequentials may lie in each other.

    Returns
    -------
    Network
        With copies of the parameters, in float64 if they are, else in float32. The cost to go on
        with is the cross-entropy for Sigmoid, the log-likelihood for Softmax, else the quadratic
        one. `labels` are those of `to_torch`, if it made the module.

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    TypeError, ValueError
        If the module is not as described.
    """
    import torch

    names = {torch.nn.Sigmoid: "sigmoid", torch.nn.Tanh: "tanh", torch.nn.ReLU: "relu"}
    without_effect = (torch.nn.Dropout, torch.nn.Flatten, torch.nn.Identity)
    weights: list[npt.NDArray[Any]] = []
    biases: list[npt.NDArray[Any]] = []
    activations: list[str] = []
    for part in _parts_of(module, torch.nn.Sequential):
        kind = type(part)
        if kind is torch.nn.Linear:
            if len(activations) < len(weights):
                activations.append("identity")
            dtype = torch.float64 if part.weight.dtype is torch.float64 else torch.float32
            bias = torch.zeros(part.out_features) if part.bias is None else part.bias
            weights.append(part.weight.detach().to("cpu", dtype).numpy())
            biases.append(bias.detach().to("cpu", dtype).numpy())
        elif (kind in names or kind is torch.nn.Softmax) and len(activations) == len(weights) - 1:
            if kind is torch.nn.Softmax and part.dim not in (1, -1):
                raise ValueError(f"module: Softmax must be over dim 1 or -1, got {part.dim}")
            activations.append(names.get(kind, "softmax"))
        elif kind not in without_effect:
            raise ValueError(
                "module must be a Sequential of Linear, each followed by Sigmoid, Tanh, ReLU or, "
                f"at the end, Softmax; got {describe(part)}"
            )
    if not weights:
        raise ValueError(f"module must have a Linear at least, got {describe(module)}")
    if len(activations) < len(weights):
        activations.append("identity")
    labels = getattr(module, "labels", None)
    return _network("module", weights, biases, activations, labels)


def from_sklearn(mlp: Any) -> Network:
    """Make a network of a fitted MLPClassifier or MLPRegressor that gives the same outputs.

    Parameters
    ----------
    mlp : estimator
        scikit-learn's or fastnn's, with activation "logistic", "tanh" or "relu".

    Returns
    -------
    Network
        With copies of the parameters, in their type of numbers. Its outputs are those of
        `predict_proba`, or of a regressor's `predict`; two classes become two softmax outputs. The
        classes are its `labels`, and `predict` tells them; where an example may have several
        labels, it has none.

    Raises
    ------
    TypeError, ValueError
        If `mlp` is not as described, or its classes are neither whole numbers nor text.
    """
    if not hasattr(mlp, "coefs_"):
        raise TypeError(f"mlp must be a fitted MLPClassifier or MLPRegressor, got {describe(mlp)}")
    output = {**_FROM_SKLEARN, "softmax": "softmax"}.get(mlp.out_activation_)
    if output not in _COSTS:
        raise ValueError(
            "mlp must have identity, logistic or softmax outputs, got "
            f"{describe(mlp.out_activation_)}"
        )
    weights, biases = [coef.T for coef in mlp.coefs_], list(mlp.intercepts_)
    classes = getattr(mlp, "classes_", None)
    if output == "sigmoid" and mlp.n_outputs_ == 1:
        # The softmax of 0 and z is 1 - sigmoid(z) and sigmoid(z).
        output = "softmax"
        weights[-1] = np.vstack([np.zeros_like(weights[-1]), weights[-1]])
        biases[-1] = np.concatenate([np.zeros_like(biases[-1]), biases[-1]])
    labels = None
    if classes is not None and output == "softmax":
        labels = as_labels("the classes of mlp", np.array(classes.tolist())).tolist()
    hidden = [_FROM_SKLEARN[mlp.activation]] * (len(weights) - 1)
    return _network("mlp", weights, biases, [*hidden, output], labels)


def _parts_of(module: Any, sequential: Any) -> Iterator[Any]:
    """The modules of a Sequential one after the other, those inside others too."""
    if type(module) is not sequential:
        yield module
        return
    for part in module:
        yield from _parts_of(part, sequential)


def _network(
    name: str,
    weights: Sequence[npt.NDArray[Any]],
    biases: Sequence[npt.NDArray[Any]],
    activations: Sequence[str],
    labels: list[Any] | None,
) -> Network:
    """A network with copies of these parameters; `name` is for errors."""
    *hidden, output = activations
    unknown = [activation for activation in hidden if activation not in HIDDEN]
    if unknown or output not in _COSTS:
        raise ValueError(
            f"{name} must have hidden layers with {', '.join(HIDDEN)} and outputs with "
            f"{', '.join(_COSTS)}, got {', '.join(activations)}"
        )
    sizes = [weights[0].shape[1], *(len(w) for w in weights)]
    for w, (fan_in, fan_out) in zip(weights, pairwise(sizes), strict=True):
        if w.shape != (fan_out, fan_in):
            raise ValueError(
                f"{name} must have layers that fit each other: after {fan_in} neurons there is one "
                f"that takes {w.shape[1]}"
            )
    if labels is not None:
        labels = check_classes(f"the labels of {name}", labels, sizes[-1])
    dtype = np.float64 if weights[0].dtype == np.float64 else np.float32
    net = Network(sizes, _COSTS[output], dtype=dtype, activation=hidden, output=output)
    net.weights = [np.array(w, dtype, order="C") for w in weights]
    net.biases = [np.array(b, dtype).reshape(-1, 1) for b in biases]
    net.labels = labels
    return net
