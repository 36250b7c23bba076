"""The network of network2, one example at a time, with the options of its training."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .activations import BOOK, Array, check_hidden, of_layers, slope
from .costs import (
    Cost,
    CrossEntropyCost,
    check_output,
    is_log_likelihood,
    log_likelihood,
    output_error,
    usual_output,
    vectorized_result,
)
from .dropout import Dropout
from .examples import Pair, shuffleable, shuffled_together, sized, taken
from .forward import forward
from .gradients import Gradient, layer_speeds, of_all_layers, summed, weighted
from .history import History
from .initialisers import INITIALISERS
from .monitors import Monitors
from .optimisers import Adam, Descent, Penalty, Rule, update_rule
from .stopping import EarlyStopping, HalvedRate, Halving


class Network:
    """A fully connected network, trained by stochastic gradient descent.

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, inputs first.
    cost : class, optional
        `CrossEntropyCost`, `QuadraticCost`, `LogLikelihoodCost`, `PoissonCost` or a class with the
        same two static methods.
    activation : str, class or list of these, optional
        "sigmoid", "tanh", "relu" or a class with static methods ``fn(z)`` and ``prime(z)``, which
        take one number. Either one for all hidden layers, or a list with one for each.
    output : str, optional
        "sigmoid", "softmax", "identity" or "exponential"; by default "softmax" for
        `LogLikelihoodCost`, "exponential" for `PoissonCost`, else "sigmoid".
    initializer : str, optional
        "default", "large", "glorot" or "he", see `initialisers`.
    generator : numpy.random.RandomState or numpy.random.Generator, optional
        Where initial values are drawn from; NumPy's global generator by default.
    seed : int, optional
        Draw them from ``RandomState(seed)``: those that come after ``numpy.random.seed(seed)``.

    Attributes
    ----------
    num_layers, sizes, cost
        The length of `sizes`, and the arguments of the same names.
    activations : list of str or class
        One for each layer after the inputs; the output's comes last. All are sigmoid in a subclass
        that does not set them.
    biases, weights : list of ndarray, float64
        ``biases[l]`` is ``(sizes[l+1], 1)``, ``weights[l]`` is ``(sizes[l+1], sizes[l])``.

    Raises
    ------
    ValueError
        If a name is unknown, a list does not have one entry for each hidden layer, or the output
        does not go with the cost, or `generator` or `seed` meets an initialiser of a subclass.

    Notes
    -----
    As in network2, the methods call each other, so that a subclass may replace any of them: `SGD`
    calls `update_mini_batch`, `accuracy` and `total_cost`; `update_mini_batch` calls `backprop`;
    `accuracy` and `total_cost` call `feedforward`; and the initialisers are called when a network
    is made. With options that network2 does not have (momentum, Adam, L1, dropout), `SGD` takes
    its steps without `update_mini_batch`.
    """

    activations: list[Any] | None = None

    def __init__(
        self,
        sizes: Sequence[int],
        cost: type[Cost] = CrossEntropyCost,
        *,
        activation: Any = "sigmoid",
        output: str | None = None,
        initializer: str = "default",
        generator: np.random.RandomState | np.random.Generator | None = None,
        seed: int | None = None,
    ) -> None:
        if output is None:
            output = usual_output(cost)
        check_output(cost, output)
        if initializer not in INITIALISERS:
            known = ", ".join(INITIALISERS)
            raise ValueError(f"initializer must be one of {known}, got {initializer!r}")
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.cost = cost
        hidden = check_hidden(activation, self.num_layers - 2)
        self.activations = [*hidden, output]
        if seed is not None:
            if generator is not None:
                raise ValueError("seed makes a generator of its own: leave out one of the two")
            generator = np.random.RandomState(seed)
        method = f"{initializer}_weight_initializer"
        if not hasattr(self, method):
            self.biases, self.weights = INITIALISERS[initializer](sizes, generator or np.random)
        elif generator is None:
            getattr(self, method)()
        elif getattr(type(self), method) is getattr(Network, method):
            self.biases, self.weights = INITIALISERS[initializer](sizes, generator)
        else:
            raise ValueError(f"generator and seed are not for an own {method}")

    def default_weight_initializer(self) -> None:
        """Draw all parameters anew with `initialisers.default`."""
        self.biases, self.weights = INITIALISERS["default"](self.sizes)

    def large_weight_initializer(self) -> None:
        """Draw all parameters anew with `initialisers.large`."""
        self.biases, self.weights = INITIALISERS["large"](self.sizes)

    @np.errstate(over="ignore")
    def feedforward(self, a: npt.NDArray[Any]) -> Array:
        """Return the output, shape (sizes[-1], 1), for the input column `a`, shape (sizes[0], 1).

        Raises ValueError if `a` has another number of rows.
        """
        return forward(self, a)[1][-1]

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
        frozen_layers: Sequence[int] = (),
        sample_weight: Sequence[float] | None = None,
        shuffle: bool = True,
        schedule: Callable[[int], float] | Halving | None = None,
        early_stopping_n: int | None = None,
        monitor_layer_speeds: bool = False,
        speed_data: Sequence[Pair] | None = None,
        seed: int | None = None,
    ) -> History:
        """Train by mini-batch stochastic gradient descent with weight decay.

        Parameters
        ----------
        training_data : iterable of (x, y)
            Columns of shape ``(sizes[0], 1)`` and ``(sizes[-1], 1)``. Each epoch shuffles the data
            with the global `random.shuffle`: in place if its items can be assigned, as those of a
            list can, and otherwise (``zip``, generators, tuples) in a list made from it.
        epochs, mini_batch_size : int
            The last mini-batch of an epoch is shorter if the size does not divide the data.
        eta, lmbda : float
            Learning rate and regularisation parameter.
        evaluation_data : iterable of (x, label), optional
            Like the training data, but with integer labels.
        monitor_... : bool, optional
            What to compute, print and return after each epoch; layer speeds are computed before it.
        verbose : bool, optional
            Whether to print.
        momentum, nesterov, optimizer : optional
            See `optimisers`; `optimizer` is "sgd", "adam" or an `Adam`.
        l1 : float, optional
            Regularisation parameter of ``(l1/n) sum |w|`` (eq. 95). Costs are reported without it.
        dropout : float or sequence of float, optional
            The fraction of neurons to drop, one number or one for each hidden layer.
        frozen_layers : sequence of int, optional
            Layers of weights and biases, counted from 0, that stay as they are.
        sample_weight : sequence of float, optional
            A factor on the gradient of each training example. The data then keep their order.
        shuffle : bool, optional
            If False, training keeps the order of the data and draws no random numbers.
        schedule : callable or Halving, optional
            A function from an epoch's number to the factor on `eta` in that epoch, or a `Halving`.
        early_stopping_n : int, optional
            Stop after this number of epochs without a better evaluation accuracy or, if that is not
            monitored, evaluation cost. The network is left as it was after its best epoch. None or
            0 stops nothing.
        speed_data : sequence of (x, y), optional
            Examples for the layers' speeds; by default the training data.
        seed : int, optional
            Shuffle and drop with ``random.Random(seed)`` in place of the global generator.

        Returns
        -------
        History
            The lists ``evaluation_cost, evaluation_accuracy, training_cost, training_accuracy``
            with one entry per epoch, or none if not monitored. Accuracies count examples.

        Raises
        ------
        ValueError
            If evaluation data is monitored but not given, a schedule or early stopping needs a
            monitor that is off, or an option does not exist.
        """
        if evaluation_data is None and (monitor_evaluation_cost or monitor_evaluation_accuracy):
            raise ValueError("monitoring evaluation data needs evaluation_data")
        if isinstance(schedule, Halving) and not monitor_evaluation_accuracy:
            raise ValueError("schedule Halving needs monitor_evaluation_accuracy")
        if early_stopping_n and not (monitor_evaluation_cost or monitor_evaluation_accuracy):
            raise ValueError("early_stopping_n needs a monitor of evaluation data")
        left_out = Dropout(dropout, self.sizes[1:-1])
        rule = update_rule(optimizer, momentum, nesterov, [*self.biases, *self.weights])
        halved = HalvedRate(schedule) if isinstance(schedule, Halving) else None
        factor_of = schedule if callable(schedule) else halved
        stopping = EarlyStopping(early_stopping_n) if early_stopping_n else None
        monitors = Monitors(
            monitor_evaluation_cost,
            monitor_evaluation_accuracy,
            monitor_training_cost,
            monitor_training_accuracy,
            verbose,
        )
        examples = shuffleable(training_data)
        factors = None if sample_weight is None else list(sample_weight)
        held_out = sized(() if evaluation_data is None else evaluation_data)
        watched = examples if speed_data is None else speed_data
        generator: Any = random if seed is None else random.Random(seed)
        n = len(examples)
        penalty = Penalty(lmbda, l1, n)
        has_own_steps = l1 or left_out.drops or frozen_layers or factors
        is_network2s = isinstance(rule, Descent) and not has_own_steps

        history = History()
        for j in range(epochs):
            if monitor_layer_speeds:
                history.layer_speeds.append(layer_speeds(self, watched))
            left_out.begin_epoch(generator.getstate(), j)
            if shuffle and factors is not None:
                examples, factors = shuffled_together(examples, factors, generator)
            elif shuffle:
                generator.shuffle(examples)
            eta_now = factor_of(j) * eta if factor_of else eta
            for start in range(0, n, mini_batch_size):
                places = range(start, min(start + mini_batch_size, n))
                if is_network2s:
                    self.update_mini_batch(taken(examples, places), eta_now, lmbda, n)
                    continue
                gradients: Iterable[Gradient] = (
                    self.backprop(*examples[i], left_out.masks(i))
                    if left_out.drops
                    else self.backprop(*examples[i])
                    for i in places
                )
                if factors is not None:
                    gradients = weighted(gradients, [factors[i] for i in places])
                kept = [(layer, self.biases[layer], self.weights[layer]) for layer in frozen_layers]
                self._descend(gradients, len(places), eta_now, penalty, rule)
                for layer, b, w in kept:
                    self.biases[layer], self.weights[layer] = b, w

            monitors.record(self, j, history, examples, held_out, lmbda)
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
        that of the whole training data. New arrays replace the old ones, which stay unchanged.
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
            Dropout's factors on the outputs of each hidden layer, shapes (neurons, 1).

        Returns
        -------
        nabla_b, nabla_w : list of ndarray
            dC/db (BP3) and dC/dw (BP4), shaped like `biases` and `weights`.
        """
        names = of_layers(self.activations, len(self.weights))
        zs, activations = forward(self, x, masks)
        delta = output_error(self.cost, names[-1], zs[-1], activations[-1], y)  # BP1
        nabla_b = [delta]
        nabla_w = [np.dot(delta, activations[-2].T)]
        # Each pass multiplies by another w and f': chapter 5's unstable product (eq. 122).
        for place in range(2, self.num_layers):  # from the end, and no further, as in network2
            slopes = slope(names[-place], zs[-place])
            delta = np.dot(self.weights[-place + 1].T, delta) * slopes  # BP2
            if masks:
                delta *= masks[-place + 1]
            nabla_b.insert(0, delta)
            nabla_w.insert(0, np.dot(delta, activations[-place - 1].T))
        return of_all_layers(self, nabla_b, nabla_w)

    def accuracy(self, data: Iterable[Pair], convert: bool = False) -> int:
        """Return for how many of the (x, label) the strongest output is the right one.

        Pass ``convert=True`` if labels are unit columns, as in training data, and not integers; it
        means the reverse in `total_cost`. Of equally strong outputs the first counts. One output
        counts as 1 above 0.5, else as 0, and its label too, where network2 counts nothing.

        Raises ValueError if the network's one output is the identity's or the exponential's, which
        tells no classes.
        """
        if self.sizes[-1] == 1:
            return self._count_binary(data)
        correct = 0
        for x, label in data:
            digit = np.argmax(label) if convert else label
            correct += int(np.argmax(self.feedforward(x)) == digit)
        return correct

    @np.errstate(over="ignore")
    def total_cost(self, data: Iterable[Pair], lmbda: float, convert: bool = False) -> float:
        """Return the mean cost plus ``0.5 * lmbda/len(data) * sum ||w||^2``.

        Pass ``convert=True`` if labels are integers, as in evaluation data, and not unit columns;
        it means the reverse in `accuracy`.
        """
        examples = sized(data)
        n = len(examples)
        binary = self.sizes[-1] == 1  # its label is the desired output
        cost = 0.0
        for x, label in examples:
            if convert and not binary:
                label = self._column_of(label)
            if is_log_likelihood(self.cost) and self._has_own_outputs():
                cost += log_likelihood(forward(self, x)[0][-1], label) / n
            else:
                cost += self.cost.fn(self.feedforward(x), label) / n
        squares = sum(np.linalg.norm(w) ** 2 for w in self.weights)
        return float(cost + 0.5 * (lmbda / n) * squares)

    def _column_of(self, label: int) -> Array:
        """The desired output for a label, which is all that a function of a script gets."""
        own = BOOK.vectorized_result is not vectorized_result
        arguments = (label,) if own else (label, self.sizes[-1])
        column: Array = BOOK.vectorized_result(*arguments)
        return column

    def save(self, filename: str | os.PathLike[str]) -> None:
        """Write sizes, weights, biases and the cost's name to `filename` as JSON.

        Raises ValueError if a layer has other than sigmoid neurons, which network2's files cannot
        express.
        """
        names = of_layers(self.activations, len(self.weights))
        others = [name for name in names if name != "sigmoid"]
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

    def _count_binary(self, data: Iterable[Pair]) -> int:
        output = of_layers(self.activations, len(self.weights))[-1]
        if output in ("identity", "exponential"):
            raise ValueError(f"accuracy counts right classes: one {output} output tells none")
        return sum(
            bool(self.feedforward(x)[0, 0] > 0.5) == bool(np.ravel(label)[0] > 0.5)
            for x, label in data
        )

    def _has_own_outputs(self) -> bool:
        """Say whether `feedforward` is that of this class, and no subclass's or script's."""
        return "feedforward" not in vars(self) and type(self).feedforward is _FEEDFORWARD

    def _descend(
        self, gradients: Iterable[Gradient], m: int, eta: float, penalty: Penalty, rule: Rule
    ) -> None:
        """Change the parameters by `rule`, for the `gradients` of `m` examples."""
        nabla_b, nabla_w = summed(self, gradients)
        layers = len(self.biases)
        penalties = [Penalty(0.0, 0.0, penalty.n)] * layers + [penalty] * layers
        parameters = [*self.biases, *self.weights]
        moved = rule.step(parameters, nabla_b + nabla_w, m, eta, penalties)
        self.biases, self.weights = moved[:layers], moved[layers:]


_FEEDFORWARD = Network.feedforward
