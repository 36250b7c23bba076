"""What `SGD` measures after every epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy.typing as npt

from fastnn.datasets.dataset import Dataset
from fastnn.engine.divergence import check_monitored_cost
from fastnn.engine.evaluator import Evaluator, penalty
from fastnn.engine.packed_network import PackedNetwork
from fastnn.engine.single_calls import SingleCalls
from fastnn.kernels.evaluate import Score
from fastnn.model.architecture import Architecture
from fastnn.model.costs import check_cost, has_cross_entropy
from fastnn.model.history import History
from fastnn.training.options import Options
from fastnn.training.python_trainer import UnpackedNetwork


class OwnMethods(NamedTuple):
    """What a monitor calls of a network whose `accuracy` or `total_cost` is a user's own."""

    network: SingleCalls
    accuracy: bool  # whether it is called, or else compiled code
    total_cost: bool


class Monitor(NamedTuple):
    """What `SGD` measures on one of its data sets after every epoch."""

    what: str  # "training" or "evaluation"
    examples: int
    evaluator: Evaluator | None  # None where only a user's own methods measure
    costs: list[float] | None  # where the figures are collected; None if not wanted
    accuracies: list[int] | None
    own: OwnMethods

    def compile(self) -> None:
        """Compile, or load from the cache on disk, what `measure` calls."""
        with_cost = self._compiled_cost()
        if self.evaluator is not None and (with_cost or self._compiled_accuracy()):
            self.evaluator.compile(with_cost)

    def measure(
        self,
        lmbda: float,
        trained: PackedNetwork | UnpackedNetwork,
        data: Sequence[tuple[Any, Any]],
        say: Callable[[str], Any],
        order: npt.NDArray[Any] | None = None,
    ) -> None:
        """Evaluate what is trained, collect the figures and say network2's lines about them.

        `data` are the caller's own, for methods of the user's. `order` is that of the epoch, for
        data that are trained on: a cost in Python is called in it, as it may count or draw.
        """
        score = Score(0, 0.0)
        with_cost = self._compiled_cost()
        if self.evaluator is not None and (with_cost or self._compiled_accuracy()):
            trained.copy_to(self.evaluator.packed)
            score = self.evaluator.score_packed(with_cost, order)
        if self.costs is not None:
            if self.own.total_cost:
                cost = self._call_total_cost(data, lmbda)
            else:
                weights, _ = trained.unpack()
                cost = score.mean_cost + penalty(lmbda, self.examples, weights)
            self.costs.append(cost)
            say(f"Cost on {self.what} data: {cost}")
        if self.accuracies is not None:
            correct = self._call_accuracy(data) if self.own.accuracy else score.correct
            self.accuracies.append(correct)
            say(f"Accuracy on {self.what} data: {correct} / {self.examples}")

    def is_compiled(self) -> bool:
        """Say whether nothing of a user's is called to measure."""
        if self.own.accuracy or self.own.total_cost or self.evaluator is None:
            return False
        return self.costs is None or self.evaluator.computes_cost()

    def calls_cost(self) -> bool:
        """Say whether the cost is called in Python, between outputs that are computed before."""
        compiled = self.evaluator is None or self.evaluator.computes_cost()
        return self._compiled_cost() and not compiled

    def check_cost(self, epoch: int, network: SingleCalls) -> None:
        """Raise DivergedError if the last cost is not finite, but for the cross-entropy's infinity.

        It is infinite for a saturated output that is exactly wrong: network2 learns on from there.
        """
        cost = None if self.costs is None else self.costs[-1]
        # What a user's own `total_cost` returns may be anything.
        if isinstance(cost, Real) and (math.isnan(cost) or not has_cross_entropy(network.cost)):
            what = f"the cost on {self.what} data"
            check_monitored_cost(epoch, what, cost, network.weights, network.biases)

    def _compiled_cost(self) -> bool:
        return self.costs is not None and not self.own.total_cost

    def _compiled_accuracy(self) -> bool:
        return self.accuracies is not None and not self.own.accuracy

    # Arguments as network2 gives them: a user's method may take no others.

    def _call_total_cost(self, data: Sequence[tuple[Any, Any]], lmbda: float) -> float:
        network = self.own.network
        if self.what == "training":
            return network.total_cost(data, lmbda)
        return network.total_cost(data, lmbda, convert=True)

    def _call_accuracy(self, data: Sequence[tuple[Any, Any]]) -> int:
        network = self.own.network
        if self.what == "training":
            return network.accuracy(data, convert=True)
        return network.accuracy(data)


def make_monitors(
    architecture: Architecture,
    data: Mapping[str, Dataset | None],
    options: Options,
    history: History,
    own: OwnMethods,
) -> list[Monitor]:
    """Make the monitors that the options ask for, which collect their figures in `history`.

    `data` holds the data sets by their names in the options, "training" and "evaluation".
    """
    monitors = []
    for what, dataset in data.items():
        wants_cost = getattr(options, f"monitor_{what}_cost")
        wants_accuracy = getattr(options, f"monitor_{what}_accuracy")
        if dataset is not None and (wants_cost or wants_accuracy):
            costs = getattr(history, f"{what}_cost") if wants_cost else None
            accuracies = getattr(history, f"{what}_accuracy") if wants_accuracy else None
            if wants_cost and not own.total_cost:
                check_cost(architecture.cost, "fn")
            compiled = (wants_cost and not own.total_cost) or (wants_accuracy and not own.accuracy)
            evaluator = Evaluator(architecture, dataset) if compiled else None
            figures = [(costs, accuracies)]
            if own.accuracy or own.total_cost:  # the one may change what the other measures
                figures = [(costs, None), (None, accuracies)]
            monitors += [
                Monitor(what, len(dataset), evaluator, *wanted, own)
                for wanted in figures
                if wanted != (None, None)
            ]
    return monitors
