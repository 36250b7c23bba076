"""Networks from scikit-learn's perceptrons."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from fastnn.common.checks import describe
from fastnn.datasets.labels import as_labels
from fastnn.model.activations import OUTPUT
from fastnn.model.description import Description
from fastnn.model.exchange import check_layers, described_layers

_FROM_SKLEARN = {"logistic": "sigmoid", "tanh": "tanh", "relu": "relu", "identity": "identity"}
# Methods that an estimator's outputs, or its predictions, come from.
_GIVING_OUTPUTS = ("predict", "predict_proba", "_predict", "_forward_pass_fast")
_OUTPUTS_FROM_SKLEARN = {**_FROM_SKLEARN, "softmax": "softmax", "exp": "exponential"}


def describe_sklearn(mlp: Any) -> Description:
    """Describe the network of a fitted perceptron; see `network2.from_sklearn`."""
    if not hasattr(mlp, "coefs_"):
        raise TypeError(f"mlp must be a fitted MLPClassifier or MLPRegressor, got {describe(mlp)}")
    own = [name for name in _GIVING_OUTPUTS if _is_users(mlp, name)]
    if own:
        raise ValueError(
            f"mlp must give scikit-learn's outputs, but {type(mlp).__name__} has "
            f"{' and '.join(own)} of its own, which no network calls"
        )
    output = _OUTPUTS_FROM_SKLEARN.get(mlp.out_activation_)
    if output not in OUTPUT:
        raise ValueError(
            "mlp must have identity, exp, logistic or softmax outputs, got "
            f"{describe(mlp.out_activation_)}"
        )
    if mlp.activation not in tuple(_FROM_SKLEARN):
        raise ValueError(
            f"mlp must have an activation among {', '.join(_FROM_SKLEARN)}, got "
            f"{describe(mlp.activation)}"
        )
    weights = [np.asarray(coef).T for coef in mlp.coefs_]
    biases = [np.asarray(intercept) for intercept in mlp.intercepts_]
    if not len(weights) == len(biases) == mlp.n_layers_ - 1:
        raise ValueError(
            f"mlp must have coefs_ and intercepts_ for {mlp.n_layers_ - 1} layers, got "
            f"{len(weights)} and {len(biases)}"
        )
    check_layers("mlp", weights, biases)
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
    return described_layers("mlp", weights, biases, [*hidden, output], labels)


def _is_users(estimator: Any, name: str) -> bool:
    """Say whether a method is a user's: of a subclass, of the estimator, or put into its class."""
    if name in vars(estimator):
        return True
    method = inspect.getattr_static(type(estimator), name, None)
    if method is None:
        return False
    # functools.wraps gives a function another's __module__, but not its globals.
    names = getattr(method, "__globals__", {"__name__": type(method).__module__})
    room: str = names.get("__name__", "")
    return room.partition(".")[0] not in ("sklearn", "fastnn")
