"""The solver "lbfgs": all examples in every step, by SciPy's limited-memory BFGS."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning

from fastnn.estimator.trainer import WeightedTrainer
from fastnn.estimator.warning import warn
from fastnn.model.description import Arrays


class Minimum(NamedTuple):
    """The point at which the search ended."""

    coefs: Arrays
    intercepts: Arrays
    loss: float
    iterations: int


def minimise_loss(
    trainer: WeightedTrainer,
    coefs: Arrays,
    intercepts: Arrays,
    *,
    max_iter: int,
    max_fun: int,
    tol: float,
) -> Minimum:
    """Search for the weights and biases with the smallest loss (Byrd et al. 1995).

    Parameters
    ----------
    trainer : WeightedTrainer
        Computes the loss and its gradient; made for `GRADIENT` and mini-batches of all examples.
    coefs, intercepts : list of ndarray
        The starting point: weights ``(fan_in, fan_out)`` and biases ``(fan_out,)`` of each layer.
    max_iter, max_fun : int
        The largest number of iterations, and of times that the loss is computed.
    tol : float
        The search ends when no element of the gradient is larger than this.

    Returns
    -------
    Minimum
        Its arrays are float64, whatever the network's type: SciPy searches in float64.

    Warns
    -----
    sklearn.exceptions.ConvergenceWarning
        If `max_iter` or `max_fun` ends the search, or if SciPy finds no smaller loss.
    """
    shapes = [array.shape for array in [*coefs, *intercepts]]
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes])

    def arrays_of(point: npt.NDArray[Any]) -> tuple[Arrays, Arrays]:
        parts = np.split(point, ends[:-1])
        arrays = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
        return arrays[: len(coefs)], arrays[len(coefs) :]

    def loss_and_gradient(point: npt.NDArray[Any]) -> tuple[float, npt.NDArray[Any]]:
        loss, of_coefs, of_intercepts = trainer.loss_and_gradient(*arrays_of(point))
        return loss, _point_of(of_coefs, of_intercepts)

    result = minimize(
        loss_and_gradient,
        _point_of(coefs, intercepts),
        method="L-BFGS-B",
        jac=True,
        options={"maxiter": max_iter, "maxfun": max_fun, "gtol": tol},
    )
    iterations = min(int(result.nit), max_iter)
    if result.status != 0:
        advice = "Inputs of similar scale, as a StandardScaler makes them, need fewer iterations."
        if iterations == max_iter:
            advice = f"Increase max_iter, which is {max_iter}. {advice}"
        warn(
            f"lbfgs failed to converge after {iterations} iteration(s) (status={result.status}):\n"
            f"{result.message}\n{advice}",
            ConvergenceWarning,
        )
    return Minimum(*arrays_of(result.x), float(result.fun), iterations)


def _point_of(coefs: Arrays, intercepts: Arrays) -> npt.NDArray[Any]:
    """Join all weights and biases, weights first, as SciPy takes them."""
    return np.concatenate([array.ravel() for array in [*coefs, *intercepts]])
