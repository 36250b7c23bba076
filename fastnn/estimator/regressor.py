"""A regressor that replaces scikit-learn's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import issparse
from sklearn.base import RegressorMixin
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import validate_data

from fastnn.common.checks import describe
from fastnn.estimator.base import Perceptron, check_of_numpy, without_column_axis
from fastnn.estimator.examples import CheckedExamples
from fastnn.estimator.undoing import Before

if TYPE_CHECKING:
    from typing import Self


class MLPRegressor(RegressorMixin, Perceptron):
    """A multi-layer perceptron for numbers, like `sklearn.neural_network.MLPRegressor`.

    The outputs are linear, or exponential with the loss "poisson". The loss is half the squared
    error, averaged over the outputs, or half the Poisson deviance, summed over them, plus the
    penalty ``alpha / 2 sum w^2``, divided by the weight of the mini-batch.

    Parameters
    ----------
    loss : {"squared_error", "poisson"}, optional
        "poisson" is for counts and other numbers that are not negative.
    hidden_layer_sizes, activation, solver, alpha, batch_size, learning_rate, \
learning_rate_init, power_t, max_iter, shuffle, random_state, tol, verbose, warm_start, momentum, \
nesterovs_momentum, early_stopping, validation_fraction, beta_1, beta_2, epsilon, \
n_iter_no_change, max_fun
        The same as for `MLPClassifier`.

    Attributes
    ----------
    coefs_, intercepts_, loss_, best_loss_, loss_curve_, validation_scores_, \
best_validation_score_, n_iter_, t_, n_features_in_, n_layers_, n_outputs_, out_activation_
        The same as for `MLPClassifier`, but the scores are coefficients of determination R^2.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.linspace(-1, 1, 200).reshape(-1, 1)
    >>> regressor = MLPRegressor(hidden_layer_sizes=50, learning_rate_init=0.01, random_state=1)
    >>> bool(regressor.fit(X, X[:, 0] ** 2).score(X, X[:, 0] ** 2) > 0.9)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "loss": [StrOptions({"squared_error", "poisson"})],
        **Perceptron._parameter_constraints,
    }
    _fastnn_choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "loss": ("squared_error", "poisson"),
        **Perceptron._fastnn_choices,
    }

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.loss = loss

    @available_if(lambda estimator: estimator._check_solver())  # which may be overridden
    def partial_fit(self, X: Any, y: Any, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Train for one epoch, from the present weights.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.

        Returns
        -------
        self

        Raises
        ------
        AttributeError
            If the solver is "lbfgs": then there is no `partial_fit`.
        ValueError
            As `fit` does.
        """
        self._fastnn_check_parameters()
        with Before(self) as before:
            return self._fastnn_learn(X, y, sample_weight, before, incremental=True)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Predict the numbers of each example.

        Parameters
        ----------
        X : array_like or SciPy sparse matrix, shape (n, inputs)

        Returns
        -------
        ndarray, shape (n,) or (n, outputs)
        """
        return self._fastnn_numbers_of(self._fastnn_outputs(self._fastnn_checked_inputs(X)))

    def _fastnn_checked_data(
        self, X: Any, y: Any, first: bool, incremental: bool
    ) -> tuple[Any, Any]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            multi_output=True,
            y_numeric=True,
            dtype=(np.float64, np.float32),
            reset=first,
        )
        check_of_numpy(X=X, y=y)
        y = without_column_axis(y)
        if issparse(y) or y.dtype.kind not in "fiub":
            raise ValueError(f"y must be an array of numbers, got {describe(y)}")
        # float32 stays: scikit-learn subtracts it from float32 outputs in float32.
        dtype = np.float32 if y.dtype.type is np.float32 else np.float64
        return X, y.reshape(len(y), -1).astype(dtype, copy=False)

    def _fastnn_output_activation(self) -> str:
        return "exp" if self.loss == "poisson" else "identity"

    def _fastnn_output_count(self, desired: npt.NDArray[Any]) -> int:
        return int(desired.shape[1])

    def _fastnn_numbers_of(self, outputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def _fastnn_score_of(self, examples: CheckedExamples) -> float:
        from sklearn.metrics import r2_score

        predicted = self._fastnn_numbers_of(self._fastnn_outputs(examples.inputs))
        if not np.isfinite(predicted).all():
            return float("nan")
        wanted = self._fastnn_numbers_of(examples.desired)
        return float(r2_score(wanted, predicted, sample_weight=examples.weights))
