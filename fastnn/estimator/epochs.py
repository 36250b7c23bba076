"""The solvers "sgd" and "adam": training epoch by epoch, and when it stops."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning

from fastnn.estimator.examples import CheckedExamples
from fastnn.estimator.learning_rate import LearningRate
from fastnn.estimator.remembering import Solver, pickled, recalled, stored
from fastnn.estimator.settings import SharedParameters
from fastnn.estimator.trainer import Memory, WeightedTrainer
from fastnn.estimator.undoing import Before
from fastnn.estimator.warning import warn
from fastnn.model.description import are_finite

_LARGEST_AUTO_BATCH = 200


class Optimiser(NamedTuple):
    """What pickles of earlier versions hold of a solver, so that they can be loaded."""

    # Nothing here makes one, and `recalled` starts anew from it. But predicting needs none of it.
    rule: Any
    rate: LearningRate
    memory: Any = None


class EpochTraining(SharedParameters, ABC):
    """Training by mini-batches, epoch by epoch, from the weights in `coefs_` and `intercepts_`."""

    best_loss_: Any  # a number, or None with early stopping
    best_validation_score_: Any  # a number with early stopping, or else None
    coefs_: list[npt.NDArray[Any]]
    intercepts_: list[npt.NDArray[Any]]
    loss_curve_: list[float]
    validation_scores_: list[float] | None
    t_: int
    _no_improvement_count: int
    _fastnn_optimiser: dict[str, Any] | None = None  # what `stored` has for the next partial_fit
    # The lists of the best network with early stopping, those of `coefs_` and `intercepts_` until
    # users assign others.
    _fastnn_best: tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]] | None = None

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "_fastnn_optimiser" in state:
            state["_fastnn_optimiser"] = pickled(state["_fastnn_optimiser"])
        return state

    @abstractmethod
    def _fastnn_trainer(
        self,
        examples: CheckedExamples,
        rows: Any,
        mini_batch_size: int,
        rule: Any,
        memory: Memory | None = None,
    ) -> WeightedTrainer:
        """Make the trainer of this network on these rows, or on all examples if they are None.

        `rule` is one of those in kernels/optimisers.py, and `memory` what it goes on with.
        """

    @abstractmethod
    def _fastnn_score_of(self, examples: CheckedExamples) -> float:
        """Score the outputs for checked examples; NaN if an output is not finite."""

    def _fastnn_begin_epochs(self, first: bool) -> None:
        """Begin the records of epochs, or in a later call those that are missing.

        The solver "lbfgs" leaves none. Users may have deleted some, or a copy may be without them.
        Epochs with early stopping go by the score, and others by the loss: if that has changed,
        all records begin anew.
        """
        stopping = self.early_stopping
        fresh: dict[str, Any] = {
            "loss_curve_": [],
            "best_loss_": None if stopping else np.inf,
            "validation_scores_": [] if stopping else None,
            "best_validation_score_": -np.inf if stopping else None,
            "_no_improvement_count": 0,
        }
        present = vars(self)
        needed = [name for name, value in fresh.items() if value is not None]
        anew = first or any(name in present and present[name] is None for name in needed)
        for name, value in fresh.items():
            if anew or name not in present:
                setattr(self, name, value)

    def _fastnn_train_by_epochs(
        self,
        examples: CheckedExamples,
        random: np.random.RandomState,
        before: Before,
        incremental: bool,
    ) -> None:
        rows, held_out = (
            self._fastnn_split(examples, random) if self.early_stopping else (None, None)
        )
        size = self._fastnn_mini_batch_size(len(examples.desired if rows is None else rows))
        sizes = [*map(len, self.coefs_), examples.outputs]
        solver = recalled(self._fastnn_optimiser, sizes) if incremental else None
        if solver is None:
            schedule = self.learning_rate if self.solver == "sgd" else "constant"
            rate = LearningRate(schedule, self.learning_rate_init, self.power_t)
            solver = Solver(self._fastnn_rule(), rate)
        rate = solver.rate
        trainer = self._fastnn_trainer(examples, rows, size, solver.rule, solver.memory)
        start = best = None
        if held_out is not None:
            start = self._fastnn_copies()
            best = None if self.validation_scores_ else start
        self.n_iter_ = 0
        try:
            try:
                for _ in range(self.max_iter):
                    if self.shuffle:
                        trainer.shuffle(random)
                    self._fastnn_run_epoch(trainer, rate)
                    if held_out is None:
                        self._fastnn_note_loss()
                    else:
                        trainer.unpack_into(self.coefs_, self.intercepts_)
                        if self._fastnn_note_score(self._fastnn_score_of(held_out)):
                            best = self._fastnn_copies()
                    rate.end_epoch(self.t_)
                    if self._fastnn_stops(rate) or incremental:
                        break
                else:
                    warn(
                        f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached and "
                        "the optimization hasn't converged yet.",
                        ConvergenceWarning,
                    )
            except KeyboardInterrupt:
                warn("Training interrupted by user.")
            if held_out is not None and best is None:
                # As in scikit-learn: where no epoch beats the record of earlier calls, the lists of
                # their best network count. Training writes into its arrays unless users put others
                # in their place.
                if trainer.is_finite():
                    trainer.unpack_into(self.coefs_, self.intercepts_)
                best = self._fastnn_best
        finally:  # whatever ends training, a warning as an error too, what was learnt is kept
            trainer.close()
            before.has_learnt = trainer.is_finite() if best is None else are_finite(*best)
            if not before.has_learnt:
                if start is not None:  # to score an epoch, its weights were written
                    for arrays, values in zip((self.coefs_, self.intercepts_), start, strict=True):
                        for array, value in zip(arrays, values, strict=True):
                            array[...] = value
                if self.n_iter_:  # `partial_fit` trains in the arrays of what is remembered
                    trainer.take_back()
            elif best is None:
                # Arrays of its own would cost a short call more than its training.
                trainer.unpack_into(self.coefs_, self.intercepts_)
            else:
                self._fastnn_best = self.coefs_, self.intercepts_ = best
            self._fastnn_optimiser = stored(solver._replace(memory=trainer.memory()), sizes)
        trainer.leave_room()

    def _fastnn_copies(self) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]]:
        """Copies of weights and biases."""
        return [coef.copy() for coef in self.coefs_], [bias.copy() for bias in self.intercepts_]

    def _fastnn_split(
        self, examples: CheckedExamples, random: np.random.RandomState
    ) -> tuple[npt.NDArray[Any], CheckedExamples]:
        """Return the rows of the examples to train on, and the examples that are held out."""
        from sklearn.model_selection import train_test_split

        # As in scikit-learn, the split is stratified only if the labels are a single column.
        binary = examples.desired.dtype == bool and examples.outputs == 1
        with config_context(skip_parameter_validation=True):  # as within scikit-learn's own `fit`
            rows, held_out = train_test_split(
                np.arange(len(examples.desired)),
                random_state=random,
                test_size=self.validation_fraction,
                stratify=examples.desired if binary else None,
            )
        if len(held_out) < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size "
                "of your dataset."
            )
        return rows, examples.of_rows(held_out)

    def _fastnn_mini_batch_size(self, n: int) -> int:
        """How many of `n` examples are in a mini-batch."""
        if self.batch_size == "auto":
            return min(_LARGEST_AUTO_BATCH, n)
        size = min(max(int(self.batch_size), 1), n)
        if size != self.batch_size:
            warn(
                "Got `batch_size` less than 1 or larger than sample size. It is going to be "
                f"clipped to {size}."
            )
        return size

    def _fastnn_run_epoch(self, trainer: WeightedTrainer, rate: LearningRate) -> None:
        loss = np.float64(trainer.run_epoch(rate.value))
        self.n_iter_ += 1  # in scikit-learn's order, which properties of a subclass may see
        self.loss_ = loss
        self.t_ += trainer.examples
        self.loss_curve_.append(self.loss_)
        if self.verbose:
            print(f"Iteration {self.n_iter_}, loss = {self.loss_:.8f}")

    def _fastnn_note_loss(self) -> None:
        improved = not self.loss_ > self.best_loss_ - float(self.tol)
        self._no_improvement_count = 0 if improved else self._no_improvement_count + 1
        if self.loss_ < self.best_loss_:
            self.best_loss_ = self.loss_

    def _fastnn_note_score(self, score: float) -> bool:
        """Note the score on the held-out examples; return whether it is the best so far."""
        assert (
            self.validation_scores_ is not None
        )  # with early stopping `_fastnn_begin_epochs` made a list
        self.validation_scores_.append(score)
        if self.verbose:
            print(f"Validation score: {score:f}")
        improved = not score < self.best_validation_score_ + float(self.tol)
        self._no_improvement_count = 0 if improved else self._no_improvement_count + 1
        best = bool(score > self.best_validation_score_)
        if best:
            self.best_validation_score_ = score
        return best

    def _fastnn_stops(self, rate: LearningRate) -> bool:
        """Return whether to stop because nothing has improved for too long."""
        if self._no_improvement_count <= self.n_iter_no_change:
            return False
        what = "Validation score" if self.early_stopping else "Training loss"
        reason = rate.stop_or_shorten()
        if self.verbose:
            print(
                f"{what} did not improve more than tol={self.tol:f} for "
                f"{self.n_iter_no_change} consecutive epochs. "
                + (reason or f"Setting learning rate to {rate.value:f}")
            )
        if reason is None:
            self._no_improvement_count = 0
        return reason is not None
