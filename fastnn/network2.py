"""The interface of the book's network2: the same names, arguments, numbers and printed lines."""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from numba.extending import register_jitable

from fastnn.common.checks import integer
from fastnn.engine.exclusive import TrainedAlone
from fastnn.engine.single_calls import SingleCalls
from fastnn.kernels import costs as kernel_costs
from fastnn.mnist_loader import vectorized_result
from fastnn.model.activations import sigmoid
from fastnn.model.bare_model import network_of
from fastnn.model.costs import (
    COSTS,
    Cost,
    CrossEntropyCost,
    LogLikelihoodCost,
    PoissonCost,
    QuadraticCost,
    check_cost,
    cost_name,
    is_cost,
)
from fastnn.model.exchange import describe_torch
from fastnn.model.history import History
from fastnn.model.one_example import Functions
from fastnn.model.saving import read_network
from fastnn.model.sklearn_exchange import describe_sklearn
from fastnn.optimisers import Adam
from fastnn.schedules import Schedule
from fastnn.training import repeats
from fastnn.training.checked_options import check_options
from fastnn.training.checkpoints import keep_checkpoints
from fastnn.training.options import OPTIONS
from fastnn.training.overrides import check_overrides, refuse_rebound, warn_of_python
from fastnn.training.resuming import resume_run
from fastnn.training.run import Run

if TYPE_CHECKING:
    import torch

__all__ = [
    "CrossEntropyCost",
    "LogLikelihoodCost",
    "Network",
    "PoissonCost",
    "QuadraticCost",
    "from_sklearn",
    "from_torch",
    "json",  # these come with the book's `from network2 import *`, too
    "load",
    "np",
    "random",
    "resume",
    "sigmoid",
    "sigmoid_prime",
    "sys",
    "vectorized_result",
]


@register_jitable  # so that Numba compiles a cost of one's own that calls it
def sigmoid_prime(z: Any) -> Any:
    """The slope of the sigmoid, sigmoid(z) (1 - sigmoid(z)); at most 1/4, at z = 0.

    As in network2, it is that of the function which the module calls `sigmoid` at present.

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


# Called after every epoch with its number, the network and the history.
Callback = Callable[[int, "Network", History], Any]

# The originals, to detect rebinding by a script.
_SIGMOIDS = sigmoid, sigmoid_prime
_RANDOM, _NUMPY = random, np
kernel_costs.book = sys.modules[__name__]  # for `QuadraticCost.delta`
_VECTORIZED_RESULT = vectorized_result


class Network(SingleCalls):
    """A fully connected network, trained by stochastic gradient descent.

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, inputs first; at least two layers.
    cost : class, optional
        `CrossEntropyCost`, `QuadraticCost`, `LogLikelihoodCost`, `PoissonCost`, or a class of your
        own with static methods ``fn(a, y)`` and ``delta(z, a, y)`` on columns. Numba compiles it
        where it can; otherwise it runs at NumPy speed, with one warning. It may lack the one that
        is never called: `delta` where `backprop` is a subclass's own, `fn` where nothing measures
        it.
    dtype : numpy dtype, optional
        float64, or float32 for about two thirds of the time at seven digits.
    activation : str, class or list, optional
        Of the hidden layers: "sigmoid", "tanh" or "relu", or a class of your own with static
        methods ``fn(z)`` and ``prime(z)`` on one number, which Numba compiles. A list names one
        for each layer.
    output : str, optional
        Activation of the output layer: "sigmoid", "softmax", "identity" or "exponential". The
        default goes with the cost: softmax for `LogLikelihoodCost`, exponential for `PoissonCost`,
        else sigmoid. For regression, take `QuadraticCost` with "identity"; for counts,
        `PoissonCost`.
    initializer : str, optional
        "default" (N(0, 1) / sqrt(fan_in), biases N(0, 1)), "large" (N(0, 1)), "glorot" or "he"
        (biases 0).
    generator : numpy.random.RandomState or numpy.random.Generator, optional
        Where initial values are drawn from; NumPy's global generator by default.
    seed : int, optional
        Draw the initial values that come after ``numpy.random.seed(seed)``, and leave the global
        generator as it is. From 0 to below 2**32.

    Attributes
    ----------
    num_layers : int
    sizes : sequence of int
        As it was given; of a list or an array a copy.
    cost : class
    dtype : numpy dtype
    activations : list
        Of every layer after the inputs, the output layer's last: names, or your own classes.
    biases, weights : list of ndarray
        ``biases[l]`` is ``(sizes[l+1], 1)``, ``weights[l]`` is ``(sizes[l+1], sizes[l])``. You may
        read them, assign them and write into them: training starts from what they hold, and leaves
        its result in new arrays.
    labels : list of int or of str, or None
        What the outputs stand for; `predict` returns them. None stands for 0, 1, 2 and so on.
    scaling : Scaling or None
        How `predict` standardises its inputs. `SGD`, `feedforward` and the other methods of
        network2 take inputs that are standardised already.
    columns : Columns or None
        How the columns of a table become inputs (see `fastnn.own_data`): `predict` and `outputs`
        then take a pandas DataFrame too.
    history : History or None
        What the last call of `SGD` recorded, epoch by epoch, even if it was interrupted.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above, or cost and output do not go together. No random number
        has been drawn then.

    Notes
    -----
    Initial values are drawn from NumPy's global generator (`numpy.random.seed`), unless `generator`
    or `seed` is given: all biases first, then all weights, layer by layer.

    Layers may be added and taken away between two calls: `sizes`, `num_layers`, `weights`, `biases`
    and, where hidden layers are not sigmoid, `activations` have to go together. `feedforward`,
    `accuracy` and `total_cost` of sigmoids count the layers of weights and biases alone.

    A subclass may override any method of network2's, and need not call this `__init__`: `sizes` are
    then those of its weights, and what it does not set of `dtype`, `activations`, `labels`,
    `scaling`, `columns` and `history` is as in network2. It cannot use these names for anything
    else, but that `labels`, `scaling` and `columns` of another kind are no matter to network2's
    methods.
    """

    def SGD(
        self,
        training_data: Iterable[tuple[Any, Any]],
        epochs: int,
        mini_batch_size: int,
        eta: float,
        lmbda: float = 0.0,
        evaluation_data: Iterable[tuple[Any, Any]] | None = None,
        monitor_evaluation_cost: bool = False,
        monitor_evaluation_accuracy: bool = False,
        monitor_training_cost: bool = False,
        monitor_training_accuracy: bool = False,
        *,
        momentum: float = 0.0,
        nesterov: bool = False,
        optimizer: str | Adam = "sgd",
        l1: float = 0.0,
        dropout: float | Sequence[float] = 0.0,
        frozen_layers: Sequence[int] = (),
        sample_weight: npt.ArrayLike | None = None,
        shuffle: bool = True,
        schedule: Schedule | None = None,
        early_stopping_n: int | None = None,
        callback: Callback | Sequence[Callback] | None = None,
        monitor_layer_speeds: bool = False,
        speed_data: Iterable[tuple[Any, Any]] | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_every: int = 1,
        on_divergence: str = "raise",
        progress: bool = False,
        verbose: bool = True,
        threads: int | None = None,
        seed: int | None = None,
    ) -> History:
        """Train by mini-batch stochastic gradient descent.

        Parameters
        ----------
        training_data : Dataset or iterable of (x, y)
            x of shape ``(sizes[0], 1)``, y of shape ``(sizes[-1], 1)``; or y is a label or, for one
            output, the number that it should be. Every epoch takes them in a new order, drawn by
            Python's global `random.shuffle`. A list or Dataset is left in the order of the last
            epoch.
        epochs : int
            How many times to go through the data; 0 does nothing.
        mini_batch_size : int
            Examples per step; the last mini-batch of an epoch may be shorter.
        eta : float
            Learning rate.
        lmbda : float, optional
            Regularisation parameter lambda: weights decay by ``1 - eta lmbda / n`` at every step.
        evaluation_data : Dataset or iterable of (x, label), optional
            Integer labels, or unit columns.
        monitor_evaluation_cost, monitor_evaluation_accuracy, monitor_training_cost, \
monitor_training_accuracy : bool, optional
            What to compute and print after every epoch.
        momentum : float, optional
            mu of ``v <- mu v - eta g, w <- w + v`` (the book's eq. 107 and 108); from 0 to below 1.
        nesterov : bool, optional
            Momentum with the gradient of the point looked ahead to (Sutskever et al. 2013).
        optimizer : str or Adam, optional
            "sgd", or "adam" (Kingma and Ba 2015); `fastnn.optimisers.Adam` has its numbers.
        l1 : float, optional
            L1 regularisation: ``l1 / n sgn(w)`` is added to the gradient (the book's eq. 96). Costs
            are reported without it.
        dropout : float or sequence of float, optional
            The part of the hidden neurons to leave out for each example in training, chosen anew
            each time: one rate for all hidden layers, or one for each. Those that stay are scaled
            by 1 / (1 - rate). The choice follows from `random.seed`, but draws nothing from that
            generator.
        frozen_layers : sequence of int, optional
            Layers of weights and biases, counted from 0, that training leaves as they are.
        sample_weight : array_like, shape (n,), optional
            A number of at least 0 for each training example, by which its gradient is multiplied.
            The sum over a mini-batch is divided by the number of its examples as always, so
            weights that are 1 on average leave `eta` its meaning. What is monitored counts all
            examples alike. So that the weights fit in the next call too, the training data keep
            their order.
        shuffle : bool, optional
            False takes the data in its present order in every epoch.
        schedule : function or Halving, optional
            A function from the number of an epoch, from 0, to a factor on eta; or
            `fastnn.schedules.Halving`, the book's halving when accuracy stops improving.
        early_stopping_n : int, optional
            Stop when the accuracy on evaluation data (the cost, where only that is monitored) has
            not improved for this many epochs. The network ends with the weights and biases of the
            best epoch. 0 is as good as None.
        callback : function or list of functions, optional
            Called as ``callback(epoch, network, history)`` after every epoch; training stops if one
            returns True. They may change weights, biases, cost, activations and the figures of the
            history, of which each recorded list keeps one entry an epoch.
        monitor_layer_speeds : bool, optional
            Record the norm of the averaged dC/db of every layer before every epoch, on `speed_data`
            or the whole training data, in ``history.layer_speeds``.
        speed_data : Dataset or iterable of (x, y), optional
            See `monitor_layer_speeds`; a thousand examples cost almost nothing.
        checkpoint : str or path-like, optional
            A file to write the state of training to, whole or not at all; `fastnn.resume` goes on
            from it to the same bits.
        checkpoint_every : int, optional
            How many epochs there are from one checkpoint to the next; the last epoch has one too.
        on_divergence : str, optional
            What to do when weights, biases or a monitored cost are no longer finite: "raise" stops
            with an error, "continue" goes on as network2 does. An infinite cross-entropy does not
            count: it only says that a saturated output was exactly wrong.
        progress : bool, optional
            Show on stderr how far training is (a bar on a terminal, if tqdm is installed), in place
            of network2's lines.
        verbose : bool, optional
            False prints nothing.
        threads : int, optional
            The most threads that may work on a mini-batch together; by default one for each
            processor. They do so only while that is measured to be faster than one alone. Their
            number does not change a bit of the result.
        seed : int, optional
            Take the orders and the dropout that come after ``random.seed(seed)``, and leave
            Python's global generator as it is. From 0 to below 2**32.

        Returns
        -------
        History
            Unpacks as network2's ``evaluation_cost, evaluation_accuracy, training_cost,
            training_accuracy``: lists with one entry for each epoch, empty where not monitored.

        Raises
        ------
        TypeError, ValueError
            If an argument is not as above, or does not go with a method that is overridden, or a
            weight or bias is not finite; nothing has then been changed.
        DivergedError
            If training diverges (see `on_divergence`), most often because `eta` is too large.
        RuntimeError
            If the network is being trained already, by another thread for example.
        OSError
            If a checkpoint cannot be written.

        Warns
        -----
        RuntimeWarning
            If a method that is overridden makes training go through Python.

        Notes
        -----
        If training is interrupted or fails, the network, its `history`, the order of the data and
        the state of `random` are those after the last epoch that was trained and measured. But
        where a callback, a method of your own (other than by Ctrl-C), or a cost of your own that is
        measured, raises an error to stop training, all but `history` are as they were at that
        moment, in the middle of an epoch too.

        As in network2, a method that a subclass or a script overrides is called: `accuracy`,
        `total_cost` and `feedforward` by the monitors, while epochs stay compiled;
        `update_mini_batch` and `backprop` for every mini-batch or example, at NumPy speed. So is
        a `random.shuffle` that has been rebound. What a callback changes in the network is what
        training goes on with.
        """
        arguments = locals()
        if np is not _NUMPY or "print" in globals():
            refuse_rebound("network2", globals())
        if random is not _RANDOM and seed is None:
            raise ValueError(
                "network2.random is rebound, but the order of the examples comes from Python's own "
                "module: rebind random.shuffle, or give seed="
            )
        with TrainedAlone(self):
            again = repeats.run_again(self, training_data, arguments)
        if again is not None:
            return again
        options = check_options(
            {name: value for name, value in arguments.items() if name in OPTIONS},
            hidden_layers=len(self.sizes) - 2,
            has_evaluation_data=evaluation_data is not None,
        )
        every = integer("checkpoint_every", checkpoint_every, smallest=1)
        given = {"threads": threads, "checkpoint": checkpoint, "sample_weight": sample_weight}
        check_overrides(self, options, **given)
        with TrainedAlone(self):
            data = training_data, evaluation_data, speed_data
            run = Run(self, options, *data, sample_weight=sample_weight)
            warn_of_python(self, options)
            if checkpoint is not None:
                keep_checkpoints(run, checkpoint, every)
            history = run.go()
            repeats.keep(run, training_data, arguments)
            return history

    def _fastnn_rebound_sigmoids(self) -> Functions | None:
        """Return the module's `sigmoid` and `sigmoid_prime`, if a script has put others there."""
        present = sigmoid, sigmoid_prime
        return None if present == _SIGMOIDS else present

    def _fastnn_rebound_vectorized_result(self) -> Callable[[Any], Any] | None:
        """Return the module's `vectorized_result`, if a script has put another there."""
        return None if vectorized_result is _VECTORIZED_RESULT else vectorized_result

    def _fastnn_costs_by_name(self) -> dict[str, Any]:
        """Return the costs that `load` finds by the names in files."""
        return _costs()


def load(filename: str | os.PathLike[str], *, cost: type[Cost] | None = None) -> Network:
    """Read a network that `Network.save`, or network2, wrote.

    Parameters
    ----------
    filename : str or path-like
    cost : class, optional
        The network's cost, if it is a class of your own. As in network2, a file's cost is by
        default what the module calls by this name at present.

    Returns
    -------
    Network
        In float64, or in the type of numbers that an ``.npz`` holds.

    Raises
    ------
    OSError
        If the file is missing or cannot be read.
    TypeError, ValueError
        If it is damaged, is another kind of file, or names a cost or an activation that fastnn
        does not know, or another cost than `cost`.
    """
    costs = _costs() if cost is None else {cost_name(check_cost(cost)): cost}
    return network_of(Network, read_network(filename, costs))


def _costs() -> dict[str, Any]:
    """Return fastnn's costs, and what the module has for a cost by any name at present."""
    there = {name: value for name, value in globals().items() if is_cost(value)}
    return COSTS | {name: value for name, value in there.items() if value is not Cost}


def resume(
    filename: str | os.PathLike[str],
    training_data: Iterable[tuple[Any, Any]],
    epochs: int | None = None,
    evaluation_data: Iterable[tuple[Any, Any]] | None = None,
    *,
    speed_data: Iterable[tuple[Any, Any]] | None = None,
    cost: type[Cost] | None = None,
    activation: Sequence[Any] | None = None,
    schedule: Schedule | None = None,
    callback: Callback | Sequence[Callback] | None = None,
    checkpoint_every: int = 1,
    progress: bool = False,
    verbose: bool = True,
    threads: int | None = None,
) -> tuple[Network, History]:
    """Go on with a run of ``SGD(..., checkpoint=filename)`` as if it had never been interrupted.

    Weights, history, the order of the data and the states of `random` and of NumPy's global
    generator end with the bits that they would have had. (`random` stays as it is if the run
    has a `seed`.) Checkpoints go to the same file.

    Parameters
    ----------
    filename : str or path-like
        The checkpoint.
    training_data : Dataset or iterable of (x, y)
        The examples of the stored run, in any order.
    epochs : int, optional
        Epochs in all, including those already done; by default as many as the stored run asked
        for.
    evaluation_data, speed_data : Dataset or iterable of (x, y), optional
        Those of the stored run, where it had any.
    cost : class, optional
        The stored run's cost, if it was a class of your own.
    activation : list, optional
        The stored run's activations, one for each hidden layer, if any was a class of your own.
    schedule, callback : function, optional
        Those of the stored run, because no file can hold a function. It holds a `Halving`. A run
        that a callback ended goes on all the same, and the callback is asked after each epoch.
    checkpoint_every, progress, verbose, threads
        As for `SGD`.

    Returns
    -------
    network : Network
    history : History
        Of all epochs, the stored ones included.

    Raises
    ------
    OSError
        If the file cannot be read or written.
    TypeError, ValueError
        If the file is damaged or no checkpoint, if data, cost or activations are not those of the
        stored run, or if an argument is wrong. Nothing has changed then.
    DivergedError
        If training diverges, as in `SGD`.
    """
    return resume_run(Network, filename, locals())


def from_torch(module: torch.nn.Module) -> Network:
    """Make a network of a module of PyTorch that gives the same outputs.

    Parameters
    ----------
    module : torch.nn.Sequential
        Of Linear, each followed by Sigmoid, Tanh or ReLU; after the last one Sigmoid, Softmax over
        the outputs, or nothing. Dropout, Flatten and Identity among them do nothing here.
        Sequentials may lie in each other. None has hooks, as pruning leaves behind.

    Returns
    -------
    Network
        With copies of the parameters, in float64 if they are, else in float32. Its cost is the
        cross-entropy for Sigmoid outputs, the log-likelihood for Softmax, else the quadratic one.
        `labels` and `scaling` are those of `to_torch`, if it made the module.

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    TypeError, ValueError
        If the module is not as described.
    """
    return network_of(Network, describe_torch(module))


def from_sklearn(mlp: Any) -> Network:
    """Make a network of a fitted MLPClassifier or MLPRegressor that gives the same outputs.

    Parameters
    ----------
    mlp : estimator
        scikit-learn's or fastnn's, with activation "logistic", "tanh" or "relu".

    Returns
    -------
    Network
        With copies of the parameters, in their type of numbers. Its outputs are those of
        `predict_proba`, or of a regressor's `predict`; two classes become two softmax outputs. The
        classes are its `labels`, and `predict` tells them. Where an example may have several
        labels, the network has none.

    Raises
    ------
    TypeError, ValueError
        If `mlp` is not as described, its classes are neither whole numbers nor text, or a method
        that makes its outputs is a user's own.
    """
    return network_of(Network, describe_sklearn(mlp))
