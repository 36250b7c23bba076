"""A short call of `SGD` like the one before: what that has prepared is used again.

A script that calls `SGD` for each epoch on a handful of examples would spend its time on checks and
on room for the kernels. So a trainer is kept for each network until the next call. `run_again`
returns None where it cannot tell that a new run would do the same; the caller then makes one. It
takes none of the following. A single epoch on plain pairs, or on the same data set, goes a way of
its own, which `engine.short_epoch` describes.

- epochs that are longer than a compiled call, and several whose lines are printed,
- options that are others than in the call before, but for epochs and eta, or are no plain values,
- monitors, callbacks, schedules, progress, checkpoints, weights of examples, dropout, a seed,
- methods, functions, costs and activations of a user's own,
- a network that has changed in more than the values of its weights and biases,
- examples that are in no list or data set, or are fewer or more than those before,
- very large networks; of large data, all but a single epoch more on the same data set.
"""

from __future__ import annotations

import math
import random
import time
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from operator import is_, itemgetter
from typing import Any

import numpy as np

from fastnn.datasets.dataset import Dataset
from fastnn.engine.divergence import check_parameters, check_start
from fastnn.engine.generator_state import GeneratorState
from fastnn.engine.short_epoch import ShortEpoch
from fastnn.engine.trainer import Trainer
from fastnn.model.costs import built_in_code
from fastnn.model.description import parameters_of
from fastnn.model.history import History
from fastnn.model.overrides import class_of
from fastnn.optimisers import Adam
from fastnn.training.overrides import rebound_shuffle
from fastnn.training.run import Run
from fastnn.training.stopping import FINISHED

# The most inputs of all examples together: less than half a megabyte is kept with a network. More
# are kept only for as long as their data set is there.
_MOST_INPUTS = 50_000

# What is kept with a network of more weights would be tens of megabytes.
_MOST_WEIGHTS = 1_000_000

# Options of other types may change without becoming another object.
_PLAIN = (bool, int, float, str, tuple, Adam, type(None))

# Options that mean work between or besides the steps.
_UNUSED = (
    *("monitor_evaluation_cost", "monitor_evaluation_accuracy"),
    *("monitor_training_cost", "monitor_training_accuracy", "monitor_layer_speeds"),
    *("early_stopping_n", "progress", "checkpoint"),
)

_VARYING = ("self", "training_data", "epochs", "eta")


class _Kept:
    """A run, and what is known of the network and the call that it was made for."""

    def __init__(self, run: Run, trainer: Trainer, given: Mapping[str, Any]) -> None:
        network = run.network
        # A C callable, since Ctrl-C inside a Python weakref callback would be lost. The weak
        # reference becomes `pop`'s default.
        forget: Callable[[Any], Any] = partial(_KEPT.pop, id(network))
        self.owner: Any = weakref.ref(network, forget)
        self.run = run
        self.examples = len(run.data.training)
        self.is_small = _is_small(run)
        if not self.is_small:
            self._arrays = weakref.ref(run.data.training.store, forget)
        self._read = itemgetter(*(name for name in given if name not in _VARYING))
        self._options = self._read(given)
        self.cost = network.cost
        self.facts = _facts_of(network)
        self.short = ShortEpoch(trainer, network.sizes, np.dtype(network.dtype))
        self.short.know(run.data.training.store)

    def fits(self, network: Any, training_data: Any, given: Mapping[str, Any]) -> bool:
        """Say whether a call of `SGD` is as the one before."""
        epochs, eta = given["epochs"], given["eta"]
        return (
            self.owner() is network
            and type(epochs) is int
            and (epochs == 1 or (epochs > 1 and not self.run.options.verbose))
            and type(eta) is float
            and math.isfinite(eta)
            and type(training_data) in (list, Dataset)
            and len(training_data) == self.examples
            and network.cost is self.cost
            and self._has_options(self._read(given))
            and self.facts is not None
            and _facts_of(network) == self.facts
        )

    def _has_options(self, options: tuple[Any, ...]) -> bool:
        """Say whether the options are those of the call before; most are the same objects."""
        before = self._options
        return all(map(is_, options, before)) or (
            [*map(type, options)] == [*map(type, before)] and options == before
        )


# By the identity of the network. A call takes its network's out, and puts it back if all went well.
_KEPT: dict[int, _Kept] = {}


def _are_plain(given: Mapping[str, Any]) -> bool:
    return all(type(given[name]) in _PLAIN for name in given if name not in _VARYING)


def _facts_of(network: Any) -> tuple[Any, ...] | None:
    """Return what a network is besides its parameters, with copies of the lists.

    With what a script can put in the place of fastnn's own: two that are equal have the same
    `overrides_of` and pass the same `check_attributes`, which take longer to ask. None where this
    comparison would not be enough.
    """
    of_class, history = class_of(network), network.history
    if of_class is None or not (history is None or type(history) is History):
        return None
    rebound = (
        network._fastnn_rebound_sigmoids(),
        network._fastnn_rebound_vectorized_result(),
        rebound_shuffle(),
    )
    cost, activations = network.cost, network.activations
    own = None if activations is None else [*activations]
    layers = getattr(network, "num_layers", None), [*network.sizes]
    of_cost = getattr(cost, "delta", None), getattr(cost, "fn", None)
    return type(network), network.dtype, of_cost, layers, own, of_class, rebound


def _is_small(run: Run) -> bool:
    return len(run.data.training) * int(run.network.sizes[0]) <= _MOST_INPUTS


def keep(run: Run, training_data: Any, given: Mapping[str, Any]) -> None:
    """Keep a run for the next call, if that may use it; arguments are those of `run_again`."""
    trainer, network = run.trainer, run.network
    if (
        isinstance(trainer, Trainer)
        and not run.calls_python
        and trainer.can_take_others()
        and not any(given[name] for name in _UNUSED)
        and given["seed"] is None  # the generator has gone on from it
        and _are_plain(given)
        and built_in_code(network.cost) is not None
        and all(isinstance(name, str) for name in network.activations or ())
        and sum(math.prod(w.shape) for w in network.weights) <= _MOST_WEIGHTS
        and (_is_small(run) or type(training_data) is Dataset)
    ):
        _KEPT[id(network)] = _Kept(run, trainer, given)
        run.put_away()


def run_again(network: Any, training_data: Any, given: Mapping[str, Any]) -> History | None:
    """Train with what is kept of the last call, if this call is like it.

    Parameters
    ----------
    network : Network
    training_data : Dataset or iterable of (x, y)
    given : mapping of str to object
        The other arguments of `SGD`, unchecked.

    Raises
    ------
    TypeError, ValueError
        If the data or the parameters are not as they should be. Nothing has then been changed.
    DivergedError
        If training diverges; the network is as after the last whole epoch.
    """
    kept = _KEPT.pop(id(network), None)
    try:
        if kept is None or not kept.fits(network, training_data, given):
            return None
    except ValueError:  # num_layers is an array, which a new run refuses by its name
        return None
    epochs, eta = given["epochs"], given["eta"]
    started = time.perf_counter()
    short, run = kept.short, kept.run
    if epochs == 1 and short.take(network.weights, network.biases, training_data):
        history = History()
        history.seconds["preparing"] = time.perf_counter() - started
        _train(network, history, run, partial(short.run, eta))
        short.reorder(training_data)
    elif kept.is_small:
        run.begin_again(network, training_data, epochs, eta)
        short.know(run.data.training.store)
        history = _go_again(run, network, epochs, eta)
        run.put_away()
    else:
        return None
    if epochs == 1 and run.options.verbose:
        print("Epoch 0 training complete")
        print("")
    _KEPT[id(network)] = kept
    return history


def _go_again(run: Run, network: Any, epochs: int, eta: float) -> History:
    """Train with a run that has begun again."""
    if epochs > 1:
        return run.go()
    history, trainer = run.history, run.trainer

    def step() -> tuple[Any, Any, bool]:
        trainer.run_epoch(eta)
        return *trainer.packed.unpack(), trainer.packed.is_finite()

    _train(network, history, run, step)
    run.data.reorder_callers(trainer.order)
    return history


def _train(
    network: Any, history: History, run: Run, step: Callable[[], tuple[Any, Any, bool]]
) -> None:
    """Do what `Run.go` does for a single epoch, but for the order of the caller's data.

    `step` trains, and returns weights, biases, and whether they are finite.
    """
    before, state = (network.weights, network.biases), GeneratorState(random)
    earlier, network.history = network.history, history
    started = time.perf_counter()
    try:
        weights, biases, finite = step()
        seconds = time.perf_counter() - started
        if run.options.on_divergence == "raise" and not finite:
            network.history = earlier  # as if nothing had begun
            check_start(*parameters_of(network))
            network.history = history
            check_parameters(0, weights, biases)
        network.weights, network.biases = weights, biases
        history.epoch_seconds.append(seconds)
    except BaseException:
        network.weights, network.biases = before
        random.setstate(state.as_python_has_it())
        history.epoch_seconds.clear()
        run.trainer.close()
        raise
    if isinstance(run.trainer, Trainer):
        run.trainer.rest()
    history.seconds["training"] = seconds
    history.stopped_because = FINISHED
