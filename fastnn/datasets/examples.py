"""Examples in arrays, with what is known of where they came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.datasets.dataset import Dataset
from fastnn.datasets.labels import Labels, class_indices
from fastnn.datasets.splitting import split_rows
from fastnn.datasets.tables.columns import Column, Columns
from fastnn.scaling import Scaling


@dataclass(frozen=True)
class Examples:
    """Examples read from a file.

    Attributes
    ----------
    inputs : ndarray, shape (n, inputs)
        float32 or float64; or a SciPy sparse matrix.
    labels : ndarray, shape (n,), or None
        int64 or text; float64 for a regression; None if the file has none.
    classes : list of int or of str
        Each label once, sorted: what `Network.labels` should be. Empty for a regression.
    columns : Columns, optional
        How the inputs were made of a table: what `Network.columns` should be.
    weights : ndarray of float64, shape (n,), optional
        What `SGD` takes as `sample_weight`.
    """

    inputs: Any
    labels: Labels | None
    classes: list[Any]
    columns: Columns | None = None
    weights: NDArray[np.float64] | None = None

    def split(
        self, fraction: float, seed: int | None = None, stratified: bool = False
    ) -> tuple[Examples, Examples]:
        """Hold out a part of the examples, drawn at random, for evaluation.

        Parameters
        ----------
        fraction : float
            The share to hold out, between 0 and 1; at least one example stays on either side.
        seed : int, optional
            The same seed draws the same examples. NumPy's global generator is not used.
        stratified : bool, optional
            Whether each class has its share of both parts.

        Returns
        -------
        training, held_out : Examples
            Both know all classes.

        Raises
        ------
        TypeError, ValueError
            If `fraction` or `seed` is not as above, or there are fewer than two examples.
        """
        labels = self.labels if stratified and self.classes else None
        training, held_out = split_rows(self.inputs.shape[0], fraction, seed, labels)
        return self._part(training), self._part(held_out)

    def dataset(self, scaling: Scaling | None = None, outputs: int | None = None) -> Dataset:
        """Make a data set that `Network.SGD` takes, for training or for evaluation.

        Parameters
        ----------
        scaling : Scaling, optional
            How to standardise the inputs: the network's `scaling`.
        outputs : int, optional
            1 for a network with one output that tells between two classes.

        Returns
        -------
        Dataset
            Each label becomes the unit column of its index in `classes`; a number of a regression
            is standardised by `columns`.

        Raises
        ------
        ValueError
            If there are no labels, or `scaling` is for another number of inputs.
        """
        if self.labels is None:
            raise ValueError("examples must have labels to train with, got none")
        inputs = self.inputs if scaling is None else scaling.apply(self.inputs)
        if not self.classes:
            targets = self.labels if self.columns is None else self.columns.targets(self.labels)
            return Dataset(inputs, targets.reshape(-1, 1))
        places = class_indices(self.labels, self.classes)
        if outputs == 1:
            return Dataset(inputs, places)
        return Dataset(inputs, places, classes=len(self.classes))

    def with_plain_columns(self, from_zero: bool | None = None) -> Examples:
        """Say of inputs without names what a network has to know, in place of a table's columns.

        These are the targets of a regression, and whether svmlight's rows count `from_zero`, if
        they are such.
        """
        assert self.labels is not None
        inputs = tuple(Column(str(at), at) for at in range(self.inputs.shape[1]))
        columns = Columns(
            inputs,
            named=False,
            width=len(inputs) + 1,
            label=str(len(inputs)),
            from_zero=from_zero,
        )
        if not self.classes:
            columns = columns._replace(
                task="regression",
                mean=float(self.labels.mean()),
                deviation=float(self.labels.std()) or 1.0,
            )
        return Examples(self.inputs, self.labels, self.classes, columns, self.weights)

    def _part(self, rows: NDArray[np.integer[Any]]) -> Examples:
        return Examples(
            self.inputs[rows],
            None if self.labels is None else self.labels[rows],
            self.classes,
            self.columns,
            None if self.weights is None else self.weights[rows],
        )


def class_weights(labels: Labels) -> NDArray[np.float64]:
    """Return a weight for each example that gives all classes the same sum; 1 on average.

    Parameters
    ----------
    labels : ndarray, shape (n,)
        The class of each example.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    _, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
    weights: NDArray[np.float64] = (len(labels) / len(counts) / counts)[places]
    return weights
