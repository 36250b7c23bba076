"""The network of network2, one example at a time, and the options of its training."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterable, MutableSequence, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from .activations import Activation, Array, activate, check_hidden, slope
from .costs import (
    COSTS,
    Cost,
    CrossEntropyCost,
    LogLikelihoodCost,
    check_output,
    output_cost,
    output_error,
    vectorized_result,
)
from .dropout import Dropout
from .gradients import Gradient, layer_speeds, summed
from .history import History
from .initialisers import INITIALISERS
from .optimisers import Adam, Descent, Penalty, Rule, update_rule
from .stopping import EarlyStopping, HalvedRate, Halving

Pair = tuple[Any, Any]


class Network:
    """A fully connected network, trained by stochastic gradient descent.

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, inputs first.
    cost : class, optional
        `CrossEntropyCost`, `QuadraticCost`, `LogLikelihoodCost` or a class with the same two
        static methods.
    activation : str, class or list of these, optional
        "sigmoid", "tanh", "relu" or a class with static methods ``fn(z)`` and ``prime(z)`` of one
        number: for all hidden layers, or a list with one for each.
    output : str, optional
        "sigmoid", "softmax" or "identity"; by default "softmax" for `LogLikelihoodCost`, else
        "sigmoid".
    initializer : str, optional
        "default", "large", "glorot" or "he", see `initialisers`.

    Attributes
    ----------
    num_layers, sizes, cost
        Length of `sizes`, and what the network was made with.
    activations : list of str or class
        One for each layer after the inputs, the output's last.
    biases, weights : list of ndarray, float64
        ``biases[l]`` is ``(sizes[l+1], 1)``, ``weights[l]`` is ``(sizes[l+1], sizes[l])``.

    Raises
    ------
    ValueError
        If a name is unknown, a list is not of the hidden layers' length, or the output does not go
        with the cost.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        cost: type[Cost] = CrossEntropyCost,
        *,
        activation: Any = "sigmoid",
        output: str | None = None,
        initializer: str = "default",
    ) -> None:
        if output is None:
            output = "softmax" if cost is LogLikelihoodCost else "sigmoid"
        check_output(cost, output)
        if initializer not in INITIALISERS:
            known = ", ".join(INITIALISERS)
            raise ValueError(f"initializer must be one of {known}, got {initializer!r}")
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.cost = cost
        hidden = check_hidden(activation, self.num_layers - 2)
        self.activations: list[str | type[Activation]] = [*hidden, output]
        self.biases, self.weights = INITIALISERS[initializer](sizes)

    def default_weight_initializer(self) -> None:
        """Draw all parameters again as `initialisers.default` does."""
        self.biases, self.weights = INITIALISERS["default"](self.sizes)

    def large_weight_initializer(self) -> None:
        """Draw all parameters again as `initialisers.large` does."""
        self.biases, self.weights = INITIALISERS["large"](self.sizes)

    @np.errstate(over="ignore")
    def feedforward(self, a: npt.NDArray[Any]) -> Array:
        """Return the output, shape (sizes[-1], 1), for the input column `a`, shape (sizes[0], 1).

        Raises ValueError if `a` has another number of rows.
        """
        return self._forward(a)[1][-1]

    def SGD(
        self,
        training_data: Iterable[Pair],
        epochs: int,
        mini_batch_size: int,
        eta: float,
        lmbda: float = 0.0,
        evaluation_data: Iterable[Pair] | None = None,
        monitor_evaluation_cost: bool = False,
        monitor_evaluation_accuracy: bool = False,
        monitor_training_cost: bool = False,
        monitor_training_accuracy: bool = False,
        *,
        verbose: bool = True,
        momentum: float = 0.0,
        nesterov: bool = False,
        optimizer: str | Adam = "sgd",
        l1: float = 0.0,
        dropout: float | Sequence[float] = 0.0,
        shuffle: bool = True,
        schedule: Callable[[int], float] | Halving | None = None,
        early_stopping_n: int | None = None,
        monitor_layer_speeds: bool = False,
        speed_data: Sequence[Pair] | None = None,
    ) -> History:
        """Train by mini-batch stochastic gradient descent with weight decay.

        Parameters
        ----------
        training_data : iterable of (x, y)
            Columns of shape ``(sizes[0], 1)`` and ``(sizes[-1], 1)``. Every epoch shuffles it with
            the global `random.shuffle`: in place if it can be indexed and assigned to, as a list
            can, otherwise (``zip``, generators, tuples) in a list made of it.
        epochs, mini_batch_size : int
            The last mini-batch of an epoch is shorter where the size does not divide the data.
        eta, lmbda : float
            Learning rate and regularisation parameter.
        evaluation_data : iterable of (x, label), optional
            As the training data, with integer labels.
        monitor_... : bool, optional
            What to compute, print and return after every epoch; the layers' speeds before it.
        verbose : bool, optional
            False prints nothing.
        momentum, nesterov, optimizer : optional
            See `optimisers`; the optimizer is "sgd", "adam" or an `Adam`.
        l1 : float, optional
            Regularisation parameter of ``(l1/n) sum |w|`` (eq. 95). Costs are reported without it.
        dropout : float or sequence of float, optional
            The fraction of neurons that training leaves out, one number or one per hidden layer.
        shuffle : bool, optional
            False trains in the order of the data, and draws nothing.
        schedule : callable or Halving, optional
            The factor on `eta` in an epoch, from the epoch's number.
        early_stopping_n : int, optional
            Stop after so many epochs without a better evaluation accuracy or, where that is not
            monitored, evaluation cost. The network is left as it was after its best epoch.
        speed_data : sequence of (x, y), optional
            What the layers' speeds are taken of, by default the training data.

        Returns
        -------
        History
            The lists ``evaluation_cost, evaluation_accuracy, training_cost, training_accuracy``
            with one entry per epoch, none where not monitored. Accuracies are numbers of examples.

        Raises
        ------
        ValueError
            If evaluation data is to be monitored but was not given, a schedule or early stopping
            needs what is not monitored, or an option does not exist.
        """
        if evaluation_data is None and (monitor_evaluation_cost or monitor_evaluation_accuracy):
            raise ValueError("monitoring evaluation data needs evaluation_data")
        if isinstance(schedule, Halving) and not monitor_evaluation_accuracy:
            raise ValueError("schedule Halving needs monitor_evaluation_accuracy")
        if early_stopping_n is not None and not (
            monitor_evaluation_cost or monitor_evaluation_accuracy
        ):
            raise ValueError("early_stopping_n needs a monitor of evaluation data")
        left_out = Dropout(dropout, self.sizes[1:-1])
        rule = update_rule(optimizer, momentum, nesterov, self.biases + self.weights)
        halved = HalvedRate(schedule) if isinstance(schedule, Halving) else None
        factor_of = schedule if callable(schedule) else halved
        stopping = EarlyStopping(early_stopping_n) if early_stopping_n is not None else None
        examples = _shuffleable(training_data)
        held_out = _sized(() if evaluation_data is None else evaluation_data)
        watched = examples if speed_data is None else speed_data
        n = len(examples)
        penalty = Penalty(lmbda, l1, n)

        def say(line: str) -> None:
            if verbose:
                print(line)

        history = History()
        for j in range(epochs):
            if monitor_layer_speeds:
                history.layer_speeds.append(layer_speeds(self, watched))
            left_out.begin_epoch(random.getstate(), j)
            if shuffle:
                random.shuffle(examples)
            eta_now = factor_of(j) * eta if factor_of else eta
            for start in range(0, n, mini_batch_size):
                places = range(start, min(start + mini_batch_size, n))
                gradients = (self.backprop(*examples[i], left_out.masks(i)) for i in places)
                self._descend(gradients, len(places), eta_now, penalty, rule)

            say(f"Epoch {j} training complete")
            if monitor_training_cost:
                history.training_cost.append(self.total_cost(examples, lmbda))
                say(f"Cost on training data: {history.training_cost[-1]}")
            if monitor_training_accuracy:
                history.training_accuracy.append(self.accuracy(examples, convert=True))
                say(f"Accuracy on training data: {history.training_accuracy[-1]} / {n}")
            if monitor_evaluation_cost:
                history.evaluation_cost.append(self.total_cost(held_out, lmbda, convert=True))
                say(f"Cost on evaluation data: {history.evaluation_cost[-1]}")
            if monitor_evaluation_accuracy:
                history.evaluation_accuracy.append(self.accuracy(held_out))
                correct = history.evaluation_accuracy[-1]
                say(f"Accuracy on evaluation data: {correct} / {len(held_out)}")
            say("")

            going = halved is None or halved.keep_going(history.evaluation_accuracy[-1])
            if stopping:
                score = (
                    history.evaluation_accuracy[-1]
                    if monitor_evaluation_accuracy
                    else -history.evaluation_cost[-1]
                )
                going &= stopping.keep_going(score, self.biases, self.weights)
            if not going:
                break
        if stopping and stopping.weights:
            self.biases, self.weights = stopping.biases, stopping.weights
        return history

    def update_mini_batch(
        self, mini_batch: Sequence[Pair], eta: float, lmbda: float, n: int
    ) -> None:
        """Take one step of gradient descent (chapter 3's rule for L2 regularisation).

        ``w <- (1 - eta*lmbda/n) w - (eta/m) sum_x dC_x/dw`` and
        ``b <- b - (eta/m) sum_x dC_x/db``, where m is the length of this list of (x, y) and n
        that of the whole training data. New arrays replace the old ones, which keep their values.
        """
        gradients = (self.backprop(x, y) for x, y in mini_batch)
        self._descend(gradients, len(mini_batch), eta, Penalty(lmbda, 0.0, n), Descent())

    @np.errstate(over="ignore")
    def backprop(
        self,
        x: npt.NDArray[Any],
        y: npt.NDArray[Any],
        masks: Sequence[Array] | None = None,
    ) -> Gradient:
        """Return the gradient of the cost C of one example.

        Parameters
        ----------
        x, y : ndarray, shapes (sizes[0], 1) and (sizes[-1], 1)
            Input and desired output.
        masks : sequence of ndarray, optional
            Factors on the outputs of every hidden layer, shapes (neurons, 1): dropout's.

        Returns
        -------
        nabla_b, nabla_w : list of ndarray
            dC/db (BP3) and dC/dw (BP4), shaped like `biases` and `weights`.
        """
        zs, activations = self._forward(x, masks)
        delta = output_error(self.cost, self.activations[-1], zs[-1], activations[-1], y)  # BP1
        nabla_b = [delta]
        nabla_w = [np.dot(delta, activations[-2].T)]
        # Every turn multiplies by another w and f': chapter 5's unstable product (eq. 122).
        for layer in range(len(zs) - 2, -1, -1):
            slopes = slope(self.activations[layer], zs[layer])
            delta = np.dot(self.weights[layer + 1].T, delta) * slopes  # BP2
            if masks:
                delta *= masks[layer]
            nabla_b.insert(0, delta)
            nabla_w.insert(0, np.dot(delta, activations[layer].T))
        return nabla_b, nabla_w

    def accuracy(self, data: Iterable[Pair], convert: bool = False) -> int:
        """Return for how many of the (x, label) the strongest output is the right one.

        `convert` says that labels are unit columns (training data), not integers: the reverse of
        `total_cost`. Of several equally strong outputs the first counts.
        """
        correct = 0
        for x, label in data:
            digit = np.argmax(label) if convert else label
            correct += int(np.argmax(self.feedforward(x)) == digit)
        return correct

    @np.errstate(over="ignore")
    def total_cost(self, data: Iterable[Pair], lmbda: float, convert: bool = False) -> float:
        """Return the mean cost plus ``0.5 * lmbda/len(data) * sum ||w||^2``.

        `convert` says that labels are integers (evaluation data), not unit columns: the reverse
        of `accuracy`.
        """
        examples = _sized(data)
        n = len(examples)
        cost = 0.0
        for x, label in examples:
            y = vectorized_result(label, self.sizes[-1]) if convert else label
            zs, activations = self._forward(x)
            cost += output_cost(self.cost, zs[-1], activations[-1], y) / n
        squares = sum(np.linalg.norm(w) ** 2 for w in self.weights)
        return float(cost + 0.5 * (lmbda / n) * squares)

    def save(self, filename: str | os.PathLike[str]) -> None:
        """Write sizes, weights, biases and the cost's name to `filename` as JSON.

        Raises ValueError if a layer is not of sigmoid neurons: network2's file cannot say so.
        """
        others = [name for name in self.activations if name != "sigmoid"]
        if others:
            raise ValueError(f"network2's file holds sigmoid networks only, got {others[0]!r}")
        state = {
            "sizes": [int(size) for size in self.sizes],
            "weights": [w.tolist() for w in self.weights],
            "biases": [b.tolist() for b in self.biases],
            "cost": self.cost.__name__,
        }
        with open(filename, "w", encoding="utf-8") as file:
            json.dump(state, file)

    def _forward(
        self, x: npt.NDArray[Any], masks: Sequence[Array] | None = None
    ) -> tuple[list[Array], list[Array]]:
        """Return the weighted inputs of every layer, and `x` with the outputs of every layer."""
        zs: list[Array] = []
        activations = [x]
        for layer, (b, w) in enumerate(zip(self.biases, self.weights, strict=True)):
            zs.append(np.dot(w, activations[-1]) + b)
            a = activate(self.activations[layer], zs[-1])
            if masks and layer < len(masks):
                a = a * masks[layer]
            activations.append(a)
        return zs, activations

    def _descend(
        self, gradients: Iterable[Gradient], m: int, eta: float, penalty: Penalty, rule: Rule
    ) -> None:
        """Take the step of `rule` for the `gradients` of `m` examples."""
        nabla_b, nabla_w = summed(self, gradients)
        layers = len(self.biases)
        penalties = [Penalty(0.0, 0.0, penalty.n)] * layers + [penalty] * layers
        parameters = self.biases + self.weights
        moved = rule.step(parameters, nabla_b + nabla_w, m, eta, penalties)
        self.biases, self.weights = moved[:layers], moved[layers:]


def load(filename: str | os.PathLike[str]) -> Network:
    """Return the network that `Network.save` wrote to `filename`.

    Raises ValueError if the file names a cost other than the two of this module.
    """
    with open(filename, encoding="utf-8") as file:
        state = json.load(file)
    if state["cost"] not in COSTS:
        raise ValueError(f"unknown cost {state['cost']!r}; known: {', '.join(COSTS)}")
    net = Network(state["sizes"], cost=COSTS[state["cost"]])
    net.weights = [np.array(w, dtype=np.float64) for w in state["weights"]]
    net.biases = [np.array(b, dtype=np.float64) for b in state["biases"]]
    return net


def _sized(data: Iterable[Pair]) -> Sequence[Pair]:
    """Return `data` itself if it has a length, else a list of what it yields."""
    return cast(Sequence[Pair], data) if hasattr(data, "__len__") else list(data)


def _shuffleable(data: Iterable[Pair]) -> MutableSequence[Pair]:
    """Return `data` itself if its items can be exchanged in place, else a list of them."""
    # Rows of a 2-D array are views: exchanging two of them would write one over the other.
    if isinstance(data, np.ndarray) and data.ndim > 1:
        return list(data)
    in_place = all(hasattr(data, name) for name in ("__len__", "__getitem__", "__setitem__"))
    return cast(MutableSequence[Pair], data) if in_place else list(data)
