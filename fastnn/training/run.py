"""One training run: epochs, what is measured after each, and when to stop."""

from __future__ import annotations

import dataclasses
import random
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset
from fastnn.engine.divergence import check_parameters, check_start
from fastnn.engine.single_calls import SingleCalls
from fastnn.engine.trainer import Trainer
from fastnn.kernels.interrupts import interrupts_later
from fastnn.model.costs import check_cost, named_in_messages, steady_parts
from fastnn.model.description import Arrays, architecture_of, parameters_of
from fastnn.model.history import History
from fastnn.model.overrides import has_own_steps
from fastnn.schedules import factor_for, figure_of
from fastnn.training.bursts import goes_in_bursts, run_burst
from fastnn.training.checked_options import check_monitors
from fastnn.training.measurements import Measurements
from fastnn.training.options import Options
from fastnn.training.overrides import (
    NOTHING,
    check_attributes,
    may_have_other_parameters,
    needs_of,
    overrides_of,
)
from fastnn.training.progress import Progress
from fastnn.training.python_trainer import PythonTrainer
from fastnn.training.recorded import check_recorded
from fastnn.training.run_data import RunData
from fastnn.training.sample_weight import weights_of_stored
from fastnn.training.shown_meanwhile import ShownMeanwhile
from fastnn.training.stopping import ask_callbacks, best_so_far, reason_to_stop, schedule_figures
from fastnn.training.whole_epochs import copies, whole_or_undone


class Run:
    """A training run of one network on one data set.

    Parameters
    ----------
    network : SingleCalls
        What is trained: it gets new weights and biases after every epoch. Methods that are a
        user's own are called, everything else is compiled.
    options : Options
        How to train.
    training_data, evaluation_data, speed_data, sample_weight, arrange
        As `RunData` takes them.
    history : History, optional
        Of epochs that are done already.
    generator : module or random.Random, optional
        Where the order of the epochs comes from: Python's global generator, or one like it. With
        the option `seed` it is a generator of the run's own.
    before_call : function, optional
        Called before each compiled call of the training. What it raises interrupts the run.
    """

    def __init__(
        self,
        network: SingleCalls,
        options: Options,
        training_data: Any,
        evaluation_data: Any = None,
        speed_data: Any = None,
        *,
        sample_weight: npt.ArrayLike | None = None,
        history: History | None = None,
        arrange: Callable[[str, Dataset], Dataset] | None = None,
        generator: Any = random,
        before_call: Callable[[], None] | None = None,
    ) -> None:
        check_attributes(network)
        self.network = network
        self.options = options
        self.history = History() if history is None else history
        self.history.stopped_because = None
        self.generator = generator if options.seed is None else random.Random(options.seed)
        self.best: tuple[Arrays, Arrays] | None = None  # weights and biases of the best epoch
        self.after_epoch: Callable[[Run], None] | None = None  # called when an epoch is done
        self._before_call = before_call
        self._is_again = False
        self._first_epoch = len(self.history.epoch_seconds)
        self._overrides = overrides_of(network, self.generator)
        if not self._overrides.accuracy:
            check_monitors(options, architecture_of(network))
        self.has_own_parameters = False
        try:
            parameters_of(network)
        except (AttributeError, TypeError, ValueError):
            if not may_have_other_parameters(network, options):
                raise
            self.has_own_parameters = True
        with self.history.timed("preparing"):
            self.data = RunData(
                options,
                network.sizes,
                training_data,
                evaluation_data,
                speed_data,
                sample_weight=sample_weight,
                needs=needs_of(network, options, self._overrides),
                arrange=arrange,
            )
            self._measurements = Measurements(options, self.data, self._overrides)
            self._prepare()
        self.order = self.trainer.order.copy()  # after the last whole epoch

    def _prepare(self) -> None:
        """Make what trains and what measures the network as it is now."""
        network, options, data = self.network, self.options, self.data
        if not has_own_steps(network):
            check_cost(network.cost, "delta")
        self._architecture = architecture_of(network)
        self._cost = network.cost, *steady_parts(network.cost)
        self.shown = ShownMeanwhile(network, data)
        self._measurements.prepare(network, self._architecture, self.history)
        epochs_to_come = options.epochs - len(self.history.epoch_seconds)
        settings = options.step_settings(len(data.training), epochs_to_come)
        if self._overrides.shuffle is not None:
            settings = settings._replace(shuffle=False)
        how = settings, self.generator, self._before_call
        self.trainer: Trainer | PythonTrainer
        if self._overrides.steps:
            own = self.has_own_parameters
            self.trainer = PythonTrainer(network, data.callers_training, *how, own)
        else:
            weights = weights_of_stored(data.sample_weight, data.training)
            show = self.shown.show
            self.trainer = Trainer(self._architecture, data.training, *how, weights, show)
            self.trainer.packed.pack(*parameters_of(network))

    @property
    def calls_python(self) -> bool:
        """Say whether something of a user's is called in the place of compiled code."""
        return self._overrides != NOTHING

    def put_away(self) -> None:
        """Let go of the network and of the caller's data, until `begin_again`."""
        assert isinstance(self.trainer, Trainer)
        del self.network, self.history, self.shown.network
        self.data.let_go()
        self.trainer.put_away()

    def begin_again(self, network: SingleCalls, data: Any, epochs: int, eta: float) -> None:
        """Begin another run that differs from this one only in values: see `training.repeats`."""
        assert isinstance(self.trainer, Trainer)
        self._is_again = True
        self.history = History()
        self._first_epoch = 0
        if (epochs, eta) != (self.options.epochs, self.options.eta):
            self.options = dataclasses.replace(self.options, epochs=epochs, eta=eta)
        parameters = parameters_of(network)
        with self.history.timed("preparing"):
            self.network = self.shown.network = network
            self.data.replace_training(data, network.sizes)
            self.trainer.take(self.data.training)
            self.trainer.packed.pack(*parameters)
        self.order = self.trainer.order.copy()

    def go(self) -> History:
        """Train until all epochs are done or something stops the run.

        If training is interrupted or fails, network, order of the data, generator and history are
        as they were after the last whole epoch; see `_run_whole_epoch`.
        """
        history, options = self.history, self.options
        done = len(history.epoch_seconds)
        progress = None
        if done < options.epochs and not self._asks_a_function:  # that may change the network first
            self._check_start()
        try:
            self._compile()
            if options.progress:
                progress = Progress(options.epochs, done)
            self.network.history = history
            stop = reason_to_stop(options, history)
            if done == 0 and stop is not None and self.after_epoch is not None:
                self.after_epoch(self)  # of no epochs at all there is a state to go on from, too
            bursts = goes_in_bursts(self, self._measurements.monitors)
            while stop is None:
                lines: list[str] = []
                if bursts:
                    run_burst(self, self._measurements.monitors)
                    done = len(history.epoch_seconds)
                else:
                    lines = self._run_whole_epoch()
                    done += 1  # not counted by the history, which a user's function may change
                if progress is not None:
                    evaluation = self.data.evaluation
                    n_evaluation = len(evaluation) if evaluation is not None else 0
                    progress.show(history, len(self.data.training), n_evaluation)
                elif options.verbose:
                    for line in [*lines, ""]:  # a call for each: `print` may be a script's own
                        print(line)
                stop = reason_to_stop(options, history)
                stop = ask_callbacks(options, done - 1, self.network, history) or stop
                check_recorded(history, options, done)
                if options.callback or self.calls_python:
                    self.data.check_unchanged()
                    if stop is None:
                        self._take_over()
                history.stopped_because = stop
                if self.after_epoch is not None:
                    self.after_epoch(self)
            history.stopped_because = stop
        finally:
            try:
                self.data.reorder_callers(self.order)
            finally:
                self.trainer.close()
                if progress is not None:
                    progress.close()
        if self.best is not None:
            self.network.weights, self.network.biases = self.best
        return history

    def _check_start(self) -> None:
        """Raise ValueError if a weight is not finite before compiled steps that must stay so."""
        raises = self.options.on_divergence == "raise" and not self._overrides.steps
        if raises and not self.trainer.packed.is_finite():
            check_start(*parameters_of(self.network))

    def _compile(self) -> None:
        """Compile or load the kernels, and hear Ctrl-C after each."""
        with self.history.timed("compiling"):
            if not self._is_again:
                with interrupts_later():
                    self.trainer.compile()
            self._measurements.compile()

    def _take_over(self) -> None:
        """Go on with what a callback, a schedule or a method of the user's has changed in it.

        Raises
        ------
        TypeError, ValueError
            If that cannot be: the sizes of the layers, the type of numbers, or which methods are
            overridden.
        """
        network = self.network
        if overrides_of(network, self.generator) != self._overrides:
            raise ValueError(
                "methods of a network cannot be replaced while it is trained, as in a callback: "
                "replace them before SGD"
            )
        architecture, cost = architecture_of(network), network.cost
        for name in ("sizes", "dtype"):
            old, new = getattr(self._architecture, name), getattr(architecture, name)
            if old != new:
                raise ValueError(f"{name} cannot change while a network is trained: {old} to {new}")
        given = self.trainer.packed.unpack() if self.has_own_parameters else parameters_of(network)
        if architecture != self._architecture or self._cost != (cost, *steady_parts(cost)):
            self._prepare_again()
        if self._overrides.steps:
            return  # these keep no others
        kept = self.trainer.packed.unpack()
        for arrays, own in zip(given, kept, strict=True):
            if not all(map(np.array_equal, arrays, own)):
                self.trainer.packed.pack(*given)

    def check_cost_changed_nothing(self, epoch: int) -> None:
        """Raise ValueError if a cost that runs in Python has changed the network or the data.

        To look at the examples takes as long as to read them, so that is done in the first epoch
        and in the last, unless others may have written into them since.
        """
        self.shown.end()
        self.data.check_unchanged()
        if self._asks_a_function:
            return
        ends = [self._first_epoch, *[self.options.epochs - 1] * (not self.options.callback)]
        if epoch in ends and self.data.read_again():
            raise ValueError(
                f"{named_in_messages(self.network.cost)} writes into examples that the network is "
                "trained on or measured on: that is for update_mini_batch, or for a callback"
            )

    def _prepare_again(self) -> None:
        """Train with another cost, activations or examples from now on; remember all else."""
        old = self.trainer
        with self.history.timed("preparing"):
            self._prepare()
        old.close()
        memory = self.trainer.memory()
        for name, array in old.memory().items():
            if name in memory and memory[name].shape == array.shape:
                memory[name] = array
        self.trainer.remember(memory)

    def _run_whole_epoch(self) -> list[str]:
        """Run an epoch, as `whole_or_undone` has it."""
        asked = self.calls_python or self._asks_a_function
        with whole_or_undone(self, may_be_written=asked):
            return self._run_epoch()

    @property
    def ended_by_user(self) -> bool:
        """Say whether a method or a cost of the user's has raised something, which ends the run."""
        by_step = isinstance(self.trainer, PythonTrainer) and self.trainer.ended_by_user
        return self._measurements.ended_by_user or by_step

    def _run_epoch(self) -> list[str]:
        """Train for an epoch and measure; return those of network2's lines still to print."""
        history, network, options = self.history, self.network, self.options
        epoch = len(history.epoch_seconds)
        eta = options.eta * factor_for(options.schedule, epoch, schedule_figures(options, history))
        if self._asks_a_function:
            self.data.check_unchanged()
            self._take_over()
            self._check_start()
        speeds = self._measurements.speeds(self, eta)
        started = time.perf_counter()
        with history.timed("training"):
            if self._overrides.shuffle is not None and options.shuffle:
                callers = self.data.callers_training
                self.trainer.order[:] = callers.shuffled_by(self._overrides.shuffle, self.order)
                self._read_again()
            self.shown.begin()
            self.trainer.run_epoch(eta)
            if self.trainer.calls_cost():
                self.check_cost_changed_nothing(epoch)
            weights, biases = self.trainer.packed.unpack()
            if not self._overrides.steps:  # these have assigned them, which a class may watch
                network.weights, network.biases = weights, biases
            self.order = self.trainer.order.copy()
            if self._overrides.steps:
                self.go_on_with_what_is_there()
        if options.on_divergence == "raise" and not self.trainer.packed.is_finite():
            check_parameters(epoch, network.weights, network.biases)
        history.epoch_seconds.append(time.perf_counter() - started)
        lines = self._measurements.after_epoch(self, eta, speeds)
        self._keep_best()
        return lines

    @property
    def _asks_a_function(self) -> bool:
        """Whether a function of the user's own is the schedule; it may change the network, too."""
        schedule = self.options.schedule
        return schedule is not None and figure_of(schedule) is None

    def go_on_with_what_is_there(self) -> None:
        """Take over what a user's methods have changed, in the data and in the network."""
        self._read_again()
        self._take_over()

    def _read_again(self) -> None:
        """Go on with what a user's functions have written into the data."""
        if self.data.read_again():
            self._prepare_again()

    def _keep_best(self) -> None:
        if self.options.early_stopping_n is not None:
            best = best_so_far(self.options, self.history)
            if best == len(self.history.epoch_seconds) - 1:
                # Copies, as a callback may write into the network's arrays.
                self.best = copies(self.network.weights, self.network.biases)
            self.history.best_epoch = best
