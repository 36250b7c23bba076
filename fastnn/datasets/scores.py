"""How good answers are: of classes beside that of the largest one, of numbers in their units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastnn.common.checks import counted, printable, shortened

_SHOWN = 5


class ClassScore(NamedTuple):
    """How a class fares.

    Attributes
    ----------
    label : int or str
    examples : int
        How many are of the class.
    precision, recall, f1 : float
        The share of answers that are right, of examples that are found, and their harmonic mean;
        0 where there are none.
    """

    label: Any
    examples: int
    precision: float
    recall: float
    f1: float


class ClassReport(NamedTuple):
    """How a network's labels agree with those of examples.

    Attributes
    ----------
    correct, n : int
        Right answers, and examples.
    largest : int or str
        The label of most examples.
    baseline : int
        How many would be right if it were always the answer.
    classes : list of ClassScore
        Those of the network, then labels that it does not know.
    confusion : ndarray of int64, shape (classes, network's classes)
        Row by true label, column by answer.
    unknown : dict
        Examples by labels that the network does not know.
    """

    correct: int
    n: int
    largest: Any
    baseline: int
    classes: list[ClassScore]
    confusion: NDArray[np.int64]
    unknown: dict[Any, int]

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return self.correct / self.n

    def lines(self, what: str) -> list[str]:
        """Say in a few lines how accurate the answers for `what` are."""
        share = self.baseline / self.n
        lines = [
            f"Accuracy on {printable(what)}: {self.correct} / {self.n} ({self.accuracy:.2%})",
            f"Always {shortened(self.largest)} would be {self.baseline} / {self.n} ({share:.2%})",
        ]
        if self.unknown:
            told = [
                f"{shortened(repr(label))} ({counted(count, 'row')})"
                for label, count in self.unknown.items()
            ]
            more, rows = ", ..." if len(told) > _SHOWN else "", sum(self.unknown.values())
            lines.append(
                f"{counted(rows, 'row')} {'has a label' if rows == 1 else 'have labels'} that the "
                "network does not know: "
                f"{', '.join(told[:_SHOWN])}{more}"
            )
        return lines

    @property
    def _width(self) -> int:
        return max(5, *(len(shortened(score.label, 20)) for score in self.classes))

    def class_table(self) -> list[str]:
        """Return lines with each class's scores."""
        width = self._width
        lines = [f"{'class':>{width}}  examples  precision  recall      F1"]
        return lines + [
            f"{shortened(score.label, 20):>{width}}  {score.examples:8d}  {score.precision:9.4f}  "
            f"{score.recall:6.4f}  {score.f1:6.4f}"
            for score in self.classes
        ]

    def table(self) -> list[str]:
        """Return lines with each class's scores, then the confusion matrix."""
        width, lines = self._width, self.class_table()
        answers = [shortened(score.label, 20) for score in self.classes[: self.confusion.shape[1]]]
        cell = max(len(str(self.confusion.max())), *map(len, answers))
        lines += ["", "true label by row, answer by column"]
        lines.append(" " * width + "".join(f"  {answer:>{cell}}" for answer in answers))
        for score, row in zip(self.classes, self.confusion.tolist(), strict=True):
            counts = "".join(f"  {count:{cell}d}" for count in row)
            lines.append(f"{shortened(score.label, 20):>{width}}{counts}")
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it."""
        return {
            "accuracy": self.accuracy,
            "correct": self.correct,
            "examples": self.n,
            "largest_class": self.largest,
            "baseline_accuracy": self.baseline / self.n,
            "classes": [score._asdict() for score in self.classes],
            "confusion": self.confusion.tolist(),
            "unknown_labels": {str(label): count for label, count in self.unknown.items()},
        }


class NumberReport(NamedTuple):
    """How close a network's numbers are to those of examples, in their units.

    Attributes
    ----------
    n : int
    rmse, mae : float
        Root of the mean squared error, and mean absolute error.
    r2 : float
        Coefficient of determination: 1 - squared error / squared distance from the mean.
    baseline : float
        The root mean squared error of always giving the examples' mean.
    """

    n: int
    rmse: float
    mae: float
    r2: float
    baseline: float

    def lines(self, what: str) -> list[str]:
        """Say how close the numbers for `what` are."""
        return [
            f"RMSE on {printable(what)}: {self.rmse:.6g} (MAE {self.mae:.6g}, R2 {self.r2:.4f}, "
            f"{self.n} examples)",
            f"Always the mean would have RMSE {self.baseline:.6g}",
        ]

    def table(self) -> list[str]:
        """Return no lines: there are no classes."""
        return []

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it."""
        return {
            "examples": self.n,
            **{key: value for key, value in self._asdict().items() if key != "n"},
        }


Report = ClassReport | NumberReport


def score_classes(
    labels: NDArray[Any], answers: NDArray[Any], classes: Sequence[Any]
) -> ClassReport:
    """Compare answers with labels; both are of the kind of `classes`, which the network has.

    If labels are numbers and answers text, or the reverse, they are compared as text.
    """
    if labels.dtype.kind != answers.dtype.kind and "U" in (labels.dtype.kind, answers.dtype.kind):
        labels, answers = labels.astype(np.str_), answers.astype(np.str_)
    known = np.array(classes).astype(answers.dtype).tolist()
    among = set(known)
    found, counts = np.unique(labels, return_counts=True)
    unknown = {
        label: count
        for label, count in zip(found.tolist(), counts.tolist(), strict=True)
        if label not in among
    }
    rows = [*known, *unknown]
    places = {label: place for place, label in enumerate(rows)}
    confusion = np.zeros((len(rows), len(known)), np.int64)
    _count(confusion, _places(labels, places), _places(answers, places))
    right = np.diagonal(confusion)
    answered = confusion.sum(axis=0)
    scores = []
    for place, label in enumerate(rows):
        count = int(confusion[place].sum())
        hits = int(right[place]) if place < len(known) else 0
        given = int(answered[place]) if place < len(known) else 0
        f1 = 2 * hits / (count + given) if count + given else 0.0
        scores.append(
            ClassScore(
                label, count, hits / given if given else 0.0, hits / count if count else 0.0, f1
            )
        )
    largest = max(scores, key=lambda score: score.examples)
    return ClassReport(
        int(right.sum()), len(labels), largest.label, largest.examples, scores, confusion, unknown
    )


def _places(labels: NDArray[Any], places: dict[Any, int]) -> NDArray[np.int64]:
    found, inverse = np.unique(labels, return_inverse=True)
    return np.array([places[label] for label in found.tolist()])[inverse]


def _count(
    confusion: NDArray[np.int64], rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> None:
    np.add.at(confusion, (rows, columns), 1)


def score_numbers(targets: NDArray[np.float64], answers: NDArray[np.float64]) -> NumberReport:
    """Compare numbers with those that should be, both of shape (n,)."""
    errors = answers - targets
    spread = targets - targets.mean()
    squares, most = float(errors @ errors), float(spread @ spread)
    return NumberReport(
        len(targets),
        float(np.sqrt(squares / len(targets))),
        float(np.abs(errors).mean()),
        1.0 - squares / most if most else 0.0,
        float(np.sqrt(most / len(targets))),
    )
