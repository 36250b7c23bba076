"""The examples of a training run: the caller's own, and the data sets that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset
from fastnn.datasets.fitting import ALL, Needs, fitting_dataset
from fastnn.training.callers_data import CallersData, Order
from fastnn.training.options import Options
from fastnn.training.sample_weight import checked_weights

_EVERYTHING = {"training": ALL, "evaluation": ALL}


class RunData:
    """What a run trains on, and what it measures.

    Parameters
    ----------
    options : Options
        Which data are monitored.
    sizes : sequence of int
        Of the network that all have to fit.
    training_data, evaluation_data, speed_data
        As `SGD` takes them; evaluation data may be in the form that is kept here, too.
    sample_weight : array_like, optional
        The weights of the training examples, as `SGD` takes them.
    needs : mapping, optional
        What methods of fastnn's take of "training" and of "evaluation"; by default everything.
    arrange : function, optional
        Called as ``arrange(name, data)`` with the name of an argument and its examples; returns
        them in the order in which an earlier part of the run had them.

    Attributes
    ----------
    callers_training, callers_evaluation : CallersData
        The caller's own; the second is None where it is not monitored.
    training, evaluation, speed : Dataset
        What is made of them. The last two are None where they are not used.
    sample_weight : ndarray of float64, shape (n,), or None

    Raises
    ------
    TypeError, ValueError
        If an argument is not as `SGD` takes it.
    """

    training: Dataset
    evaluation: Dataset | None

    def __init__(
        self,
        options: Options,
        sizes: Sequence[int],
        training_data: Any,
        evaluation_data: Any = None,
        speed_data: Any = None,
        *,
        sample_weight: npt.ArrayLike | None = None,
        needs: Mapping[str, Needs] = _EVERYTHING,
        arrange: Callable[[str, Dataset], Dataset] | None = None,
    ) -> None:
        needed = needs["training"]
        self.callers_training = CallersData("training_data", training_data, sizes, needs=needed)
        self.callers_evaluation: CallersData | None = None
        if options.monitor_evaluation_cost or options.monitor_evaluation_accuracy:
            given = evaluation_data
            if not isinstance(given, CallersData):
                needed = needs["evaluation"]
                given = CallersData(
                    "evaluation_data", given, sizes, only_measured=True, needs=needed
                )
            given.share_list(self.callers_training)
            self.callers_evaluation = given
        self._take_data_sets()
        self.speed: Dataset | None = None
        if options.monitor_layer_speeds and speed_data is not None:
            self.speed = fitting_dataset("speed_data", speed_data, sizes)
        if arrange is not None:
            self.training = arrange("training_data", self.training)
            if self.evaluation is not None:
                self.evaluation = arrange("evaluation_data", self.evaluation)
            if self.speed is not None:
                self.speed = arrange("speed_data", self.speed)
        self.sample_weight: npt.NDArray[np.float64] | None = None
        if sample_weight is not None:
            self.sample_weight = checked_weights(sample_weight, len(self.training))

    def _take_data_sets(self) -> None:
        self.training = self.callers_training.dataset
        evaluation = self.callers_evaluation
        self.evaluation = None if evaluation is None else evaluation.dataset

    def replace_training(self, training_data: Any, sizes: Sequence[int]) -> None:
        """Train on these in the place of those before; nothing is monitored."""
        self.callers_training = CallersData("training_data", training_data, sizes)
        self.training = self.callers_training.dataset

    def let_go(self) -> None:
        """Let go of the training data, until `replace_training`."""
        del self.training, self.callers_training

    def read_again(self) -> bool:
        """Take over what a user's functions have written into the data; say whether they have."""
        # A method that is given one of the two may well write into the other.
        if not any([callers.read_again() for callers in self._callers()]):
            return False
        self._take_data_sets()
        return True

    def check_unchanged(self) -> None:
        """Raise ValueError if examples have been added, lost, exchanged or put in another order."""
        for callers in self._callers():
            callers.check_unchanged()

    def _callers(self) -> list[CallersData]:
        both = self.callers_training, self.callers_evaluation
        return [callers for callers in both if callers is not None]

    def is_trained_on(self, what: str) -> bool:
        """Say whether the "training" or "evaluation" data have the order of each epoch."""
        evaluation = self.callers_evaluation
        same = evaluation is not None and evaluation.is_list_of(self.callers_training)
        return what == "training" or same

    def callers_pairs(self, what: str, order: Order) -> Sequence[tuple[Any, Any]]:
        """Return the caller's own data, "training" in this order or "evaluation" as it came."""
        if what == "training":
            return self.callers_training.in_order(order)
        assert self.callers_evaluation is not None  # it is monitored
        return self.callers_evaluation.as_given()

    def reorder_callers(self, order: Order) -> None:
        """Put the caller's training data into this order, unless it has weights of the old one.

        A list that somebody else has changed meanwhile stays as it is.
        """
        if self.sample_weight is None and not self.callers_training.is_changed():
            self.callers_training.reorder(order)
