"""The solver "lbfgs": all examples in every step, by SciPy's limited-memory BFGS."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize
from sklearn.exceptions import ConvergenceWarning

from fastnn.estimator.trainer import WeightedTrainer
from fastnn.estimator.warning import warn
from fastnn.model.description import Arrays

_SCIPYS = optimize.minimize


class Search:
    """A search for the weights and biases with the smallest loss (Byrd et al. 1995).

    Parameters
    ----------
    trainer : WeightedTrainer
        Computes the loss and its gradient; made for `GRADIENT` and mini-batches of all examples.
    coefs, intercepts : list of ndarray
        The starting point: weights ``(fan_in, fan_out)`` and biases ``(fan_out,)`` of each layer.

    Attributes
    ----------
    loss : float or None
        The smallest loss so far; None before the first is known. After `run`, that at its end.
    iterations : int
        Iterations so far.
    """

    def __init__(self, trainer: WeightedTrainer, coefs: Arrays, intercepts: Arrays) -> None:
        self._trainer = trainer
        self._layers = len(coefs)
        self._shapes = [array.shape for array in [*coefs, *intercepts]]
        self._point = _point_of(coefs, intercepts)
        self.loss: float | None = None
        self.iterations = 0

    def run(self, *, max_iter: int, max_fun: int, tol: float) -> None:
        """Search until nothing improves.

        Parameters
        ----------
        max_iter, max_fun : int
            The largest number of iterations, and of times that the loss is computed.
        tol : float
            The search ends when no element of the gradient is larger than this.

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            If `max_iter` or `max_fun` ends the search, or if SciPy finds no smaller loss.
        """
        # scikit-learn passes no callback, so that a script's own search may take or pass none.
        counted = {"callback": self._count} if optimize.minimize is _SCIPYS else {}
        result = optimize.minimize(
            self._loss_and_gradient,
            self._point,
            method="L-BFGS-B",
            jac=True,
            options={"maxiter": max_iter, "maxfun": max_fun, "gtol": tol},
            **counted,
        )
        self._point, self.loss = result.x, float(result.fun)
        self.iterations = min(int(result.nit), max_iter)
        if result.status != 0:
            advice = (
                "Inputs of similar scale, as a StandardScaler makes them, need fewer iterations."
            )
            if self.iterations == max_iter:  # in the words that filters for scikit-learn's have
                more = "Increase the number of iterations to improve the convergence"
                advice = f"{more} (max_iter={max_iter}).\n{advice}"
            warn(
                f"lbfgs failed to converge after {self.iterations} iteration(s) "
                f"(status={result.status}):\n{result.message}\n{advice}",
                ConvergenceWarning,
            )

    def arrays(self) -> tuple[Arrays, Arrays]:
        """The weights and biases of the best point so far; after `run`, those where it ended.

        They are float64, whatever the network's type: SciPy searches in float64.
        """
        return self._arrays_of(self._point)

    def _arrays_of(self, point: npt.NDArray[Any]) -> tuple[Arrays, Arrays]:
        ends = np.cumsum([np.prod(shape, dtype=int) for shape in self._shapes])
        parts = np.split(point, ends[:-1])
        arrays = [part.reshape(shape) for part, shape in zip(parts, self._shapes, strict=True)]
        return arrays[: self._layers], arrays[self._layers :]

    def _loss_and_gradient(self, point: npt.NDArray[Any]) -> tuple[float, npt.NDArray[Any]]:
        loss, of_coefs, of_intercepts = self._trainer.loss_and_gradient(*self._arrays_of(point))
        if self.loss is None or loss < self.loss:
            self._point, self.loss = point.copy(), loss
        return loss, _point_of(of_coefs, of_intercepts)

    def _count(self, point: npt.NDArray[Any]) -> None:
        self.iterations += 1


def _point_of(coefs: Arrays, intercepts: Arrays) -> npt.NDArray[Any]:
    """Join all weights and biases, weights first, as SciPy takes them."""
    return np.concatenate([array.ravel() for array in [*coefs, *intercepts]])
