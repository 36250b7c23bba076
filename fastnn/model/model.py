"""What a network is used for: predictions, words about it, files, and other programs."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import float_type
from fastnn.common.writing import check_writable
from fastnn.datasets.dataset import Dataset
from fastnn.datasets.labels import check_classes
from fastnn.datasets.tables.columns import check_columns
from fastnn.model import summary
from fastnn.model.activations import tells_numbers
from fastnn.model.bare_model import BareModel
from fastnn.model.costs import cost_name
from fastnn.model.description import (
    Description,
    architecture_of,
    describe_as_network2,
    describe_network,
    parameters_of,
)
from fastnn.model.exchange import to_onnx, to_torch, units_of
from fastnn.model.many_examples import check_finite, parts_of, put_outputs, rows_of
from fastnn.model.overrides import calls_feedforward, check_exportable
from fastnn.model.saving import check_format, is_npz_name, lost_in, write_network
from fastnn.scaling import check_scaling

if TYPE_CHECKING:
    import torch


class Model(BareModel):
    """A network as its user has it, but for training."""

    def outputs(self, X: npt.ArrayLike | Dataset) -> npt.NDArray[Any]:
        """Standardise many examples as `scaling` says, and compute their outputs.

        Parameters
        ----------
        X : array_like or SciPy sparse matrix, shape (n, sizes[0]), or Dataset
            Inputs before standardising, one row an example. Sparse ones are made full a few rows at
            a time. For a network with `columns`, a DataFrame whose columns have the same names; a
            warning counts its cells of a kind that the training data lack.

        Returns
        -------
        ndarray, shape (n, sizes[-1])
            Output activations.

        Raises
        ------
        TypeError, ValueError
            If `X` does not hold finite numbers in that shape, or if `scaling`, a weight matrix or a
            bias has the wrong shape.
        """
        own = calls_feedforward(self)  # which may know of one column only
        if isinstance(X, Dataset) and not own and self.scaling is None:
            fast = self._fastnn_outputs(X)
            if fast is not None:
                return fast
        rows = rows_of(X, self.sizes[0], self.columns)
        scaling = self.scaling
        if scaling is not None:
            scaling = check_scaling("scaling", scaling, self.sizes[0])
        dtype = float_type(self.dtype)
        outputs = np.empty((len(rows), self.sizes[-1]), dtype)
        forward = None if own else self._fastnn_rows(architecture_of(self), *parameters_of(self))
        if forward is not None:
            with closing(forward):
                put_outputs(forward, rows, scaling, outputs)
            return outputs
        for start, part in parts_of(rows, scaling, dtype, copy=own):
            check_finite(part, start)
            if own:
                for place, row in enumerate(part, start):
                    outputs[place] = np.reshape(self.feedforward(row[:, np.newaxis]), -1)
            else:
                outputs[start : start + len(part)] = self.feedforward(part.T).T
        return outputs

    def predict(self, X: npt.ArrayLike | Dataset) -> npt.NDArray[Any]:
        """Give each example the label of its largest output, the first of equals.

        One output tells between two labels: it stands for the second above 0.5. Identity and
        exponential outputs without `labels` are regression, and told as they are.

        Parameters
        ----------
        X : array_like or SciPy sparse matrix, shape (n, sizes[0]), or Dataset
            As for `outputs`.

        Returns
        -------
        ndarray, shape (n,)
            Entries of `labels`, int64 or text; where the network has none, numbers of outputs, or 0
            and 1 for one output. For a regression the values of the outputs: (n,) for one output,
            else (n, sizes[-1]); in the units of the targets, if `columns` know them.

        Raises
        ------
        TypeError, ValueError
            As for `outputs`, or if `labels` does not hold one for each output (two for one output).
        """
        size = self.sizes[-1]
        classes = list(range(max(size, 2)))
        if self.labels is not None:
            classes = check_classes("labels", self.labels, size)
        outputs = self.outputs(X)
        if self.labels is None and tells_numbers(architecture_of(self).activations[-1]):
            columns = self.columns
            if columns is not None:
                columns = check_columns("columns", columns, self.sizes[0])
            if columns is not None and columns.task == "regression":
                outputs = columns.estimates(outputs)
            return outputs[:, 0] if size == 1 else outputs
        answers = (outputs[:, 0] > 0.5).astype(int) if size == 1 else np.argmax(outputs, axis=1)
        labels: npt.NDArray[Any] = np.array(classes)[answers]
        return labels

    def summary(self) -> None:
        """Print the layers, the number of parameters and what else the network has."""
        print(summary.lines(describe_network(self)))

    def __repr__(self) -> str:
        """Say what the network is, or only its class if its parameters do not fit together."""
        try:
            shown = summary.one_line(describe_network(self))
        except (AttributeError, TypeError, ValueError):
            return super().__repr__()
        return f"{type(self).__name__}({shown})"

    def _repr_html_(self) -> str | None:
        try:
            return summary.html(describe_network(self), type(self).__name__)
        except (AttributeError, TypeError, ValueError):
            return None  # the notebook shows the repr

    def save(self, filename: str | os.PathLike[str]) -> None:
        """Write the network to a file, whole or not at all.

        Parameters
        ----------
        filename : str or path-like
            A file whose name ends in ``.npz`` keeps everything: dtype, activations, `labels` and
            `scaling` too. Any other file is network2's JSON, from which `load` makes a float64
            network; float32 values are kept exactly. It is no matter there if `labels`, `scaling`
            or `columns` are something of a script's own.

        Raises
        ------
        TypeError, ValueError
            If the format cannot hold the network, as none can hold an activation of your own; if a
            weight matrix or a bias, `cost`, `labels` or `scaling` do not fit it; or if `filename`
            is no path.
        OSError
            If the file cannot be written.

        Warns
        -----
        RuntimeWarning
            If `load` will have to be given the cost, which it does not find by its name, or if
            `labels` are not in the file.
        """
        network = self._fastnn_saved(filename)
        write_network(filename, network)
        if lost_in(filename, network):
            warnings.warn(
                "labels are not in the file, which is network2's JSON: a file whose name ends in "
                ".npz keeps them",
                RuntimeWarning,
                stacklevel=2,
            )
        cost = network.architecture.cost
        name = cost_name(cost)
        if self._fastnn_costs_by_name().get(name) is not cost:
            warnings.warn(
                f"a file holds the name of the cost alone: give load cost={name}, or put the class "
                "into network2 by this name",
                RuntimeWarning,
                stacklevel=2,
            )

    def check_saving(self, filename: str | os.PathLike[str]) -> None:
        """Raise now, say before a long training, what `save` would raise; write nothing.

        Here, where it costs nothing, `labels` that would not be in the file are refused too.
        """
        check_format(filename, self._fastnn_saved(filename))
        check_writable(filename)

    def to_torch(self) -> torch.nn.Sequential:
        """Make a module of PyTorch that gives the network's outputs; `fastnn.from_torch` goes back.

        Returns
        -------
        torch.nn.Sequential
            Of Linear and activations, with copies of the parameters, in the network's type of
            numbers. It takes the inputs that `outputs` takes, shape (n, sizes[0]): it begins with
            `scaling`, if there is one, as a module of its own. Its attribute `labels` is the
            network's. Of `columns` it has only what a regression's outputs need: it ends with a
            module that brings them to the units of the targets, as `predict` does.

        Raises
        ------
        ImportError
            If PyTorch is not installed.
        TypeError, ValueError
            If an activation is a class of your own, `feedforward`, `outputs` or, where it tells
            the units of a regression, `predict` is overridden, or a parameter, `labels` or
            `scaling` does not fit the network.
        """
        return to_torch(self._fastnn_exported())

    def to_onnx(self, filename: str | os.PathLike[str]) -> None:
        """Write the network as an ONNX file, which other programs run, whole or not at all.

        Parameters
        ----------
        filename : str or path-like
            The model has one input, ``inputs`` (n, sizes[0]), and one output, ``outputs``
            (n, sizes[-1]), both in the network's type of numbers. It takes the inputs that
            `outputs` takes: it begins with `scaling`. `labels` are in its metadata, as JSON. Where
            `columns` know the units of a regression's targets, its outputs are in these.

        Raises
        ------
        ImportError
            If the package onnx is not installed.
        TypeError, ValueError
            As for `to_torch`.
        OSError
            If the file cannot be written.
        """
        to_onnx(self._fastnn_exported(), filename)

    def _fastnn_outputs(self, data: Dataset) -> npt.NDArray[Any] | None:
        """Return the outputs for a data set, as for `_fastnn_output`."""
        return None

    def _fastnn_saved(self, filename: str | os.PathLike[str]) -> Description:
        """Describe the network for a file of this name."""
        return describe_network(self) if is_npz_name(filename) else describe_as_network2(self)

    def _fastnn_exported(self) -> Description:
        """Describe the network for another program, if that can give the same outputs.

        With the units of a regression it gives what `predict` does.
        """
        answers: dict[str, Callable[..., Any]] = {"outputs": Model.outputs}
        description = describe_network(self)
        if units_of(description):
            answers["predict"] = Model.predict
        check_exportable(self, answers)
        return description
