"""A short call of `SGD` like the one before: what that has prepared is used again.

A script that calls `SGD` for each epoch on a handful of examples would spend its time on checks and
on room for the kernels. So a trainer is kept for each network until the next call. `run_again`
returns None where it cannot tell that a new run would do the same; the caller then makes one. It
takes none of these:

- epochs that are longer than a compiled call of one thread, and several whose lines are printed,
- options that are others than in the call before, but for epochs and eta, or are no plain values,
- monitors, callbacks, schedules, progress, checkpoints, weights of examples, dropout, a seed,
- methods, functions, costs and activations of a user's own,
- a network that has changed in more than the values of its weights and biases,
- examples that are in no list or data set, or are fewer or more than those before.
"""

from __future__ import annotations

import math
import random
import time
import weakref
from collections.abc import Mapping
from typing import Any

from fastnn.datasets.dataset import Dataset
from fastnn.engine.divergence import check_parameters
from fastnn.engine.trainer import Trainer
from fastnn.model.costs import built_in_code
from fastnn.model.history import History
from fastnn.optimisers import Adam
from fastnn.training.overrides import overrides_of
from fastnn.training.run import FINISHED, Run

# The most inputs of all examples together: less than half a megabyte is kept with a network.
_MOST_INPUTS = 50_000

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

    def __init__(self, run: Run, given: Mapping[str, Any]) -> None:
        network, kept, key = run.network, _KEPT, id(run.network)
        self.owner: Any = weakref.ref(network, lambda _: kept.pop(key, None))
        self.run = run
        self.examples = len(run.training)
        self.options = _options_of(given)
        self.cost = network.cost
        self.facts = _facts_of(network)

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
            and _options_of(given) == self.options
            and _facts_of(network) == self.facts
            and not overrides_of(network).in_python
        )


# By the identity of the network. A call takes its network's out, and puts it back if all went well.
_KEPT: dict[int, _Kept] = {}


def _options_of(given: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Return what options are, by type and value; None if some are not plain."""
    values = [value for name, value in given.items() if name not in _VARYING]
    types = [*map(type, values)]
    return (types, values) if all(kind in _PLAIN for kind in types) else None


def _facts_of(network: Any) -> tuple[Any, ...]:
    """Return what a network is besides its parameters, with copies of the lists."""
    cost, activations = network.cost, network.activations
    own = None if activations is None else [*activations]
    return type(network), network.dtype, (cost.delta, cost.fn), [*network.sizes], own


def keep(run: Run, given: Mapping[str, Any]) -> None:
    """Keep a run for the next call, if that may use it; `given` are the arguments of `SGD`."""
    trainer, network = run.trainer, run.network
    if (
        isinstance(trainer, Trainer)
        and not run.calls_python
        and trainer.can_take_others()
        and not any(given[name] for name in _UNUSED)
        and given["seed"] is None  # the generator has gone on from it
        and _options_of(given) is not None
        and built_in_code(network.cost) is not None
        and all(isinstance(name, str) for name in network.activations or ())
        and len(run.training) * network.sizes[0] <= _MOST_INPUTS
    ):
        _KEPT[id(network)] = _Kept(run, given)
        run.put_away()


def run_again(network: Any, training_data: Any, given: Mapping[str, Any]) -> History | None:
    """Train with what is kept of the last call, if this call is like it.

    Parameters
    ----------
    network : Network
    training_data : Dataset or iterable of (x, y)
    given : mapping of str to object
        All arguments of `SGD`, unchecked.

    Raises
    ------
    TypeError, ValueError
        If the data or the parameters are not as they should be. Nothing has then been changed.
    DivergedError
        If training diverges; the network is as after the last whole epoch.
    """
    kept = _KEPT.pop(id(network), None)
    if kept is None or not kept.fits(network, training_data, given):
        return None
    run = kept.run
    run.begin_again(network, training_data, given["epochs"], given["eta"])
    history = _run_epoch(run) if run.options.epochs == 1 else run.go()
    _KEPT[id(network)] = kept
    run.put_away()
    return history


def _run_epoch(run: Run) -> History:
    """Do what `go` does for a single epoch."""
    history, network, trainer = run.history, run.network, run.trainer
    before, state = (network.weights, network.biases), random.getstate()
    network.history = history
    started = time.perf_counter()
    try:
        trainer.run_epoch(run.options.eta)
        seconds = time.perf_counter() - started
        after = trainer.packed.unpack()
        if run.options.on_divergence == "raise" and not trainer.packed.is_finite():
            check_parameters(0, *after)
        network.weights, network.biases = after
        history.epoch_seconds.append(seconds)
    except BaseException:
        network.weights, network.biases = before
        random.setstate(state)
        history.epoch_seconds.clear()
        raise
    history.seconds["training"] = seconds
    run.reorder_data(trainer.order)
    if run.options.verbose:
        print("Epoch 0 training complete\n")
    history.stopped_because = FINISHED
    return history
