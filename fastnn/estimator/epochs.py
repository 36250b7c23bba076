"""The solvers "sgd" and "adam": training epoch by epoch, and when it stops."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from fastnn.estimator.learning_rate import LearningRate
from fastnn.estimator.settings import SharedParameters
from fastnn.estimator.trainer import Memory, WeightedTrainer
from fastnn.estimator.warning import warn

_LARGEST_AUTO_BATCH = 200


class EpochTraining(SharedParameters, ABC):
    """Training by mini-batches, epoch by epoch, from the weights in `coefs_` and `intercepts_`."""

    best_loss_: Any  # a number, or None with early stopping
    best_validation_score_: Any  # a number with early stopping, or else None
    coefs_: list[npt.NDArray[Any]]
    intercepts_: list[npt.NDArray[Any]]
    loss_curve_: list[float]
    t_: int
    _memory: Memory | None  # what the solver remembers for the next partial_fit

    @abstractmethod
    def _trainer(
        self, X: Any, desired: npt.NDArray[Any], sample_weight: Any, mini_batch_size: int, rule: Any
    ) -> WeightedTrainer:
        """Make the trainer of this network on these data; `rule` is of kernels/optimisers.py."""

    @abstractmethod
    def _score_of(self, X: Any, desired: npt.NDArray[Any], weights: Any) -> float:
        """Score the outputs for checked inputs; NaN if an output is not finite."""

    def _forget_epochs(self) -> None:
        """Begin the records of epochs anew."""
        self.loss_curve_ = []
        self.best_loss_ = None if self.early_stopping else np.inf
        self.validation_scores_: list[float] | None = [] if self.early_stopping else None
        self.best_validation_score_ = -np.inf if self.early_stopping else None
        self._no_improvement_count = 0

    def _train_by_epochs(
        self,
        X: Any,
        desired: npt.NDArray[Any],
        sample_weight: Any,
        random: np.random.RandomState,
        incremental: bool,
    ) -> None:
        rows, held_out = np.arange(len(desired)), None
        if self.early_stopping:
            # As in scikit-learn, the split is stratified only if the labels are a single column.
            binary = desired.dtype == bool and desired.shape[1] == 1
            rows, held_out = train_test_split(
                rows,
                random_state=random,
                test_size=float(self.validation_fraction),
                stratify=desired if binary else None,
            )
            if len(held_out) < 2:
                raise ValueError(
                    "The validation set is too small. Increase 'validation_fraction' or the size "
                    "of your dataset."
                )
        size = self._mini_batch_size(len(rows))
        trainer = self._trainer(X, desired, sample_weight, size, self._rule())
        if not incremental or not hasattr(self, "_rate"):
            schedule = self.learning_rate if self.solver == "sgd" else "constant"
            self._rate = LearningRate(schedule, self.learning_rate_init, self.power_t)
        elif self._memory is not None:
            trainer.remember(self._memory)
        best = [c.copy() for c in self.coefs_], [b.copy() for b in self.intercepts_]
        places = np.arange(len(rows))
        self.n_iter_ = 0
        try:
            while self.n_iter_ < self.max_iter:
                if self.shuffle:  # the same draws as sklearn.utils.shuffle, without its checks
                    drawn = np.arange(len(rows))
                    random.shuffle(drawn)
                    places = places[drawn]
                self._run_epoch(trainer, rows[places])
                if held_out is None:
                    self._note_loss()
                else:
                    self.coefs_, self.intercepts_ = trainer.unpack()
                    weights = None if sample_weight is None else sample_weight[held_out]
                    score = self._score_of(X[held_out], desired[held_out], weights)
                    if self._note_score(score):
                        best = self.coefs_, self.intercepts_
                self._rate.end_epoch(self.t_)
                if self._stops() or incremental:
                    break
            else:
                warn(
                    f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached and the "
                    "optimization hasn't converged yet.",
                    ConvergenceWarning,
                )
        except KeyboardInterrupt:
            warn("Training interrupted by user.")
        finally:
            trainer.close()
        self.coefs_, self.intercepts_ = trainer.unpack() if held_out is None else best
        self._memory = trainer.memory()

    def _mini_batch_size(self, n: int) -> int:
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

    def _run_epoch(self, trainer: WeightedTrainer, rows: npt.NDArray[Any]) -> None:
        self.loss_ = trainer.run_epoch(rows, self._rate.value)
        self.loss_curve_.append(self.loss_)
        self.n_iter_ += 1
        self.t_ += len(rows)
        if self.verbose:
            print(f"Iteration {self.n_iter_}, loss = {self.loss_:.8f}")

    def _note_loss(self) -> None:
        improved = not self.loss_ > self.best_loss_ - float(self.tol)
        self._no_improvement_count = 0 if improved else self._no_improvement_count + 1
        if self.loss_ < self.best_loss_:
            self.best_loss_ = self.loss_

    def _note_score(self, score: float) -> bool:
        """Note the score on the held-out examples; return whether it is the best so far."""
        if self.verbose:
            print(f"Validation score: {score:f}")
        assert self.validation_scores_ is not None  # with early stopping `_begin` made a list
        self.validation_scores_.append(score)
        improved = not score < self.best_validation_score_ + float(self.tol)
        self._no_improvement_count = 0 if improved else self._no_improvement_count + 1
        best = bool(score > self.best_validation_score_)
        if best:
            self.best_validation_score_ = score
        return best

    def _stops(self) -> bool:
        """Return whether to stop because nothing has improved for too long."""
        if self._no_improvement_count <= self.n_iter_no_change:
            return False
        what = "Validation score" if self.early_stopping else "Training loss"
        reason = self._rate.stop_or_shorten()
        if self.verbose:
            print(
                f"{what} did not improve more than tol={self.tol:f} for "
                f"{self.n_iter_no_change} consecutive epochs. "
                + (reason or f"Setting learning rate to {self._rate.value:f}")
            )
        if reason is None:
            self._no_improvement_count = 0
        return reason is not None
