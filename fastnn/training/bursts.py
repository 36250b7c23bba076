"""Several short epochs at a stretch, where nobody looks at the network between them.

An epoch of a small data set takes a few microseconds, less than what a run does after each: to read
and set the state of `random`, and to give the network new arrays. So a burst does that once for all
epochs of a moment.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from fastnn.engine.divergence import check_parameters
from fastnn.engine.generator_state import GeneratorState
from fastnn.engine.trainer import Trainer
from fastnn.training.monitors import Monitor

# How long a burst may take, in seconds: other threads see the network as it was before it.
_MOMENT = 0.02


def goes_in_bursts(run: Any, monitors: Sequence[Monitor]) -> bool:
    """Say whether a `Run` may: nothing of a user's is called, or printed, between its epochs."""
    options = run.options
    return (
        isinstance(run.trainer, Trainer)
        and not run.calls_python
        and run.trainer.is_short()
        and run.after_epoch is None
        and not (options.verbose or options.progress or options.monitor_layer_speeds)
        and not options.callback
        and options.schedule is options.early_stopping_n is None
        and all(monitor.is_compiled() for monitor in monitors)
    )


def run_burst(run: Any, monitors: Sequence[Monitor]) -> None:
    """Run epochs for a moment, at least one.

    If one of them is interrupted or fails, all is as after the one before.
    """
    history, network, trainer = run.history, run.network, run.trainer
    parameters, order = (network.weights, network.biases), run.order
    state, burst = run.generator.getstate(), _Burst(run, monitors)
    try:
        trainer.run_short_epochs(run.options.eta, burst.go_on)
        network.weights, network.biases = trainer.packed.unpack()
        run.order = trainer.order.copy()
    except BaseException:
        last = burst.last
        for figures in (*history, history.epoch_seconds):
            del figures[burst.before + last.epochs :]
        network.weights, network.biases = parameters
        run.order = order
        run.generator.setstate(state)
        if last.epochs > 0:
            trainer.packed.net.parameters[:] = last.values
            network.weights, network.biases = trainer.packed.unpack()
            run.order = last.order
            run.generator.setstate(last.state.as_python_has_it(last.words))
        raise
    finally:
        history.seconds["training"] += burst.training
        history.seconds["evaluating"] += burst.evaluating


class _Whole(NamedTuple):
    """What there was after the last whole epoch of a burst; nothing before the first."""

    epochs: int = 0
    values: Any = None
    order: Any = None
    state: Any = None
    words: bytes = b""


class _Burst:
    """What a burst does between two epochs."""

    def __init__(self, run: Any, monitors: Sequence[Monitor]) -> None:
        self._run, self._monitors = run, monitors
        self._values = run.trainer.packed.net.parameters
        self._stays_finite = run.options.on_divergence == "raise"
        self.before = len(run.history.epoch_seconds)
        self.last = _Whole()
        self.training = self.evaluating = 0.0
        self._begun = self._started = time.perf_counter()
        self._is_first = True

    def go_on(self, state: GeneratorState) -> bool:
        """Note the epoch that has just ended, measure, and say whether another may begin."""
        ended = time.perf_counter()
        run = self._run
        done = len(run.history.epoch_seconds)
        if not self._is_first:
            self._measure(done)
            run.history.epoch_seconds.append(ended - self._started)
            self.training += ended - self._started
            done += 1
            copies = self._values.copy(), run.trainer.order.copy(), state, state.words.tobytes()
            self.last = _Whole(done - self.before, *copies)
        self._started = time.perf_counter()
        self.evaluating += self._started - ended
        goes_on = self._is_first or self._started - self._begun < _MOMENT
        self._is_first = False
        return done < run.options.epochs and goes_on

    def _measure(self, epoch: int) -> None:
        packed = self._run.trainer.packed
        if self._stays_finite and not packed.is_finite():
            check_parameters(epoch, *packed.unpack())
        for monitor in self._monitors:
            monitor.measure(self._run.options.lmbda, packed, (), _say_nothing)
            if self._stays_finite:
                monitor.check_cost(epoch, self._run.network)


def _say_nothing(line: str) -> None:
    """Leave out network2's lines: nothing is printed in a burst."""
