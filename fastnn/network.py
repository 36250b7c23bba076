"""The interface of the program of the book's chapter 1: the same names, numbers and lines."""

from __future__ import annotations

import random
import weakref
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from numba.extending import register_jitable

from fastnn.common.checks import real
from fastnn.datasets.fitting import Needs
from fastnn.engine.chapter1_view import Chapter1View
from fastnn.engine.exclusive import TrainedAlone
from fastnn.engine.single_calls import SingleCalls
from fastnn.model.activations import sigmoid
from fastnn.model.costs import QuadraticCost
from fastnn.model.description import Arrays, SizesOfWeights, kept_sizes
from fastnn.model.initialisers import draw_parameters
from fastnn.model.one_example import Functions
from fastnn.model.overrides import is_overridden, watched_parameters
from fastnn.training import repeats
from fastnn.training.callers_data import CallersData
from fastnn.training.checked_options import check_options
from fastnn.training.options import DEFAULTS
from fastnn.training.overrides import refuse_rebound, warn_of_overridden
from fastnn.training.run import Run

# Two of them come with the book's `from network import *`, too.
__all__ = ["Network", "np", "random", "sigmoid", "sigmoid_prime"]


@register_jitable  # so that Numba compiles what calls it
def sigmoid_prime(z: Any) -> Any:
    """The slope of what the module calls `sigmoid` at present, sigmoid(z) (1 - sigmoid(z)).

    Parameters
    ----------
    z : float or ndarray of any shape
        Weighted inputs.

    Returns
    -------
    float or ndarray
        Shaped like `z`.
    """
    a = sigmoid(z)
    return a * (1.0 - a)


# The originals, to detect rebinding by a script.
_SIGMOIDS = sigmoid, sigmoid_prime
_RANDOM, _NUMPY = random, np

# What this `SGD` cannot be asked for, as network2's has it.
_NOT_ASKED = {**DEFAULTS, "verbose": False, "checkpoint": None}


class Network:
    """A fully connected network of sigmoid neurons with the quadratic cost, as in chapter 1.

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, inputs first; at least two layers.

    Attributes
    ----------
    num_layers : int
    sizes : sequence of int
        As it was given; of a list or an array a copy.
    biases, weights : list of ndarray
        ``biases[l]`` is ``(sizes[l+1], 1)``, ``weights[l]`` is ``(sizes[l+1], sizes[l])``. You may
        read them, assign them and write into them.

    Raises
    ------
    TypeError, ValueError
        If `sizes` are not as above.

    Notes
    -----
    Initial values are N(0, 1) from NumPy's global generator: all biases first, then all weights.

    A subclass or a script may override each method, and rebind the module's two functions. What it
    overrides is called with the book's arguments, and everything else stays compiled; a warning
    says where training goes through Python. `network2` has more options, at the same speed.
    """

    # What a subclass has whose own `__init__` does not call this one.
    sizes: Sequence[int] = SizesOfWeights()  # type: ignore[assignment]  # it gives such a list
    biases: Arrays
    weights: Arrays

    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = kept_sizes(sizes)
        self.num_layers = len(self.sizes)
        drawn = draw_parameters("large", self.sizes, np.dtype(np.float64), np.random)
        self.weights, self.biases = drawn

    def feedforward(self, a: npt.ArrayLike) -> npt.NDArray[Any]:
        """Compute the output of the network, a = sigmoid(w a + b) layer by layer (eq. 22).

        Parameters
        ----------
        a : array_like, shape (sizes[0], 1)
            An input column; or several side by side, (sizes[0], k). For one input, a number will
            do.

        Returns
        -------
        ndarray, shape (sizes[-1], 1) or (sizes[-1], k)

        Raises
        ------
        TypeError, ValueError
            If `a`, a weight matrix or a bias is no array of numbers, or has the wrong shape.
        """
        return SingleCalls.feedforward(_compiled(self), a)

    def SGD(
        self,
        training_data: Iterable[tuple[Any, Any]],
        epochs: int,
        mini_batch_size: int,
        eta: float,
        test_data: Iterable[tuple[Any, Any]] | None = None,
    ) -> None:
        """Train by mini-batch stochastic gradient descent, and print a line after each epoch.

        Parameters
        ----------
        training_data : Dataset or iterable of (x, y)
            x of shape ``(sizes[0], 1)``, y of shape ``(sizes[-1], 1)``. Every epoch takes them in a
            new order, drawn by Python's global `random.shuffle`. A list or Dataset is left in the
            order of the last epoch.
        epochs : int
            How many times to go through the data.
        mini_batch_size : int
            Examples per step; the last mini-batch of an epoch may be shorter.
        eta : float
            Learning rate.
        test_data : Dataset or iterable of (x, label), optional
            If given, ``Epoch {j}: {right} / {all}`` is printed after each epoch, else ``Epoch {j}
            complete``.

        Raises
        ------
        TypeError, ValueError
            If an argument is not as above; nothing has then been changed.
        DivergedError
            If weights or biases are no longer finite.
        RuntimeError
            If the network is being trained already.

        Warns
        -----
        RuntimeWarning
            If what is overridden makes training go through Python.

        Notes
        -----
        Whatever ends training leaves all as after the last epoch that was evaluated, but for what
        an `evaluate`, `update_mini_batch` or `backprop` of your own raises: the steps of its epoch
        then stay, as in the book.
        """
        if np is not _NUMPY or "print" in globals():
            refuse_rebound("network", globals())
        if random is not _RANDOM:
            raise ValueError(
                "network.random is rebound, but the order of the examples comes from Python's own "
                "module: rebind random.shuffle"
            )
        view = _compiled(self)
        view.call_what_is_overridden()
        given = {"epochs": epochs, "mini_batch_size": mini_batch_size, "eta": eta}
        if test_data is None:
            with TrainedAlone(view):
                again = repeats.run_again(view, training_data, _NOT_ASKED | given)
            if again is not None:
                if epochs == 1:
                    print("Epoch 0 complete")
                return
        tests = None
        if not _is_empty(test_data):
            own = [is_overridden(self, name, _ORIGINALS) for name in ("evaluate", "feedforward")]
            needs = Needs(inputs=not any(own), answers=not own[0], pairs=not own[0])
            tests = CallersData("test_data", test_data, view.sizes, only_measured=True, needs=needs)
        options = check_options(
            given | {"monitor_evaluation_accuracy": tests is not None, "verbose": False},
            hidden_layers=len(view.sizes) - 2,
            has_evaluation_data=tests is not None,
        )

        def report(run: Run) -> None:
            epoch, right = len(run.history.epoch_seconds) - 1, run.history.evaluation_accuracy
            if epoch < 0:  # none was asked for
                return
            result = " complete" if tests is None else f": {right[-1]} / {len(tests.dataset)}"
            print(f"Epoch {epoch}{result}")

        with TrainedAlone(view), view.evaluating(None if tests is None else tests.as_given()):
            run = Run(view, options, training_data, tests)
            if options.epochs > 0:
                _warn_of_python(self, tests is not None)
            run.after_epoch = report
            run.go()
            if test_data is None:
                repeats.keep(run, training_data, _NOT_ASKED | given)

    def update_mini_batch(self, mini_batch: Iterable[tuple[Any, Any]], eta: float) -> None:
        """Take one step of gradient descent (the book's eq. 20 and 21).

        Parameters
        ----------
        mini_batch : Dataset or iterable of (x, y)
            As the training data of `SGD`.
        eta : float
            Learning rate.

        Raises
        ------
        TypeError, ValueError
            If an argument is not as above; nothing has then been changed.
        RuntimeError
            If the network is being trained already, by another thread for example.
        """
        view = _compiled(self)
        view.call_what_is_overridden()
        SingleCalls.update_mini_batch(view, mini_batch, real("eta", eta), 0.0, 1)

    def backprop(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Arrays, Arrays]:
        """Compute the gradient of the cost of one example (BP1 to BP4 of the book's chapter 2).

        Parameters
        ----------
        x : array_like, shape (sizes[0], 1)
            Input; or several side by side, (sizes[0], k).
        y : array_like, shape (sizes[-1], 1)
            Desired output; for one output, a number will do, for several a label. Or those of
            several inputs side by side, (sizes[-1], k).

        Returns
        -------
        nabla_b, nabla_w : list of ndarray
            dC/db and dC/dw of every layer, shaped like `biases` and `weights`. Of several inputs,
            dC/db have k columns, and dC/dw are summed, as in the book.

        Raises
        ------
        TypeError, ValueError
            If `x`, `y`, a weight matrix or a bias is no array of numbers, or has the wrong shape.
        """
        return SingleCalls.backprop(_compiled(self), x, y)

    def evaluate(self, test_data: Iterable[tuple[Any, Any]]) -> int:
        """Count the examples whose largest output, the first of equals, is that of the label.

        One output counts as the class 1 above 0.5, else as 0.

        Parameters
        ----------
        test_data : Dataset or iterable of (x, label)
            Labels are integers or unit columns.

        Returns
        -------
        int

        Raises
        ------
        TypeError, ValueError
            If `test_data` does not fit the network.
        """
        view = _compiled(self)
        view.call_what_is_overridden()
        return SingleCalls.accuracy(view, test_data)

    def cost_derivative(
        self, output_activations: npt.NDArray[Any], y: npt.NDArray[Any]
    ) -> npt.NDArray[Any]:
        """Return dC/da of the output activations, a - y; another one makes another cost.

        Parameters
        ----------
        output_activations, y : ndarray, shape (sizes[-1], 1)
        """
        derivative: npt.NDArray[Any] = output_activations - y
        return derivative


_METHODS = ("feedforward", "update_mini_batch", "backprop", "evaluate", "cost_derivative")
_ORIGINALS = {name: vars(Network)[name] for name in _METHODS}


class _OwnCost:
    """The cost whose derivative is what a user has in the place of `cost_derivative`."""

    fn = staticmethod(QuadraticCost.fn)

    def __init__(self, network: Network) -> None:
        self._owner = weakref.proxy(network)  # whose method is being called
        self.__name__ = f"{type(network).__name__}.cost_derivative"

    def delta(self, z: Any, a: Any, y: Any) -> Any:
        """The error of the output layer (BP1)."""
        return self._owner.cost_derivative(a, y) * sigmoid_prime(z)


class _Compiled(Chapter1View):
    """A view that sees the functions that a script has put into this module."""

    def _fastnn_rebound_sigmoids(self) -> Functions | None:
        """Return the module's `sigmoid` and `sigmoid_prime`, if a script has put others there."""
        present = sigmoid, sigmoid_prime
        return None if present == _SIGMOIDS else present


# By the identity of the network, whose attributes are the user's own.
_VIEWS: dict[int, _Compiled] = {}


def _compiled(network: Network) -> _Compiled:
    """Return what compiles the network: the same object each time, which keeps what it knows."""
    view = _VIEWS.get(id(network))
    if view is not None:
        return view
    # No function of Python: Ctrl-C within one that a weak reference calls would be lost.
    forget: Callable[[Any], Any] = partial(_VIEWS.pop, id(network))
    made = _Compiled(weakref.ref(network, forget), _OwnCost(network), _ORIGINALS)
    return _VIEWS.setdefault(id(network), made)


def _is_empty(data: Any) -> bool:
    return data is None or (hasattr(data, "__len__") and len(data) == 0)


def _warn_of_python(network: Network, with_tests: bool) -> None:
    """Warn, with the line that called `SGD`, if training goes through Python."""

    def overridden(*names: str) -> list[str]:
        own = [name for name in names if is_overridden(network, name, _ORIGINALS)]
        return [f"{type(network).__name__}.{name}" for name in own]

    trained_by = overridden("update_mini_batch", "backprop")
    trained_by += watched_parameters(_compiled(network))
    if (sigmoid, sigmoid_prime) != _SIGMOIDS:
        trained_by.append("network.sigmoid")
    warn_of_overridden(
        trained_by,
        overridden("feedforward") if with_tests else [],
        "fastnn.network2 has costs, activations and optimisers that stay compiled",
    )
