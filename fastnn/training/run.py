"""One training run: epochs, what is measured after each, and when to stop."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from fastnn.datasets.dataset import Dataset, fitting_dataset, pairs_of, put_in_order
from fastnn.engine.divergence import check_monitored_cost, check_parameters
from fastnn.engine.evaluator import Evaluator, penalty
from fastnn.engine.meter import Meter
from fastnn.engine.packed_network import Arrays
from fastnn.engine.trainer import StepSettings, Trainer
from fastnn.model.architecture import Architecture
from fastnn.model.costs import CrossEntropyCost
from fastnn.model.description import architecture_of, parameters_of
from fastnn.model.history import History
from fastnn.model.model import Model
from fastnn.schedules import best_epoch, factor_for, figure_of, reason_to_stop
from fastnn.training.options import Options, check_monitors
from fastnn.training.progress import Progress

FINISHED = "all epochs are done"


class Monitor(NamedTuple):
    """What `SGD` measures on one of its data sets after every epoch."""

    what: str  # "training" or "evaluation"
    evaluator: Evaluator
    costs: list[float] | None  # where the figures are collected; None if not wanted
    accuracies: list[int] | None

    def compile(self) -> None:
        """Compile, or load from the cache on disk, what `measure` calls."""
        self.evaluator.compile(self.costs is not None)

    def measure(self, lmbda: float, weights: Arrays, biases: Arrays) -> list[str]:
        """Evaluate the network, collect the figures and return network2's lines about them."""
        score = self.evaluator.score(weights, biases, self.costs is not None)
        lines = []
        if self.costs is not None:
            self.costs.append(score.mean_cost + penalty(lmbda, len(self.evaluator), weights))
            lines.append(f"Cost on {self.what} data: {self.costs[-1]}")
        if self.accuracies is not None:
            self.accuracies.append(score.correct)
            lines.append(f"Accuracy on {self.what} data: {score.correct} / {len(self.evaluator)}")
        return lines


class Run:
    """A training run of one network on one data set.

    Parameters
    ----------
    network : Model
        What is trained: it gets new weights and biases after every epoch.
    options : Options
        How to train.
    training_data, evaluation_data, speed_data
        As `SGD` takes them.
    history : History, optional
        Of epochs that are done already.
    arrange : function, optional
        Called as ``arrange(name, data)`` with the name of an argument and its examples; returns
        them in the order in which an earlier part of the run had them.
    generator : module or random.Random, optional
        Where the order of the epochs comes from: Python's global generator, or one like it.
    before_call : function, optional
        Called before each compiled call of the training. What it raises interrupts the run.
    """

    def __init__(
        self,
        network: Model,
        options: Options,
        training_data: Any,
        evaluation_data: Any = None,
        speed_data: Any = None,
        *,
        history: History | None = None,
        arrange: Callable[[str, Dataset], Dataset] | None = None,
        generator: Any = random,
        before_call: Callable[[], None] | None = None,
    ) -> None:
        self.network = network
        self.options = options
        self.history = History() if history is None else history
        self.history.stopped_because = None
        self.generator = generator
        self.best: tuple[Arrays, Arrays] | None = None  # weights and biases of the best epoch
        self.after_epoch: Callable[[Run], None] | None = None  # called when an epoch is done
        architecture = architecture_of(network)
        check_monitors(options, architecture)
        weights, biases = parameters_of(network)
        with self.history.timed("preparing"):
            self._take_data(training_data, evaluation_data, speed_data, arrange)
            self._meter: Meter | None = None
            if options.monitor_layer_speeds:
                self._meter = Meter(architecture, self.speed or self.training)
            epochs_to_come = options.epochs - len(self.history.epoch_seconds)
            settings = _step_settings(options, len(self.training), epochs_to_come)
            self.trainer = Trainer(architecture, self.training, settings, generator, before_call)
            self.trainer.packed.pack(weights, biases)
            self._monitors = self._make_monitors(architecture)
        self.order = self.trainer.order.copy()  # after the last whole epoch

    def _take_data(
        self,
        training_data: Any,
        evaluation_data: Any,
        speed_data: Any,
        arrange: Callable[[str, Dataset], Dataset] | None,
    ) -> None:
        """Check the data that the options need, and put them in order."""
        sizes, options = self.network.sizes, self.options
        self._training_data = training_data
        self._pairs = pairs_of("training_data", training_data)
        self.training = fitting_dataset("training_data", self._pairs, sizes)
        self.evaluation: Dataset | None = None
        self.speed: Dataset | None = None
        if options.monitor_evaluation_cost or options.monitor_evaluation_accuracy:
            self.evaluation = fitting_dataset("evaluation_data", evaluation_data, sizes)
        if options.monitor_layer_speeds and speed_data is not None:
            self.speed = fitting_dataset("speed_data", speed_data, sizes)
        if arrange is not None:
            self.training = arrange("training_data", self.training)
            if self.evaluation is not None:
                self.evaluation = arrange("evaluation_data", self.evaluation)
            if self.speed is not None:
                self.speed = arrange("speed_data", self.speed)

    def go(self) -> History:
        """Train until all epochs are done or something stops the run.

        If training is interrupted or fails, network, order of the data, generator and history are
        as they were after the last whole epoch.
        """
        history, options = self.history, self.options
        self.network.history = history
        with history.timed("compiling"):
            self.trainer.compile()
            for monitor in self._monitors:
                monitor.compile()
            if self._meter is not None:
                self._meter.compile()
        done = len(history.epoch_seconds)
        progress = Progress(options.epochs, done) if options.progress else None
        try:
            stop = self._reason_to_stop()
            while stop is None:
                lines = self._run_whole_epoch()
                epoch = len(history.epoch_seconds) - 1
                if progress is not None:
                    n_evaluation = len(self.evaluation) if self.evaluation is not None else 0
                    progress.show(epoch, history, len(self.training), n_evaluation)
                elif options.verbose:
                    print(f"Epoch {epoch} training complete", *lines, "", sep="\n")
                stop = self._reason_to_stop()
                if options.callback is not None and options.callback(epoch, self.network, history):
                    stop = f"the callback asked for it after epoch {epoch}"
                if stop is not None:
                    history.stopped_because = stop
                if self.after_epoch is not None:
                    self.after_epoch(self)
            history.stopped_because = stop
        finally:
            try:
                put_in_order(self._training_data, self._pairs, self.order)
            finally:
                self.trainer.close()
                if progress is not None:
                    progress.close()
        if self.best is not None:
            self.network.weights, self.network.biases = self.best
        return history

    def _make_monitors(self, architecture: Architecture) -> list[Monitor]:
        monitors = []
        for what, data in (("training", self.training), ("evaluation", self.evaluation)):
            wants_cost = getattr(self.options, f"monitor_{what}_cost")
            wants_accuracy = getattr(self.options, f"monitor_{what}_accuracy")
            if data is not None and (wants_cost or wants_accuracy):
                costs = getattr(self.history, f"{what}_cost") if wants_cost else None
                accuracies = getattr(self.history, f"{what}_accuracy") if wants_accuracy else None
                evaluator = Evaluator(architecture, data)
                monitors.append(Monitor(what, evaluator, costs, accuracies))
        return monitors

    def _run_whole_epoch(self) -> list[str]:
        """Run an epoch; if it does not come to its end, leave all as it was before."""
        history, network = self.history, self.network
        lists: list[list[Any]] = [*history, history.layer_speeds, history.epoch_seconds]
        lengths = [len(figures) for figures in lists]
        parameters = network.weights, network.biases
        kept = self.order, self.best, history.best_epoch
        state = self.generator.getstate()
        try:
            return self._run_epoch()
        except BaseException:
            for figures, length in zip(lists, lengths, strict=True):
                del figures[length:]
            network.weights, network.biases = parameters
            self.order, self.best, history.best_epoch = kept
            self.generator.setstate(state)
            raise

    def _run_epoch(self) -> list[str]:
        """Train for an epoch and measure; return network2's lines about it."""
        history, network, options = self.history, self.network, self.options
        epoch = len(history.epoch_seconds)
        eta = options.eta * factor_for(options.schedule, epoch, self._schedule_figures())
        speeds = None
        kept = self.speed is None and self.trainer.keeps_speeds(eta)
        if self._meter is not None and not kept:
            with history.timed("evaluating"):
                speeds = self._meter.speeds(network.weights, network.biases)
        started = time.perf_counter()
        with history.timed("training"):
            self.trainer.run_epoch(eta)
            network.weights, network.biases = self.trainer.packed.unpack()
            self.order = self.trainer.order.copy()
        if options.on_divergence == "raise" and not self.trainer.packed.is_finite():
            check_parameters(epoch, network.weights, network.biases)
        history.epoch_seconds.append(time.perf_counter() - started)
        if self._meter is not None:
            history.layer_speeds.append(
                self.trainer.speeds_of_last_step(eta) if speeds is None else speeds
            )
        lines = []
        with history.timed("evaluating"):
            for monitor in self._monitors:
                lines += monitor.measure(options.lmbda, network.weights, network.biases)
                if monitor.costs is not None and options.on_divergence == "raise":
                    what, cost = f"the cost on {monitor.what} data", monitor.costs[-1]
                    # The cross-entropy is infinite for a saturated output that is exactly wrong:
                    # network2 learns on from there.
                    if math.isnan(cost) or network.cost.fn is not CrossEntropyCost.fn:
                        check_monitored_cost(epoch, what, cost, network.weights, network.biases)
        self._keep_best()
        return lines

    def _keep_best(self) -> None:
        if self.options.early_stopping_n is not None:
            _, figures, larger_is_better = self._watched()
            best = best_epoch(figures, larger_is_better)
            if best == len(figures) - 1:
                self.best = self.network.weights, self.network.biases
            self.history.best_epoch = best

    def _watched(self) -> tuple[str, list[Any], bool]:
        """Return name and figures that early stopping goes by, and whether larger is better."""
        if self.options.monitor_evaluation_accuracy:
            return "accuracy", self.history.evaluation_accuracy, True
        return "cost", self.history.evaluation_cost, False

    def _reason_to_stop(self) -> str | None:
        options, history = self.options, self.history
        epochs_done = len(history.epoch_seconds)
        if options.early_stopping_n is not None and epochs_done > 0:
            name, figures, larger_is_better = self._watched()
            best = best_epoch(figures, larger_is_better)
            if len(figures) - 1 - best >= options.early_stopping_n:
                return (
                    f"the {name} on evaluation data has not improved in "
                    f"{options.early_stopping_n} epochs since epoch {best}"
                )
        reason = reason_to_stop(options.schedule, self._schedule_figures())
        if reason is None and epochs_done >= options.epochs:
            reason = FINISHED
        return reason

    def _schedule_figures(self) -> Sequence[float]:
        """Return the figure that the schedule goes by, of each epoch; empty if it has none."""
        name = figure_of(self.options.schedule)
        return () if name is None else getattr(self.history, name)


def _step_settings(options: Options, n: int, epochs_to_come: int) -> StepSettings:
    """Return what the trainer needs to know of the options, for n training examples."""
    return StepSettings(
        mini_batch_size=min(options.mini_batch_size, n),
        lmbda=options.lmbda,
        n=n,
        l1=options.l1,
        rule=options.rule,
        dropout=options.dropout,
        shuffle=options.shuffle,
        threads=options.threads,
        stay_finite=options.on_divergence == "raise",
        epochs=epochs_to_come,
    )
