"""What a run measures: the speeds of its layers before each epoch, its monitors after."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.engine import python_calls
from fastnn.engine.exclusive import steps_allowed
from fastnn.engine.meter import Meter
from fastnn.engine.single_calls import SingleCalls
from fastnn.engine.trainer import Trainer
from fastnn.kernels.interrupts import interrupts_later
from fastnn.model.architecture import Architecture
from fastnn.model.costs import built_in_code
from fastnn.model.history import History
from fastnn.training.monitors import Monitor, OwnMethods, make_monitors
from fastnn.training.options import Options
from fastnn.training.overrides import Overrides
from fastnn.training.run_data import RunData


class Measurements:
    """A meter for the speeds of layers, and the monitors that the options ask for.

    `speeds` and `after_epoch` take the `Run` itself: what a user's method changes may have it
    prepare all anew in the middle of a measurement.

    Parameters
    ----------
    options : Options
        What to measure.
    data : RunData
        On what.
    overrides : Overrides
        What a user's own methods measure.

    Attributes
    ----------
    monitors : list of Monitor
        What is measured after each epoch, once there is a network.
    ended_by_user : bool
        Whether a method or a cost of the user's has raised something when it measured.
    """

    monitors: list[Monitor]

    def __init__(self, options: Options, data: RunData, overrides: Overrides) -> None:
        self._options, self._data, self._overrides = options, data, overrides
        self.ended_by_user = False

    def prepare(self, network: SingleCalls, architecture: Architecture, history: History) -> None:
        """Make what measures the network as it is now, and collects figures in the history."""
        options, data, overrides = self._options, self._data, self._overrides
        self._meter: Meter | None = None
        if options.monitor_layer_speeds and not overrides.gradients:
            self._meter = Meter(architecture, data.speed or data.training)
        own = OwnMethods(network, overrides.accuracy, overrides.total_cost)
        sets = {"training": data.training, "evaluation": data.evaluation}
        self.monitors = make_monitors(architecture, sets, options, history, own)

    def compile(self) -> None:
        """Compile or load the kernels, and hear Ctrl-C after each."""
        parts: list[Monitor | Meter] = [*self.monitors]
        if self._meter is not None:
            parts.append(self._meter)
        for part in parts:
            with interrupts_later():
                part.compile()

    def speeds(self, run: Any, eta: float) -> npt.NDArray[np.float64] | None:
        """Measure the speeds of the layers, if they are asked for and no step will tell them."""
        if not self._options.monitor_layer_speeds:
            return None
        if self._meter is None:
            with run.history.timed("evaluating"):
                return python_calls.layer_speeds(
                    run.network, self._data.speed or self._data.training
                )
        if self._data.speed is None and run.trainer.keeps_speeds(eta):
            return None
        with run.history.timed("evaluating"):
            return self._meter.speeds(run.network.weights, run.network.biases)

    def after_epoch(
        self, run: Any, eta: float, speeds: npt.NDArray[np.float64] | None
    ) -> list[str]:
        """Collect all figures of an epoch; return network2's lines about it.

        `speeds` are what the method of that name returned before it. Where a user's methods or cost
        are called, which may print lines of their own, each line is printed at once and none is
        returned.
        """
        history, options = run.history, self._options
        epoch = len(history.epoch_seconds) - 1
        if options.monitor_layer_speeds:
            if speeds is None:
                assert isinstance(run.trainer, Trainer)  # see `speeds`
                speeds = run.trainer.speeds_of_last_step(eta)
            history.layer_speeds.append(speeds)
        lines: list[str] = []
        own = run.calls_python or built_in_code(run.network.cost) is None
        say = print if own and options.verbose and not options.progress else lines.append
        say(f"Epoch {epoch} training complete")
        if not all(monitor.is_compiled() for monitor in self.monitors):
            self._data.reorder_callers(run.order)  # what is called may look at it
        with history.timed("evaluating"):
            for place in range(len(self.monitors)):
                monitor = self.monitors[place]  # the last may have changed what this one measures
                pairs = self._measured_on(monitor, run.order)
                order = run.order if self._data.is_trained_on(monitor.what) else None
                arguments = options.lmbda, run.trainer.packed, pairs, say, order
                try:
                    with self._changes_of(monitor, run):
                        monitor.measure(*arguments)
                except KeyboardInterrupt:  # Ctrl-C may come at any moment
                    raise
                except BaseException:
                    self.ended_by_user = own
                    raise
                if monitor.calls_cost():
                    run.check_cost_changed_nothing(epoch)
                if self._calls_methods():
                    run.go_on_with_what_is_there()
                if options.on_divergence == "raise" and not run.has_own_parameters:
                    monitor.check_cost(epoch, run.network)
        return lines

    def _calls_methods(self) -> bool:
        return self._overrides.accuracy or self._overrides.total_cost

    def _changes_of(self, monitor: Monitor, run: Any) -> AbstractContextManager[None]:
        """Let methods take steps, which are taken over, and a cost change nothing."""
        if monitor.calls_cost():
            locked: AbstractContextManager[None] = run.shown.locked()
            return locked
        return steps_allowed(run.network) if self._calls_methods() else nullcontext()

    def _measured_on(self, monitor: Monitor, order: npt.NDArray[Any]) -> Sequence[tuple[Any, Any]]:
        """Return the caller's own data for a monitor, or nothing where only compiled code runs."""
        if not self._calls_methods():
            return ()
        return self._data.callers_pairs(monitor.what, order)
