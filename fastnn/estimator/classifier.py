"""A classifier that replaces scikit-learn's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import validate_data

from fastnn.datasets.sparse_rows import check_places
from fastnn.estimator.base import Perceptron, check_of_numpy, without_column_axis
from fastnn.estimator.examples import CheckedExamples
from fastnn.estimator.undoing import Before

if TYPE_CHECKING:
    from typing import Self


class MLPClassifier(ClassifierMixin, Perceptron):
    """A multi-layer perceptron for classes, like `sklearn.neural_network.MLPClassifier`.

    Two classes share one logistic output; more classes have one softmax output each. Where an
    example may have several labels, each label has a logistic output. The loss is the log-loss
    plus the penalty ``alpha / 2 sum w^2``, divided by the weight of the mini-batch.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, optional
        Number of neurons in each hidden layer.
    activation : {"relu", "logistic", "tanh", "identity"}, optional
        Activation of the hidden layers.
    solver : {"adam", "sgd", "lbfgs"}, optional
        How the weights are updated: by mini-batches, or by all examples at once with SciPy's
        limited-memory BFGS, "lbfgs". For that one only `alpha`, `max_iter`, `max_fun`, `tol`,
        `random_state` and `warm_start` matter of the parameters below.
    alpha : float, optional
        Strength of the penalty on large weights.
    batch_size : int or "auto", optional
        Examples in a mini-batch. "auto" is 200, or all examples if there are fewer.
    learning_rate : {"constant", "invscaling", "adaptive"}, optional
        How the learning rate of "sgd" changes. "constant" keeps it. "invscaling" divides it by
        ``(t_ + 1) ** power_t`` after each epoch. "adaptive" divides it by 5 when the loss (with
        early stopping, the validation score) stops improving.
    learning_rate_init : float, optional
        The learning rate of the first epoch.
    power_t : float, optional
        The exponent of "invscaling".
    max_iter : int, optional
        The largest number of epochs, or of iterations of "lbfgs".
    shuffle : bool, optional
        Take the examples in a new order in each epoch.
    random_state : int, RandomState or None, optional
        Source of the initial weights, the held-out examples and the orders.
    tol : float, optional
        How much the loss (or the validation score) must improve to count as better. "lbfgs" ends
        when no element of the gradient is larger.
    verbose : bool, optional
        Print the loss of each epoch.
    warm_start : bool, optional
        Let `fit` continue from the present weights.
    momentum : float, optional
        Momentum of "sgd", from 0 to 1.
    nesterovs_momentum : bool, optional
        Use Nesterov's form of momentum.
    early_stopping : bool, optional
        Hold out `validation_fraction` of the examples, stop when their score no longer improves,
        and keep the weights with the best score.
    validation_fraction : float, optional
        The share of the examples that `early_stopping` holds out.
    beta_1, beta_2, epsilon : float, optional
        Constants of "adam" (Kingma and Ba 2015).
    n_iter_no_change : int or inf, optional
        How many epochs in a row may bring no improvement.
    max_fun : int, optional
        How often "lbfgs" may compute the loss of all examples.

    Attributes
    ----------
    classes_ : ndarray
        The classes, sorted.
    coefs_, intercepts_ : list of ndarray
        Weights ``(fan_in, fan_out)`` and biases ``(fan_out,)`` of each layer.
    loss_, best_loss_ : float
        Loss of the last and of the best epoch. With `early_stopping`, `best_loss_` is None.
        "lbfgs" only sets `loss_`, the loss at its end.
    loss_curve_ : list of float
        The mean loss of each epoch. The loss of a mini-batch is taken before its own step.
    validation_scores_, best_validation_score_ : list of float, float
        Accuracy on the held-out examples after each epoch, and the best. None without
        `early_stopping`.
    n_iter_, t_ : int
        Epochs, or iterations of "lbfgs", of the last call; examples seen in all epochs.
    n_features_in_, n_layers_, n_outputs_ : int
        Number of inputs, of layers (inputs and outputs included), and of outputs.
    out_activation_ : str
        Activation of the output layer: "logistic" or "softmax".

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = MLPClassifier(30, learning_rate_init=0.01, random_state=1).fit(X, y)
    >>> classifier.predict(X[:2])
    array([0, 0])
    """

    loss = "log_loss"  # an attribute in scikit-learn, too, and no parameter

    _fastnn_choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "loss": ("log_loss",),
        **Perceptron._fastnn_choices,
    }

    def __init__(
        self,
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

    @available_if(lambda estimator: estimator._check_solver())  # which may be overridden
    def partial_fit(
        self,
        X: Any,
        y: Any,
        sample_weight: npt.ArrayLike | None = None,
        classes: npt.ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch, from the present weights.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes : array_like, optional
            All classes that will ever occur; needed in the first call.

        Returns
        -------
        self

        Raises
        ------
        AttributeError
            If the solver is "lbfgs": then there is no `partial_fit`.
        ValueError
            As `fit` does, and if `classes` is missing or differs from the first call's.
        """
        self._fastnn_check_parameters()
        with Before(self) as before:
            self._fastnn_begin_classes(y, classes)
            return self._fastnn_learn(X, y, sample_weight, before, incremental=True)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Predict the class of each example.

        Parameters
        ----------
        X : array_like or SciPy sparse matrix, shape (n, inputs)

        Returns
        -------
        ndarray, shape (n,) or (n, labels)
        """
        return self._fastnn_classes_of(self._fastnn_outputs(self._fastnn_checked_inputs(X)))

    def predict_proba(self, X: Any) -> npt.NDArray[Any]:
        """Predict the probability of each class.

        Parameters
        ----------
        X : array_like or SciPy sparse matrix, shape (n, inputs)

        Returns
        -------
        ndarray, shape (n, classes)
            Columns in the order of ``classes_``.
        """
        outputs = self._fastnn_outputs(self._fastnn_checked_inputs(X))
        if self.n_outputs_ != 1:
            return outputs
        self._fastnn_check_outputs(outputs)
        return np.hstack([1 - outputs, outputs])

    def predict_log_proba(self, X: Any) -> npt.NDArray[Any]:
        """Take the logarithm of `predict_proba`; minus infinity for probability 0, unwarned.

        Parameters
        ----------
        X : array_like or SciPy sparse matrix, shape (n, inputs)

        Returns
        -------
        ndarray, shape (n, classes)
            Columns in the order of ``classes_``.
        """
        with np.errstate(divide="ignore"):
            logarithms: npt.NDArray[Any] = np.log(self.predict_proba(X))
        return logarithms

    def _fastnn_checked_data(
        self, X: Any, y: Any, first: bool, incremental: bool
    ) -> tuple[Any, Any]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            multi_output=True,
            dtype=(np.float64, np.float32),
            reset=first,
        )
        check_of_numpy(X=X, y=y)
        y = without_column_axis(y)
        if not hasattr(self, "classes_") or not (self.warm_start or incremental):
            self._fastnn_set_classes(y)
        else:
            self._fastnn_check_classes(unique_labels(y))
        kind = self._label_binarizer.y_type_
        labels: npt.NDArray[Any] | None = None
        if kind == "multiclass" and y.ndim == 1:
            labels = self._fastnn_labels(y)
        elif kind == "binary" and y.ndim == 1:
            labels = self._fastnn_second_class(y)
        return X, self._label_binarizer.transform(y).astype(bool) if labels is None else labels

    def _fastnn_second_class(self, y: npt.NDArray[Any]) -> npt.NDArray[np.bool_] | None:
        """Whether each label is the second of two, as a column; None if only scikit-learn knows.

        Its `transform` says the same, but looks at the kind of y so often that this takes as long
        as a short `partial_fit`.
        """
        from sklearn.preprocessing import LabelBinarizer

        classes = self._label_binarizer.classes_
        if len(classes) != 2 or type(self._label_binarizer) is not LabelBinarizer:
            return None
        first, second = (np.asarray(y == label) for label in classes)
        all_known = first.shape == second.shape == y.shape and np.all(first | second)
        return second[:, np.newaxis] if all_known else None

    def _fastnn_labels(self, y: npt.NDArray[Any]) -> npt.NDArray[np.int32] | None:
        """The output that stands for each label: users may have put `classes_` in another order.

        None where texts end in a NUL. In scikit-learn no output stands for such a label, since
        `classes_` has lost its end.
        """
        classes = self._label_binarizer.classes_
        labels = np.searchsorted(classes, y).astype(np.int32)
        known = classes.take(labels, mode="clip") == y
        if not np.all(known):
            if classes.dtype.kind == "U" and np.all(y[~known].astype(str) != y[~known]):
                return None
            raise ValueError(
                f"classes_ has {np.unique(y[~known])}, which _label_binarizer does not know: it "
                f"was fitted to {classes}"
            )
        return labels

    def _fastnn_begin_classes(self, y: Any, classes: npt.ArrayLike | None) -> None:
        """Take the classes of the first call of `partial_fit`, and compare later ones with them."""
        if not hasattr(self, "classes_"):
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
            check_places("y", y)
            several = type_of_target(y).startswith("multilabel")
            self._fastnn_set_classes(y if several else classes)
            self.classes_ = unique_labels(classes)  # also of several labels, as in scikit-learn
        elif classes is not None and not np.array_equal(self.classes_, unique_labels(classes)):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, "
                f"was: {self.classes_!r}"
            )

    def _fastnn_set_classes(self, y: Any) -> None:
        # Here, since scikit-learn's preprocessing takes half as long to import as Numba.
        from sklearn.preprocessing import LabelBinarizer

        self._label_binarizer = LabelBinarizer().fit(y)
        self.classes_ = self._label_binarizer.classes_

    def _fastnn_check_classes(self, classes: npt.NDArray[Any]) -> None:
        if self.warm_start:
            if set(classes) != set(self.classes_):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the "
                    f"previous call to fit. Previously got {self.classes_}, `y` has {classes}"
                )
        elif len(np.setdiff1d(classes, self.classes_)):
            raise ValueError(
                "`y` has classes not in `self.classes_`. "
                f"`self.classes_` has {self.classes_}. 'y' has {classes}."
            )

    def _fastnn_output_activation(self) -> str:
        return "softmax" if self._label_binarizer.y_type_ == "multiclass" else "logistic"

    def _fastnn_output_count(self, desired: npt.NDArray[Any]) -> int:
        return len(self._label_binarizer.classes_) if desired.ndim == 1 else int(desired.shape[1])

    def _fastnn_classes_of(self, outputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
        self._fastnn_check_outputs(outputs)
        values = outputs.ravel() if self.n_outputs_ == 1 else outputs
        classes: npt.NDArray[Any] = self._label_binarizer.inverse_transform(values)
        return classes

    def _fastnn_check_outputs(self, outputs: npt.NDArray[Any]) -> None:
        """Raise ValueError if users have assigned weights that lead to other outputs."""
        if outputs.shape[1] != self.n_outputs_:
            raise ValueError(
                f"coefs_[{self.n_layers_ - 2}] must lead to n_outputs_ = {self.n_outputs_} outputs "
                f"to tell classes apart, but leads to {outputs.shape[1]}"
            )

    def _fastnn_score_of(self, examples: CheckedExamples) -> float:
        from sklearn.metrics import accuracy_score

        desired, binarizer = examples.desired, self._label_binarizer
        labels = desired.ndim == 1
        wanted = binarizer.classes_[desired] if labels else binarizer.inverse_transform(desired)
        predicted = self._fastnn_classes_of(self._fastnn_outputs(examples.inputs))
        return float(accuracy_score(wanted, predicted, sample_weight=examples.weights))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
