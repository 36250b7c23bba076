"""What classifier and regressor share: fitting, and the outputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import issparse
from sklearn.exceptions import DataConversionWarning
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from fastnn.datasets.sparse_rows import check_places
from fastnn.estimator.epochs import EpochTraining
from fastnn.estimator.examples import CheckedExamples, KernelExamples
from fastnn.estimator.hooks import check_hooks, check_optimiser, checked_start
from fastnn.estimator.lbfgs import Search
from fastnn.estimator.outputs import outputs_of
from fastnn.estimator.parameters import (
    arrays_to_train,
    checked_parameters,
    common_type,
    refuse_shared,
)
from fastnn.estimator.patches import check_activations, check_training
from fastnn.estimator.settings import ACTIVATIONS, OUTPUT_ACTIVATIONS
from fastnn.estimator.trainer import GRADIENT, Memory, WeightedTrainer
from fastnn.estimator.undoing import Before
from fastnn.estimator.warning import warn
from fastnn.kernels.optimisers import Adam
from fastnn.model.architecture import Architecture
from fastnn.model.costs import (
    CrossEntropyCost,
    LogLikelihoodCost,
    PoissonCost,
    QuadraticCost,
    unpatched,
)
from fastnn.model.description import Arrays, are_finite

if TYPE_CHECKING:
    from typing import Self

# scikit-learn's name of the output's activation: fastnn's name, and the cost that goes with it.
_OUTPUTS: dict[str, tuple[str, Any]] = {
    "identity": ("identity", unpatched(QuadraticCost)),
    "exp": ("exponential", unpatched(PoissonCost)),
    "logistic": ("sigmoid", unpatched(CrossEntropyCost)),
    "softmax": ("softmax", unpatched(LogLikelihoodCost)),
}


def check_of_numpy(**arrays: Any) -> None:
    """Raise TypeError if an array is of another library; `arrays` are by the name of the argument.

    Under ``array_api_dispatch`` scikit-learn's checks leave such arrays as they are.
    """
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) and not issparse(array):
            kind = type(array)
            raise TypeError(
                f"{name} must be an array of NumPy or a sparse matrix of SciPy, got "
                f"{kind.__module__}.{kind.__qualname__}, which scikit-learn converts only without "
                "array_api_dispatch: pass numpy.asarray of it"
            )


def without_column_axis(y: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Make a single column one-dimensional, with a warning; leave any other `y` as it is.

    Raises
    ------
    TypeError
        If the column is sparse.
    """
    if y.ndim != 2 or y.shape[1] != 1:
        return y
    column: npt.NDArray[Any] = column_or_1d(y)
    warn(
        "A column-vector y was passed when a 1d array was expected. Please change the shape of y "
        "to (n_samples, ), for example using ravel().",
        DataConversionWarning,
    )
    return column


class Perceptron(EpochTraining, ABC):
    """A multi-layer perceptron that learns as scikit-learn's does.

    With the same parameters and the same `random_state`, the initial weights, the order of the
    examples and the held-out examples are scikit-learn's. So is the loss curve, up to rounding.
    """

    def fit(self, X: Any, y: Any, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Learn from examples.

        Parameters
        ----------
        X : array_like or SciPy sparse matrix, shape (n, inputs)
            Inputs, one example in each row. Sparse inputs stay sparse.
        y : array_like, shape (n,) or (n, outputs)
            Classes or numbers to learn.
        sample_weight : array_like, shape (n,), optional
            How much each example counts. By default all count the same.

        Returns
        -------
        self

        Raises
        ------
        sklearn.utils._param_validation.InvalidParameterError
            If a parameter has a wrong value; a ValueError and a TypeError.
        ValueError
            If the data are not as described, or if weights or biases are no longer finite.
        """
        self._fastnn_check_parameters()
        with Before(self) as before:
            return self._fastnn_learn(X, y, sample_weight, before, incremental=False)

    @abstractmethod
    def _fastnn_checked_data(
        self, X: Any, y: Any, first: bool, incremental: bool
    ) -> tuple[Any, Any]:
        """Check the data; return the inputs, and labels (n,) or desired outputs (n, outputs)."""

    @abstractmethod
    def _fastnn_output_activation(self) -> str:
        """Name the activation of the output layer as scikit-learn does."""

    @abstractmethod
    def _fastnn_output_count(self, desired: npt.NDArray[Any]) -> int:
        """How many outputs the network needs for these desired ones."""

    def _fastnn_learn(
        self, X: Any, y: Any, sample_weight: Any, before: Before, *, incremental: bool
    ) -> Self:
        if self.early_stopping and incremental:
            raise ValueError("partial_fit does not support early_stopping=True")
        if incremental:
            check_optimiser(self)
        check_places("X", X, any_shape=True)
        check_places("y", y)
        first = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        X, desired = self._fastnn_checked_data(X, y, first, incremental)
        hidden = [self.activation] * len(self._fastnn_hidden_sizes())
        check_training(
            hidden,
            self._fastnn_output_activation(),
            self.loss,
            self.solver,
            early_stopping=self.early_stopping,
        )
        if sample_weight is not None:
            check_places("sample_weight", sample_weight, any_shape=True)
            sample_weight = _check_sample_weight(sample_weight, X)
            if not np.any(sample_weight):  # scikit-learn 1.7 lets this pass
                raise ValueError("Sample weights must contain at least one non-zero number.")
            if self.solver == "lbfgs" and sample_weight.sum() == 0.0:
                raise ValueError(
                    "Sample weights must not add up to 0 for solver='lbfgs': the loss is divided "
                    "by their sum."
                )
        self._random_state = check_random_state(self.random_state)
        examples = CheckedExamples(X, desired, self._fastnn_output_count(desired), sample_weight)
        sizes = [X.shape[1], *self._fastnn_hidden_sizes(), examples.outputs]
        if not first:
            self._fastnn_go_on(sizes)
        self.n_outputs_ = examples.outputs
        if first:
            self._fastnn_begin(sizes, X.dtype)
        if self.solver == "lbfgs":
            self._fastnn_train_by_lbfgs(examples, before)
        else:
            self._fastnn_begin_epochs(first)
            self._fastnn_train_by_epochs(examples, self._random_state, before, incremental)
        if not before.has_learnt:
            message = (
                "Solver produced non-finite parameter weights. The input data may contain large "
                "values and need to be preprocessed."
            )
            if self.solver != "lbfgs":  # which has no learning rate
                message += " A smaller learning_rate_init may help too."
            raise ValueError(message)
        return self

    def _fastnn_begin(self, sizes: list[int], dtype: Any) -> None:
        """Draw weights and biases, and forget earlier learning."""
        self.n_iter_ = self.t_ = 0
        self.n_layers_ = len(sizes)
        self.out_activation_ = self._fastnn_output_activation()
        self.coefs_, self.intercepts_ = [], []
        for fan_in, fan_out in pairwise(sizes):  # `_init_coef` may look at the layers before
            weights, biases = self._init_coef(fan_in, fan_out, dtype)
            self.coefs_.append(weights)
            self.intercepts_.append(biases)
        self.coefs_, self.intercepts_ = checked_start(self.coefs_, self.intercepts_, sizes, dtype)
        self._fastnn_optimiser = self._fastnn_best = None

    def _fastnn_go_on(self, sizes: list[int]) -> None:
        """Take weights and biases as they are, if they fit layers of these sizes."""
        coefs, intercepts = self._fastnn_parameters(sizes[0])
        shapes = [np.shape(coef) for coef in self.coefs_]  # all of them, even if few layers count
        if len(coefs) != len(shapes):
            raise ValueError(
                f"n_layers_ must be {len(shapes) + 1} to go on with training, one more than coefs_ "
                f"has arrays, got {self.n_layers_}"
            )
        if shapes != list(pairwise(sizes)):
            before = shapes[-1][-1]
            if before != sizes[-1] and shapes == list(pairwise([*sizes[:-1], before])):
                raise ValueError(
                    f"y must have as many targets as before, {before}, or fit must begin anew with "
                    f"warm_start=False; got {sizes[-1]}"
                )
            neurons = tuple(coef.shape[1] for coef in coefs[:-1])
            raise ValueError(
                f"hidden_layer_sizes must be {neurons} to go on with training, the neurons that "
                f"coefs_ have, got {self.hidden_layer_sizes!r}; `fit` begins anew with "
                "warm_start=False"
            )
        if self.out_activation_ != self._fastnn_output_activation():
            raise ValueError(
                f"out_activation_={self.out_activation_!r} must be "
                f"{self._fastnn_output_activation()!r} to go on with training: no other goes "
                "with the loss"
            )
        dtype = common_type(coefs, intercepts)
        refuse_shared(coefs, intercepts)
        self.coefs_ = arrays_to_train(self.coefs_, coefs, dtype)
        self.intercepts_ = arrays_to_train(self.intercepts_, intercepts, dtype)

    def _fastnn_parameters(self, inputs: int) -> tuple[Arrays, Arrays]:
        """The weights and biases for so many inputs, checked: users may have assigned them."""
        return checked_parameters(self.coefs_, self.intercepts_, inputs, self.n_layers_ - 1)

    def _init_coef(
        self, fan_in: int, fan_out: int, dtype: Any
    ) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Draw the weights and biases of a layer (Glorot and Bengio 2010, eq. 16).

        Both are uniform between -limit and limit, where limit is sqrt(6 / (fan_in + fan_out)), or
        sqrt(2 / (fan_in + fan_out)) for the logistic activation. scikit-learn draws the same
        numbers in the same order: layer by layer, weights before biases. As there, a subclass may
        draw others, from `_random_state`.
        """
        limit = np.sqrt((2.0 if self.activation == "logistic" else 6.0) / (fan_in + fan_out))
        weights = self._random_state.uniform(-limit, limit, (fan_in, fan_out))
        biases = self._random_state.uniform(-limit, limit, fan_out)
        return weights.astype(dtype), biases.astype(dtype)

    def _fastnn_architecture(self, dtype: np.dtype[Any]) -> Architecture:
        output, cost = _OUTPUTS[self.out_activation_]
        hidden = [ACTIVATIONS[self.activation]] * (self.n_layers_ - 2)
        sizes = [len(self.coefs_[0]), *(coef.shape[1] for coef in self.coefs_)]
        return Architecture(sizes, dtype, cost, [*hidden, output])

    def _fastnn_trainer(
        self,
        examples: CheckedExamples,
        rows: Any,
        mini_batch_size: int,
        rule: Any,
        memory: Memory | None = None,
    ) -> WeightedTrainer:
        dtype = common_type(self.coefs_, self.intercepts_)
        if memory is not None:
            dtype = np.result_type(dtype, *memory.arrays)
        if isinstance(rule, Adam) and examples.has_large_targets():
            dtype = np.dtype(np.float64)  # as in scikit-learn, which subtracts targets in float64
        trainer = WeightedTrainer(
            self._fastnn_architecture(dtype),
            KernelExamples(examples, rows),
            mini_batch_size=mini_batch_size,
            alpha=lambda: float(self.alpha),
            rule=rule,
            memory=memory,
        )
        trainer.pack(self.coefs_, self.intercepts_)
        return trainer

    def _fastnn_train_by_lbfgs(self, examples: CheckedExamples, before: Before) -> None:
        trainer = self._fastnn_trainer(examples, None, len(examples.desired), GRADIENT)
        search = Search(trainer, self.coefs_, self.intercepts_)
        try:
            search.run(max_iter=int(self.max_iter), max_fun=int(self.max_fun), tol=float(self.tol))
        finally:  # whatever ends the search, a warning as an error too, what was learnt is kept
            trainer.close()
            coefs, intercepts = search.arrays()
            if search.loss is not None and are_finite(coefs, intercepts):
                before.has_learnt = True
                self.coefs_[:], self.intercepts_[:] = coefs, intercepts
                self.loss_, self.n_iter_ = np.float64(search.loss), search.iterations

    def _fastnn_checked_inputs(self, X: Any) -> Any:
        """Check the inputs to predict from, and compare them with those of `fit`."""
        check_is_fitted(self)
        check_hooks(self)
        check_places("X", X, any_shape=True)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        check_of_numpy(X=X)
        return X

    def _fastnn_outputs(self, X: Any) -> npt.NDArray[Any]:
        """Compute the output activations for checked inputs, shape (n, outputs)."""
        if self.out_activation_ not in OUTPUT_ACTIVATIONS:
            raise ValueError(
                f"out_activation_={self.out_activation_!r} must be one of {[*OUTPUT_ACTIVATIONS]}"
            )
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation={self.activation!r} must be one of {[*ACTIVATIONS]}")
        coefs, intercepts = self._fastnn_parameters(X.shape[1])
        check_activations([self.activation] * (len(coefs) > 1) + [self.out_activation_])
        hidden = [ACTIVATIONS[self.activation]] * (len(coefs) - 1)
        activations = [*hidden, OUTPUT_ACTIVATIONS[self.out_activation_]]
        return outputs_of(X, coefs, intercepts, activations)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
