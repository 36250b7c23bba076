"""What a network computes in one call, on the kernels: a step, accuracy and cost."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import positive, real
from fastnn.datasets.dataset import Dataset, pairs_of
from fastnn.datasets.fitting import Needs, fitting_dataset, fitting_parts
from fastnn.datasets.store import check_pairs
from fastnn.engine import python_calls, single
from fastnn.engine.evaluator import Evaluator, penalty
from fastnn.engine.exclusive import stepped_alone
from fastnn.engine.forward import Forward
from fastnn.engine.step_settings import StepSettings
from fastnn.engine.trainer import Trainer
from fastnn.model.architecture import Architecture
from fastnn.model.costs import check_cost
from fastnn.model.description import Arrays, architecture_of, as_weights_are, parameters_of
from fastnn.model.model import Model
from fastnn.model.overrides import calls_backprop, calls_feedforward, is_overridden, original


class SingleCalls(Model):
    """A network with network2's methods that need no training run."""

    @original
    def update_mini_batch(
        self, mini_batch: Iterable[tuple[Any, Any]], eta: float, lmbda: float, n: float
    ) -> None:
        """Take one step of gradient descent.

        ``w <- (1 - eta lmbda / n) w - (eta / m) sum_x dC_x/dw`` and ``b <- b - (eta / m) sum_x
        dC_x/db`` (the book's eq. 20, 21 and 93), m examples in the mini-batch.

        Parameters
        ----------
        mini_batch : Dataset or iterable of (x, y)
            As the training data of `SGD`.
        eta, lmbda : float
            As for `SGD`.
        n : int or float
            Length of the whole training data.

        Raises
        ------
        TypeError, ValueError
            If an argument is not as above; nothing has then been changed.
        RuntimeError
            If the network is being trained already, by another thread for example.
        """
        eta, lmbda = real("eta", eta), real("lmbda", lmbda)
        n = n if type(n) is int and n > 0 else positive("n", n)  # network2 divides by any number
        real("eta * lmbda / n", eta * (lmbda / n))
        with stepped_alone(self):
            if not calls_backprop(self):
                fast = single.parameters_after(self, mini_batch, eta, 1.0 - eta * (lmbda / n))
                if fast is not None:
                    self.weights, self.biases = fast
                    return
            weights, biases = parameters_of(self)
            if not is_overridden(self, "backprop"):
                check_cost(self.cost, "delta")
            mini_batch = pairs_of("mini_batch", mini_batch)
            if is_overridden(self, "backprop"):
                check_pairs("mini_batch", mini_batch)
                pairs = python_calls.pairs_for_steps(mini_batch, self.sizes)
                python_calls.take_step(self, pairs, eta, lmbda, n)
                return
            data = fitting_dataset("mini_batch", mini_batch, self.sizes)
            if calls_backprop(self):
                pairs = [python_calls.training_pair(pair, self.sizes) for pair in mini_batch]
                python_calls.take_step(self, pairs, eta, lmbda, n)
                return
            trainer = Trainer(architecture_of(self), data, StepSettings(len(data), lmbda, n))
            trainer.packed.pack(weights, biases)
            trainer.train_in_order(eta)
            self.weights, self.biases = trainer.packed.unpack()

    @original
    def accuracy(self, data: Iterable[tuple[Any, Any]], convert: bool = False) -> int:
        """Count the examples whose largest output, the first of equals, is that of the label.

        One output counts as the class 1 above 0.5, else as 0, and its label too. (In network2 the
        largest of one output is always the first, so nothing is counted.)

        Parameters
        ----------
        data : Dataset or iterable of (x, label)
            Labels are integers or unit columns.
        convert : bool, optional
            Ignored; kept for network2. fastnn detects the kind of label.

        Returns
        -------
        int

        Raises
        ------
        TypeError, ValueError
            If `data` does not fit the network, or it has one identity output, which tells no
            classes.
        """
        fast = None if calls_feedforward(self) else single.correct_of(self, data)
        if fast is not None:
            return fast
        pairs = pairs_of("data", data)
        if not len(pairs):
            return 0
        if calls_feedforward(self):
            dataset = _fitting(self, pairs)
            architecture_of(self).check_tells_classes("accuracy")
            return python_calls.count_correct(self, pairs, dataset)
        architecture, weights, biases = as_weights_are(self)
        dataset = fitting_dataset("data", pairs, architecture.sizes)
        architecture.check_tells_classes("accuracy")
        return Evaluator(architecture, dataset).count_correct(weights, biases)

    @original
    def total_cost(
        self, data: Iterable[tuple[Any, Any]], lmbda: float, convert: bool = False
    ) -> float:
        """Compute the mean cost plus the penalty ``lmbda / (2 n) sum ||w||^2`` (the book's eq. 87).

        Parameters
        ----------
        data : Dataset or iterable of (x, y)
            y is a column or an integer label.
        lmbda : float
            Regularisation parameter.
        convert : bool, optional
            Kept for network2; fastnn detects the kind of y. True only has a `vectorized_result`
            called that a script has rebound.

        Returns
        -------
        float

        Raises
        ------
        TypeError, ValueError
            If `data` does not fit the network, or `lmbda` is not a finite number.
        """
        lmbda = real("lmbda", lmbda)
        vectorized = self._fastnn_rebound_vectorized_result()
        if convert and vectorized is not None:
            data = [(x, vectorized(label)) for x, label in pairs_of("data", data)]
        fast = None if calls_feedforward(self) else single.cost_of(self, data, lmbda)
        if fast is not None:
            return fast
        check_cost(self.cost, "fn")
        pairs = pairs_of("data", data)
        if calls_feedforward(self):
            dataset = _fitting(self, pairs)
            mean_cost = python_calls.mean_cost(self, pairs, dataset)
        else:
            architecture, weights, biases = as_weights_are(self)
            dataset = fitting_dataset("data", pairs, architecture.sizes)
            evaluator = Evaluator(architecture, dataset)
            mean_cost = evaluator.score(weights, biases, with_cost=True).mean_cost
        return mean_cost + penalty(lmbda, len(dataset), self.weights)

    def _fastnn_output(self, a: Any) -> npt.NDArray[Any] | None:
        return None if self._fastnn_rebound_sigmoids() else single.output_of(self, a)

    def _fastnn_outputs(self, data: Dataset) -> npt.NDArray[Any] | None:
        sure = self.dtype == data.store.number_type or self.dtype == np.float64
        fits = data.store.inputs.shape[1] == self.sizes[0]
        if not (sure and fits):
            return None
        forward = self._fastnn_rows(architecture_of(self), *parameters_of(self))
        if forward is None:
            return None
        with closing(forward):
            return forward.of_data(data)

    def _fastnn_rows(
        self, architecture: Architecture, weights: Arrays, biases: Arrays
    ) -> Forward | None:
        own = not all(isinstance(activation, str) for activation in architecture.activations)
        if own or self._fastnn_rebound_sigmoids() is not None:
            return None
        return Forward(architecture, weights, biases)

    def _fastnn_gradient(
        self, x: Any, y: Any
    ) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]] | None:
        return None if self._fastnn_rebound_sigmoids() else single.gradient_of(self, x, y)


def _fitting(network: Model, pairs: Any) -> Dataset:
    """Return examples to measure as a data set; inputs are the business of a `feedforward`."""
    needs = Needs(inputs=not is_overridden(network, "feedforward"), answers=True)
    return fitting_parts("data", pairs, network.sizes, needs)[0]
