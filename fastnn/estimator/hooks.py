"""What users override of scikit-learn's training: initial weights count, the rest is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from fastnn.estimator.parameters import refuse_shared
from fastnn.model.description import Arrays

# Methods of scikit-learn's perceptrons that compiled kernels stand in for. No class of fastnn has
# them, so an estimator that has one got it from its user.
HOOKS = (
    "_backprop",
    "_compute_loss_grad",
    "_fit",
    "_fit_lbfgs",
    "_fit_stochastic",
    "_forward_pass",
    "_forward_pass_fast",
    "_initialize",
    "_loss_grad_lbfgs",
    "_predict",
    "_score",
    "_score_with_function",
    "_unpack",
    "_update_no_improvement_count",
    "_validate_input",
)


def check_hooks(estimator: Any) -> None:
    """Raise ValueError if an estimator has one of `HOOKS`, which nothing here calls."""
    found = [f"{type(estimator).__name__}.{name}" for name in HOOKS if hasattr(estimator, name)]
    if found:
        raise ValueError(
            f"{' and '.join(found)} would have no effect: fastnn's compiled kernels do not call "
            "what overrides methods of scikit-learn's training. An activation or a cost of one's "
            "own goes into fastnn.Network; for anything else use the estimator of "
            "sklearn.neural_network."
        )


def check_optimiser(estimator: Any) -> None:
    """Raise ValueError if an estimator has an `_optimizer`, which only its user can have assigned.

    scikit-learn's `partial_fit` would go on with it.
    """
    if hasattr(estimator, "_optimizer"):
        raise ValueError(
            f"{type(estimator).__name__}._optimizer would have no effect: fastnn's solvers are "
            "compiled, and what they remember is not in an attribute of scikit-learn's. Delete "
            "it, or use the estimator of sklearn.neural_network."
        )


def checked_start(
    coefs: list[Any], intercepts: list[Any], sizes: list[int], dtype: np.dtype[Any]
) -> tuple[Arrays, Arrays]:
    """Return the weights and the biases that `_init_coef` drew for layers of these sizes.

    All are of one type, the widest of theirs and `dtype`: NumPy would compute with that one.

    Raises
    ------
    ValueError
        If an array does not have the shape of its layer, is not of float64 or float32, or shares
        memory with another.
    """
    arrays = [
        (np.asarray(weights), np.asarray(biases))
        for weights, biases in zip(coefs, intercepts, strict=True)
    ]
    common = np.result_type(dtype, *(array for pair in arrays for array in pair))
    for (weights, biases), (fan_in, fan_out) in zip(arrays, pairwise(sizes), strict=True):
        fits = weights.shape == (fan_in, fan_out) and biases.shape == (fan_out,)
        if not fits or common not in (np.float64, np.float32):
            raise ValueError(
                f"_init_coef must return weights of the shape {(fan_in, fan_out)} and biases of "
                f"the shape {(fan_out,)}, float64 or float32, got {weights.shape} and "
                f"{biases.shape}, {weights.dtype} and {biases.dtype}"
            )
    refuse_shared([weights for weights, _ in arrays], [biases for _, biases in arrays])
    kept = [tuple(array.astype(common) for array in pair) for pair in arrays]
    return [weights for weights, _ in kept], [biases for _, biases in kept]
