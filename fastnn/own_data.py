"""Read your own examples from tables, npz, npy, IDX or svmlight files, ready to train with."""

from __future__ import annotations

import itertools
import os
import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastnn.common.checks import describe, printable
from fastnn.common.reading import reading
from fastnn.datasets.applying import Block, FileForNetwork
from fastnn.datasets.examples import Examples, class_weights
from fastnn.datasets.labelled_table import LabelledTable
from fastnn.datasets.opening import (
    Opened,
    examples_of_arrays,
    labelled_frames,
    labelled_table,
)
from fastnn.datasets.scores import (
    ClassReport,
    NumberReport,
    Report,
    score_classes,
    score_numbers,
)
from fastnn.datasets.tables.columns import Columns
from fastnn.datasets.tables.frames import ReadingOptions
from fastnn.datasets.tables.learnt_columns import learn_columns
from fastnn.datasets.tables.roles import all_roles, label_place
from fastnn.datasets.tables.table import read_table
from fastnn.datasets.tables.targets import TASKS
from fastnn.datasets.tables.useless_columns import odd_columns
from fastnn.model.activations import tells_numbers
from fastnn.model.description import architecture_of
from fastnn.model.model import Model

if TYPE_CHECKING:
    import pandas

__all__ = [
    "ClassReport",
    "Columns",
    "Examples",
    "LabelledTable",
    "NumberReport",
    "Report",
    "class_weights",
    "evaluate",
    "read_examples",
    "read_labelled_table",
]

_CHOICE = re.compile('label_column=|task="classification"|called as labels are')
_OPTION = re.compile(r"\b(?:task|categories|ignore_columns|header|encoding)=")


def read_examples(
    *paths: str | os.PathLike[str] | pandas.DataFrame,
    label_column: str | int | None = None,
    inputs: int | None = None,
) -> Examples:
    """Read examples from one file, or from a file of images and one of labels.

    The first bytes of a file tell its kind, not its name. Bytes ``k``, which images have, become
    ``k/256`` in float32, as in `mnist_loader.load_data`.

    Parameters
    ----------
    *paths : str, path-like or DataFrame
        One of: an ``.npz`` with the arrays x and y (or X and y, images and labels, inputs and
        labels, data and target, x_train and y_train, train_images and train_labels), where the
        labels may be missing; an IDX file of images, alone or followed by one of labels, plain or
        gzipped; two ``.npy`` files, or one of inputs; svmlight's sparse rows; a folder of these; or
        a table: CSV text with any separator and encoding, plain or packed, Parquet, Excel, ARFF or
        a pandas DataFrame, with one row per example. Test data of a folder or an ``.npz`` that has
        data to train on, too, are left out.
    label_column : str or int, optional
        For a table, the column of labels: its name in the header, or its index, negative from the
        end. By default the one called label, class, target or y, else the last one.
    inputs : int, optional
        How many inputs there must be. A table with exactly that many columns has no labels, unless
        `label_column` is given.

    Returns
    -------
    examples : Examples
        Categories and missing numbers of a table are turned into inputs with what all its rows
        have. To learn that from rows to train on only, use `read_labelled_table`. Labels of a table
        are classes or numbers as there; warnings say where they may be the other, and what else of
        a table may be read wrongly. `columns.ignored` are those that are left out.

    Raises
    ------
    ImportError
        If a library that reads the file is not installed.
    TypeError
        If a path is none of these.
    OSError
        If a file is missing or cannot be read.
    ValueError
        If a file is damaged or of another kind, a value is not finite, or the arrays do not fit
        each other. The message names the file and, for a table, line and column.
    """
    opened = Opened(*paths)
    if opened.is_table:
        return _examples_of_table(opened, label_column, inputs)
    if label_column is not None:
        raise ValueError(f"label_column is for tables; {printable(opened.name)} is not one")
    arrays = opened.arrays(inputs)
    if inputs is not None and arrays.inputs.shape[1] != inputs:
        raise ValueError(
            f"path: {printable(opened.name)} must have {inputs} inputs per example, "
            f"got {arrays.inputs.shape[1]}"
        )
    return examples_of_arrays(arrays)


def _examples_of_table(
    opened: Opened, label_column: str | int | None, inputs: int | None
) -> Examples:
    with reading(Path(opened.name), "table"):
        frames = opened.frames(ReadingOptions())
        label = label_place(frames, label_column, inputs)
        if label is None:
            table = read_table(frames, all_roles(frames, None), drop_empty=False)
            columns = learn_columns(table)
            read = Examples(columns.encode(table), None, [], columns)
            told = [*frames.warnings, *odd_columns(table)]
            choices = frames.notes
        else:
            labelled = labelled_frames(frames, label, label_column is not None)
            read = labelled.examples(labelled.learn())
            told, choices = labelled.warnings, labelled.targets.notes
        # Which column the labels are, and whether they are classes, is not only a note here.
        told += [note for note in choices if _CHOICE.search(note)]
    if inputs is not None and read.inputs.shape[1] != inputs:
        raise ValueError(
            f"path: {printable(opened.name)} must have {inputs} inputs per example, "
            f"got {read.inputs.shape[1]}"
        )
    for line in told:
        option = _OPTION.search(line)
        advice = f"; read_labelled_table has {option[0]}" if option else ""
        warnings.warn(line + advice, stacklevel=3)
    return read


def read_labelled_table(
    path: str | os.PathLike[str] | pandas.DataFrame,
    *,
    label_column: str | int | None = None,
    ignore_columns: Sequence[str | int] = (),
    categories: Sequence[str | int] = (),
    weight_column: str | int | None = None,
    task: str | None = None,
    drop_missing: bool = False,
    encoding: str | None = None,
    header: bool | None = None,
) -> LabelledTable:
    """Read a table with labels, to be split before anything is learnt from it.

    Parameters
    ----------
    path : str, path-like or DataFrame
        A table as for `read_examples`; "-" is standard input.
    label_column, weight_column : str or int, optional
        Columns by name or place; see `read_examples`. Weights are of at least 0.
    ignore_columns, categories : sequence of str or int, optional
        Columns to leave out, and columns of numbers whose values are categories.
    task : str, optional
        "classification" or "regression"; by default what the labels look like: those with
        fractions, and very many whole numbers, are measured. Whole numbers in a column that is
        called class, classes, label or labels are classes, unless `label_column` names it.
    drop_missing : bool, optional
        Leave rows without a label out; by default they are refused.
    encoding : str, optional
        Of text; found out by default.
    header : bool, optional
        Whether the first row is one; found out by default.

    Returns
    -------
    LabelledTable
        Its `warnings` say what may be read wrongly, `describe` also what was guessed.

    Raises
    ------
    ImportError, OSError, TypeError, ValueError
        As `read_examples`; also if labels are missing, or do not go with `task`.

    Examples
    --------
    >>> import fastnn, pandas
    >>> kinds = ["cat", "cat", "cow", "cow"]
    >>> frame = pandas.DataFrame({"size": [1, 2, 8, 9] * 9, "kind": kinds * 9})
    >>> training, held_out = read_labelled_table(frame).split(0.25, seed=1)
    >>> columns = training.learn()
    >>> net = fastnn.Network([columns.total, 5, 2], seed=1)
    >>> examples = training.examples(columns)
    >>> net.columns, net.labels = columns, training.classes
    >>> net.scaling = columns.scaling(examples.inputs)
    >>> history = net.SGD(examples.dataset(net.scaling), 30, 5, 1.0, verbose=False, seed=1)
    >>> net.predict(pandas.DataFrame({"size": [1, 9]})).tolist()
    ['cat', 'cow']
    """
    if task is not None and task not in TASKS:
        raise ValueError(f"task must be one of {', '.join(TASKS)}, got {describe(task)}")
    opened = Opened(path)
    if not opened.is_table:
        raise ValueError(f"path: {printable(opened.name)} is no table; see read_examples")
    return labelled_table(
        opened,
        ReadingOptions(encoding, header),
        label_column,
        task=task,
        drop_missing=drop_missing,
        weight=weight_column,
        ignored=ignore_columns,
        categories=categories,
    )


def evaluate(
    network: Model,
    *paths: str | os.PathLike[str] | pandas.DataFrame,
    label_column: str | int | None = None,
) -> Report:
    """Compare what a network says of labelled examples with their labels.

    Parameters
    ----------
    network : Network
        If it has `columns`, those of a table are found by their names.
    *paths : str, path-like or DataFrame
        As for `read_examples`. Of a folder or an ``.npz`` with a part to train on and one to test
        with, the latter is taken.
    label_column : str or int, optional
        The column of labels, where it is called otherwise than in training.

    Returns
    -------
    ClassReport or NumberReport
        Accuracy beside that of the largest class, each class's precision, recall and F1, and the
        confusion matrix; or, for a regression, RMSE, MAE and R2 in the units of the targets.

    Raises
    ------
    ImportError, OSError, TypeError, ValueError
        As `read_examples`; also if there are no labels, or some are missing.
    """
    file = file_for(network, Opened(*paths), label_column)
    report = evaluate_file(network, file)
    unknown = report.lines("")[2:]  # labels that the network does not know
    for warning in (*file.warnings, *file.unknown, *unknown):
        warnings.warn(warning, stacklevel=2)
    return report


def file_for(
    network: Model,
    opened: Opened,
    label_column: str | int | None = None,
    options: ReadingOptions | None = None,
) -> FileForNetwork:
    """Open a file whose examples a network is to answer; see `evaluate`."""
    if options is not None:
        opened.refuse_options(options)
    return FileForNetwork(
        opened,
        network.columns,
        network.sizes[0],
        label_column,
        options,
        classes=_classes_of(network),
        scaled=network.scaling is not None,
        measured=is_regression(network),
    )


def evaluate_file(network: Model, file: FileForNetwork) -> Report:
    """Compare answers with labels; see `evaluate`."""
    drop_missing = network.columns is not None and network.columns.drop_missing
    blocks = file.labelled_blocks(drop_missing)
    first = next(blocks, None)
    if first is None:
        raise without_labels(file)
    return evaluate_blocks(network, itertools.chain((first,), blocks))


def without_labels(file: FileForNetwork) -> ValueError:
    """Return the error of a file that has been read, and has no labels to compare with."""
    notes = "".join(f"; {note}" for note in file.notes)
    return ValueError(f"{printable(file.name)} must have labels to compare with, got none{notes}")


def evaluate_blocks(network: Model, blocks: Iterable[Block]) -> Report:
    """Compare answers with the labels that all examples of the blocks, one at least, have."""
    labels: list[Any] = []
    answers = []
    for block in blocks:
        labels.append(block.labels)
        answers.append(answers_of(network, block.inputs))
    return score(network, labels, answers)


def answers_of(network: Model, inputs: Any) -> NDArray[Any]:
    """Return the label of each example, also where `predict` gives the values of identity outputs.

    A regression's are its numbers.
    """
    if network.labels is None and network.sizes[-1] > 1:
        largest: NDArray[Any] = np.argmax(network.outputs(inputs), axis=1)
        return largest
    return network.predict(inputs)


def score(
    network: Model, label_parts: Sequence[NDArray[Any]], answer_parts: Sequence[NDArray[Any]]
) -> Report:
    """Compare the labels of parts of some examples with the answers that a network has given.

    Where labels are text in one part and numbers in another, all are text: a part of a table whose
    labels are mixed may hold only numbers.
    """
    if len({part.dtype.kind == "U" for part in label_parts}) > 1:
        label_parts = [part.astype(np.str_) for part in label_parts]
    labels, answers = np.concatenate(label_parts), np.concatenate(answer_parts)
    if is_regression(network):
        if labels.dtype.kind not in "if":
            raise ValueError("the labels must be numbers, as the network gives numbers, got text")
        return score_numbers(labels.astype(np.float64), answers.astype(np.float64))
    return score_classes(labels, answers, _classes_of(network))


def _classes_of(network: Model) -> list[Any]:
    return network.labels or list(range(max(network.sizes[-1], 2)))


def is_regression(network: Model) -> bool:
    """Say whether a network gives a number, and not a class."""
    single = network.labels is None and network.sizes[-1] == 1
    return single and tells_numbers(architecture_of(network).activations[-1])
