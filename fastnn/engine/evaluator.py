"""Outputs, accuracy and cost of a network on a data set."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset
from fastnn.engine.prepared import Prepared
from fastnn.engine.python_costs import call_cost, target_columns
from fastnn.engine.shares import Shares, threads_for
from fastnn.kernels import evaluate
from fastnn.kernels.arguments import Functions
from fastnn.kernels.evaluate import Score
from fastnn.kernels.layout import Net, padded
from fastnn.kernels.own import NONE
from fastnn.kernels.own_results import cost_of
from fastnn.kernels.panels import NARROW
from fastnn.kernels.sums import sum_of_squares
from fastnn.model.architecture import Architecture
from fastnn.model.description import Arrays
from fastnn.model.one_example import PLAIN_TYPES


class Evaluator:
    """A data set in the kernels' form, on which a network is evaluated again and again.

    Parameters
    ----------
    architecture : Architecture
        The description of the network.
    data : Dataset
        The examples. Their present order is used, even if it changes later.

    Attributes
    ----------
    packed : PackedNetwork
        Room for the parameters to evaluate.
    """

    def __init__(self, architecture: Architecture, data: Dataset) -> None:
        self._prepared = Prepared(architecture, data)
        self.packed = self._prepared.packed
        self._outputs_wide = architecture.sizes[-1]
        self._weights = architecture.weight_count()
        self._terms = np.zeros(padded(self._outputs_wide))

    def __len__(self) -> int:
        """The number of examples."""
        return len(self._prepared.order)

    def computes_cost(self) -> bool:
        """Say whether the cost is compiled; if not, the user's own is called in Python."""
        return self._prepared.fn is not None

    def compile(self, with_cost: bool) -> None:
        """Compile, or load from the cache on disk, what `score` calls."""
        self._evaluate(self.packed.net, with_cost, 0, 0, Score(0, 0.0))

    def score(self, weights: Arrays, biases: Arrays, with_cost: bool) -> Score:
        """Evaluate a network with these parameters.

        The mean cost is without the penalty on weights, and 0.0 if it is not asked for.
        """
        self.packed.pack(weights, biases)
        return self.score_packed(with_cost)

    def score_packed(self, with_cost: bool, order: npt.NDArray[Any] | None = None) -> Score:
        """Evaluate the network whose parameters are in `packed`, as `score` does.

        A cost that only Python can compute is called for the examples in `order`, if it is given.
        """
        self._prepared.refresh()
        self._prepared.count_zeros()
        score = Score(0, 0.0)

        def call(begin: int, end: int) -> int:
            nonlocal score
            score = self._evaluate(self.packed.net, with_cost, begin, end, score)
            return end

        self._prepared.calls.run(len(self._prepared.order), call)
        if with_cost and self._prepared.fn is None:
            score = score._replace(mean_cost=self._python_cost(order))
        return score

    def count_correct(self, weights: Arrays, biases: Arrays) -> int:
        """Count what a network with these parameters answers right, on all threads."""
        prepared = self._prepared
        self.packed.pack(weights, biases)
        prepared.count_zeros()
        examples = len(prepared.order)
        threads = threads_for(examples, self._weights)
        correct = [0] * threads

        def part(net: Net, rank: int, first: int, behind: int) -> None:
            correct[rank] += self._evaluate(net, False, first, behind, Score(0, 0.0)).correct

        with closing(Shares(self.packed, threads)) as shares:
            shares.run(examples, prepared.calls, part)
        return sum(correct)

    def _evaluate(self, net: Net, with_cost: bool, begin: int, end: int, so_far: Score) -> Score:
        prepared = self._prepared
        data = prepared.examples()
        cost = NONE if prepared.fn is None or not with_cost else prepared.fn
        functions = Functions(cost, prepared.custom)
        terms = self._terms
        correct, mean_cost = evaluate.evaluate(net, data, functions, begin, end, so_far, terms)
        return Score(int(correct), float(mean_cost))

    def _python_cost(self, order: npt.NDArray[Any] | None) -> float:
        prepared = self._prepared
        if order is None:
            order = prepared.order
        columns = target_columns(prepared.data, order, self._outputs_wide)
        mean_cost = 0.0
        for a, y in zip(self.outputs(order), columns, strict=True):
            cost = call_cost(prepared.cost, "fn", a.reshape(-1, 1), y)
            mean_cost += cost_of(cost) / len(columns)
        return mean_cost

    def outputs(self, order: npt.NDArray[Any] | None = None) -> npt.NDArray[Any]:
        """The output activations of the network last evaluated, shape (n, outputs).

        `order` are rows of the data's arrays; by default those of the data, in their order.
        """
        prepared = self._prepared
        net, custom = prepared.packed.net, prepared.custom
        order = prepared.order if order is None else order.astype(prepared.order.dtype)
        out = np.empty((len(order), self._outputs_wide), prepared.packed.dtype)

        def call(begin: int, end: int) -> int:
            evaluate.outputs(net, prepared.inputs, custom, order, begin, end, out)
            return end

        prepared.calls.run(len(order), call)
        return out


def penalty(lmbda: float, n: int, weights: Arrays) -> float:
    """The penalty on large weights, lmbda / (2 n) sum ||w||^2 (the book's eq. 87)."""
    squares = 0.0
    for w in weights:
        flat = np.ascontiguousarray(w).reshape(-1)
        if flat.dtype not in PLAIN_TYPES:  # whole numbers that a script has put there, say
            flat = np.abs(flat).astype(np.float64)  # complex ones have a length
        squares += sum_of_squares(flat, np.zeros(NARROW))
    return 0.5 * (lmbda / n) * squares
