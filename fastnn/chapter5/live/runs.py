"""A run beside the page: trained in a thread, looked at while it goes on, ended by the next one."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np

from fastnn.chapter5.experiment import Floats
from fastnn.chapter5.live.settings import IMAGES, Settings
from fastnn.chapter5.networks import training_images, validation_images
from fastnn.engine.divergence import DivergedError
from fastnn.engine.evaluator import Evaluator, penalty
from fastnn.engine.meter import Meter
from fastnn.model.architecture import Architecture
from fastnn.model.costs import CrossEntropyCost
from fastnn.model.description import Description, architecture_of
from fastnn.model.history import History
from fastnn.network2 import Network
from fastnn.training.checked_options import check_options
from fastnn.training.run import Run

_MEASUREMENTS = 25
"""About how often a run measures what takes longer than the speeds of the layers."""

_WIDE = 40
"""More neurons than the kernels of narrow layers take."""


@dataclass(frozen=True)
class Measured:
    """What was measured after some of the epochs: those of `epochs`, which count from 1."""

    epochs: list[int] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)  # on the training images, with the penalty
    training_accuracy: list[float] = field(default_factory=list)  # in per cent
    validation_accuracy: list[float] = field(default_factory=list)
    slopes: list[list[float]] = field(default_factory=list)  # the mean f'(z) of each layer


@dataclass(frozen=True)
class Frame:
    """A run as it is at one moment; nothing in it changes afterwards.

    Attributes
    ----------
    settings : Settings
    number : int
        Which of the runs of this visitor it is.
    epoch : int
        How many epochs are done.
    speeds : ndarray, shape (epochs done, layers)
        ``||dC/db||`` of each layer before each epoch; the output layer comes last.
    measured : Measured
    gradient : list of ndarray
        dC/db of each layer, averaged over the images: the bars of the book.
    network : Description
        With the present weights and biases; every epoch leaves its own in new arrays.
    initial_weights : ndarray, shape (width, 784)
        Those of the first hidden layer before training.
    seconds : float
        Since the visitor's choice.
    ended : bool
        Whether this is the run's last frame.
    problem : str or None
        Why it ended before its last epoch.
    """

    settings: Settings
    number: int
    epoch: int
    speeds: Floats
    measured: Measured
    gradient: list[Floats]
    network: Description
    initial_weights: Floats
    seconds: float
    ended: bool = False
    problem: str | None = None


class _EndedError(Exception):
    """Another choice has ended the run, or one that cannot be trained with."""


class Runner:
    """Trains one network at a time, each of them the visitor's last choice.

    Parameters
    ----------
    show : function
        Called as ``show(frame)`` in the runner's own thread: after the first epoch, from time to
        time, and at the end. It should only take the frame and return.
    pause : float, optional
        Seconds from one frame to the next, at least.
    """

    def __init__(self, show: Callable[[Frame], None], pause: float = 0.3) -> None:
        self._show, self._pause = show, pause
        self._changed = threading.Condition()
        self._wanted: tuple[int, Settings, float] | None = None
        self._number = 0
        self._closed = self._stopped = self._idle = False
        self._thread = threading.Thread(target=self._work, name="fastnn live", daemon=True)
        self._thread.start()

    def start(self, settings: Settings) -> int:
        """Train with these settings, in place of a run that has not ended; return its number."""
        with self._changed:
            if self._closed:
                raise RuntimeError("this runner is closed")
            self._number += 1
            self._wanted = self._number, settings, time.perf_counter()
            self._stopped = self._idle = False
            self._changed.notify_all()
            return self._number

    def stop(self) -> None:
        """End the run without another in its place."""
        with self._changed:
            self._wanted, self._stopped = None, True

    def wait(self, seconds: float) -> bool:
        """Wait until all is trained; say whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._idle, seconds)

    def close(self) -> None:
        """End the run and the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._idle = self._wanted is None
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._closed or self._wanted is not None)
                if self._closed or self._wanted is None:
                    return
                number, settings, chosen = self._wanted
                self._wanted = None
            try:
                _Training(settings, number, chosen, self).go()
            except _EndedError:
                continue
            except Exception:  # not even a frame can be had or shown: the next choice may go well
                traceback.print_exc()

    def check(self) -> None:
        """Raise an error of this module's own if the run should end."""
        if self._closed or self._stopped or self._wanted is not None:
            raise _EndedError

    def show(self, frame: Frame) -> float:
        """Show a frame, unless another run has been asked for; return when the next is due."""
        self.check()
        self._show(frame)
        return time.perf_counter() + self._pause


class _Training:
    """One run and what was measured of it so far."""

    def __init__(self, settings: Settings, number: int, chosen: float, runner: Runner) -> None:
        self._settings, self._number, self._chosen = settings, number, chosen
        self._runner = runner
        self._measured = Measured()
        self._stride = max(1, settings.epochs // _MEASUREMENTS)
        self._due = 0.0
        self._latest = _frame_before(settings, number)

    def go(self) -> None:
        """Train and show; the last frame says what went wrong, if anything did."""
        try:
            last = self._train()
        except _EndedError:
            raise
        except Exception as error:  # memory is short, for example: the page should say so
            last = replace(self._latest, ended=True, problem=f"{type(error).__name__}: {error}")
        self._runner.show(last)

    def _train(self) -> Frame:
        """Train; return the last frame."""
        settings = self._settings
        network = Network(**settings.of_network())
        training, validation = training_images(IMAGES), validation_images(IMAGES)
        self._initial_weights = np.array(network.weights[0], np.float64)
        self._architecture = architecture_of(network)
        self._evaluators = tuple(Evaluator(self._architecture, d) for d in (training, validation))
        self._meter = Meter(self._architecture, training)
        options = check_options(
            {
                **settings.of_sgd(),
                "monitor_layer_speeds": True,
                "verbose": False,
                "threads": 1,
            },
            hidden_layers=settings.depth,
            has_evaluation_data=False,
        )
        run = Run(network, options, training, before_call=self._runner.check)
        run.after_epoch = self._after_epoch
        problem = None
        try:
            run.go()
        except DivergedError as error:  # the page counts epochs from 1
            problem = str(DivergedError(error.epoch + 1, error.what, error.layer, error.largest))
        return self._frame(run.network, run.history, ended=True, problem=problem)

    def _after_epoch(self, run: Run) -> None:
        """Measure and show, where it is time to."""
        network, history = run.network, run.history
        done = len(history.epoch_seconds)
        if done == 1 or done % self._stride == 0 or done == self._settings.epochs:
            self._measure(done, network)
        if done < self._settings.epochs and time.perf_counter() >= self._due:
            self._latest = self._frame(network, history)
            self._due = self._runner.show(self._latest)

    def _measure(self, done: int, network: Any) -> None:
        now = network.weights, network.biases
        training, validation = self._evaluators
        on_training = training.score(*now, True)
        on_validation = validation.score(*now, False)
        measured = self._measured
        measured.epochs.append(done)
        measured.cost.append(
            on_training.mean_cost + penalty(self._settings.lmbda, len(training), network.weights)
        )
        measured.training_accuracy.append(100.0 * on_training.correct / len(training))
        measured.validation_accuracy.append(100.0 * on_validation.correct / len(validation))
        measured.slopes.append([float(np.mean(b)) for b in self._meter.slopes(*now)])

    def _frame(
        self, network: Any, history: History, *, ended: bool = False, problem: str | None = None
    ) -> Frame:
        _, gradient = self._meter.gradient(network.weights, network.biases)
        measured = self._measured
        layers = self._settings.depth + 1
        return Frame(
            settings=self._settings,
            number=self._number,
            epoch=len(history.epoch_seconds),
            speeds=np.array(history.layer_speeds, np.float64).reshape(-1, layers),
            measured=Measured(*(list(getattr(measured, name)) for name in _FIGURES)),
            gradient=gradient,
            network=Description(self._architecture, network.weights, network.biases),
            initial_weights=self._initial_weights,
            seconds=time.perf_counter() - self._chosen,
            ended=ended,
            problem=problem,
        )


def _frame_before(settings: Settings, number: int) -> Frame:
    """Make a frame of a run of which nothing is known yet: weights and gradients are zero."""
    layers = list(pairwise(settings.sizes))
    weights = [np.zeros((fan_out, fan_in)) for fan_in, fan_out in layers]
    biases = [np.zeros((fan_out, 1)) for _, fan_out in layers]
    activations = [settings.activation] * settings.depth + ["sigmoid"]
    architecture = Architecture(settings.sizes, weights[0].dtype, CrossEntropyCost, activations)
    return Frame(
        settings=settings,
        number=number,
        epoch=0,
        speeds=np.empty((0, len(layers))),
        measured=Measured(),
        gradient=biases,
        network=Description(architecture, weights, biases),
        initial_weights=weights[0],
        seconds=0.0,
    )


_FIGURES = tuple(Measured.__dataclass_fields__)


def compile_kernels() -> None:
    """Compile all that the visitors' runs call, or load it from the cache on disk."""
    shown: list[Frame] = []
    runner = Runner(shown.append)
    try:
        for settings in (
            Settings(epochs=8),  # so many that the images take another form for full batches
            Settings(epochs=8, mini_batch_size=10),
            Settings(epochs=8, momentum=0.5),
            Settings(epochs=8, optimizer="nesterov", momentum=0.5),
            Settings(epochs=8, optimizer="adam"),
            Settings(epochs=8, optimizer="adam", mini_batch_size=10),
            Settings(epochs=2, width=_WIDE, mini_batch_size=10),
        ):
            runner.start(settings)
            runner.wait(600.0)
    finally:
        runner.close()
