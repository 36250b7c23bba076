"""What a network makes of many examples: outputs, accuracy and cost."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset
from fastnn.engine.packed_network import (
    Arrays,
    PackedNetwork,
    kernel_inputs,
    kernel_order,
    kernel_targets,
)
from fastnn.engine.python_costs import target_columns
from fastnn.engine.short_calls import Pace
from fastnn.kernels import evaluate
from fastnn.kernels.compiling import variant_for
from fastnn.kernels.layout import BLOCK, padded
from fastnn.model.activations import kernel_activations
from fastnn.model.architecture import Architecture
from fastnn.model.costs import kernel_cost


class Score(NamedTuple):
    """How a network does on a data set."""

    correct: int
    mean_cost: float  # without the penalty on weights; 0.0 where not asked for


class Evaluator:
    """A data set in the kernels' form, on which a network is evaluated again and again.

    Parameters
    ----------
    architecture : Architecture
        What the network is.
    data : Dataset
        The examples. Their present order is taken, whatever becomes of it later.
    """

    def __init__(self, architecture: Architecture, data: Dataset) -> None:
        dtype = architecture.dtype
        self._packed = PackedNetwork(architecture.layers(), dtype, min(len(data), BLOCK))
        self._outputs_wide = architecture.sizes[-1]
        self._cost = architecture.cost
        self._fn = kernel_cost(self._cost, dtype).fn
        self._custom = kernel_activations(architecture.activations).custom
        self._data = data
        self._order = kernel_order(data)
        self._inputs = kernel_inputs(data.store, dtype)
        self._targets = kernel_targets(data.store)
        self._terms = np.zeros(padded(self._outputs_wide))
        self._pace = Pace(architecture.weight_count())

    def __len__(self) -> int:
        """How many examples there are."""
        return len(self._order)

    def compile(self, with_cost: bool) -> None:
        """Compile, or load from the cache on disk, what `score` calls."""
        self._evaluate(with_cost, 0, 0, Score(0, 0.0))

    def score(self, weights: Arrays, biases: Arrays, with_cost: bool) -> Score:
        """Evaluate a network with these parameters, with the cost only where it is asked for."""
        self._packed.pack(weights, biases)
        score = Score(0, 0.0)

        def call(begin: int, end: int) -> int:
            nonlocal score
            score = self._evaluate(with_cost, begin, end, score)
            return end

        self._pace.run(len(self._order), call)
        if with_cost and self._fn is None:
            score = score._replace(mean_cost=self._python_cost())
        return score

    def _evaluate(self, with_cost: bool, begin: int, end: int, so_far: Score) -> Score:
        fn = self._fn if with_cost else None
        correct, mean_cost = variant_for(evaluate.evaluate, fn, self._custom)(
            self._packed.net,
            self._inputs,
            self._targets,
            self._custom,
            fn,
            self._order,
            begin,
            end,
            so_far.correct,
            so_far.mean_cost,
            self._terms,
        )
        return Score(int(correct), float(mean_cost))

    def _python_cost(self) -> float:
        columns = target_columns(self._data, self._order, self._outputs_wide)
        return sum(
            float(self._cost.fn(a.reshape(-1, 1), y)) / len(columns)
            for a, y in zip(self.outputs(), columns, strict=True)
        )

    def outputs(self) -> npt.NDArray[Any]:
        """The output activations of the network last evaluated, shape (n, outputs)."""
        out = np.empty((len(self._order), self._outputs_wide), self._packed.dtype)

        def call(begin: int, end: int) -> int:
            kernel = variant_for(evaluate.outputs, self._custom)
            net, custom = self._packed.net, self._custom
            kernel(net, self._inputs, custom, self._order, begin, end, out)
            return end

        self._pace.run(len(self._order), call)
        return out


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


def penalty(lmbda: float, n: int, weights: Arrays) -> float:
    """The cost of large weights, lmbda / (2 n) sum ||w||^2 (the book's eq. 87)."""
    squares = 0.0
    with np.errstate(over="ignore"):  # the squares of huge weights are infinite
        for w in weights:
            norm = np.linalg.norm(np.asarray(w, np.float64))
            squares += float(norm * norm)
    return 0.5 * (lmbda / n) * squares
