"""The data of a run that is gone on with: all that is known of them is in its checkpoint."""

from __future__ import annotations

import argparse
import codecs
from pathlib import Path
from typing import Any

import numpy as np

from fastnn.cli.data import TrainingTask, refuse_table_options
from fastnn.cli.final_tests import test_blocks
from fastnn.cli.options import network_arguments
from fastnn.cli.table_options import reading_options
from fastnn.common.checks import describe, printable
from fastnn.common.reading import reading
from fastnn.datasets.dataset import Dataset
from fastnn.datasets.digests import example_digests
from fastnn.datasets.examples import Examples
from fastnn.datasets.files.array_files import StoredExamples
from fastnn.datasets.opening import Opened, examples_of_arrays
from fastnn.datasets.splitting import split_rows
from fastnn.datasets.tables.columns import Columns
from fastnn.datasets.tables.frames import ReadingOptions
from fastnn.datasets.tables.later_columns import roles_of
from fastnn.datasets.tables.roles import find_column
from fastnn.datasets.tables.table import read_table
from fastnn.datasets.tables.targets import (
    label_array,
    measured_labels,
    text_array,
    without_missing_targets,
)
from fastnn.model.saving import names_of
from fastnn.training.options import OPTIONS, RENEWABLE
from fastnn.training.stored_runs import Checkpoint


def resumed_task(options: argparse.Namespace, stored: Checkpoint) -> TrainingTask:
    """Read the data of the stored run, and part them as they were.

    Raises ValueError if an option is given that is not the stored run's, or data are others.
    """
    opened = Opened(*options.data)  # once only: a pipe is empty then
    check_same_options(options, stored, opened)
    network = stored.network
    regression = network.columns is not None and network.columns.task == "regression"
    arrays = None
    if not opened.is_table:
        refuse_table_options(options, opened)
        arrays = opened.arrays(measured=regression)
    examples = _examples(options, stored, opened, arrays)
    if network.scaling is not None:
        examples = Examples(
            network.scaling.apply(examples.inputs),
            examples.labels,
            examples.classes,
            examples.columns,
        )
    outputs = network.architecture.sizes[-1]
    digests = example_digests(examples.dataset(None, outputs))
    held_out = stored.digests.get("evaluation_data")
    rows = np.zeros(0, np.int64) if held_out is None else _rows_of(digests, held_out)
    rest = np.setdiff1d(np.arange(len(digests)), rows)
    if (
        len(rest) != len(stored.digests["training_data"])
        or (np.sort(digests[rest]) != np.sort(stored.digests["training_data"])).any()
    ):
        raise _other_data(options, stored, len(digests))
    if len(rows):
        _check_seed(options, examples, digests, np.sort(digests[rows]), len(rows))
    evaluation = _part(examples, rows, outputs) if len(rows) else None
    told: list[str] = []
    test = test_blocks(options, opened, arrays, examples, told)
    return TrainingTask(
        _part(examples, rest, outputs),
        evaluation,
        test,
        network.architecture.sizes,
        network.labels,
        network.scaling,
        network.columns,
        own=True,
        told=tuple(told),
    )


def speed_data_of(stored: Checkpoint, training: Dataset) -> Dataset | None:
    """Return the training examples on which the stored run measured speeds; None if on none."""
    wanted = stored.digests.get("speed_data")
    if wanted is None:
        return None
    chosen = training[:]
    rows = _rows_of(example_digests(training), wanted)
    others = np.setdiff1d(np.arange(len(training)), rows)
    chosen.reorder(np.concatenate([rows, others]))
    return chosen[: len(rows)]


def _part(examples: Examples, rows: Any, outputs: int) -> Dataset:
    assert examples.labels is not None
    part = Examples(
        examples.inputs[rows], examples.labels[rows], examples.classes, examples.columns
    )
    return part.dataset(None, outputs)


def _examples(
    options: argparse.Namespace, stored: Checkpoint, opened: Opened, arrays: StoredExamples | None
) -> Examples:
    columns, outputs = stored.network.columns, stored.network.architecture.sizes[-1]
    classes = stored.network.labels or list(range(max(outputs, 2)))
    if arrays is not None:
        regression = columns is not None and columns.task == "regression"
        if arrays.labels is None:
            raise ValueError(f"--data must have labels, {printable(opened.name)} has none")
        examples = examples_of_arrays(arrays, "regression" if regression else None)
        return Examples(examples.inputs, examples.labels, [] if regression else classes, columns)
    if columns is None:
        raise ValueError(
            f"--data: the stored run was not trained on a table: {printable(opened.name)}"
        )
    reader = columns.reading(reading_options(options))
    with reading(Path(opened.name), "table"):
        frames = opened.frames(reader)
        roles = roles_of(columns, frames, None)
        table = without_missing_targets(read_table(frames, roles), columns.task)
        table = table.with_labels(columns.drop_missing)
        texts = table.labels()
        if columns.task == "regression":
            labels = measured_labels(table, texts, columns.unit)
            classes = []
        elif isinstance(classes[0], str):
            labels = text_array(texts)
        else:
            labels = label_array(texts, frames.decimal)
        unknown = set(np.unique(labels).tolist()) - set(classes)
        if classes and unknown:
            raise ValueError(
                f"the labels {describe(sorted(map(str, unknown)))} are not those of the stored run"
            )
        return Examples(columns.encode(table), labels, classes, columns)


def _rows_of(digests: Any, wanted: Any) -> Any:
    """Return a row for each of the wanted digests; of equal ones, any."""
    order = np.argsort(digests, kind="stable")
    wanted = np.sort(wanted)
    first = np.searchsorted(digests[order], wanted)
    repeats = np.arange(len(wanted)) - np.searchsorted(wanted, wanted)
    places = first + repeats
    found = places < len(order)
    return order[places[found]]


def _other_data(options: argparse.Namespace, stored: Checkpoint, found: int) -> ValueError:
    wanted = sum(len(stored.digests.get(f"{name}_data", ())) for name in ("training", "evaluation"))
    return ValueError(
        f"--data must be that of the stored run ({wanted} examples), got {found} examples, or "
        f"others, in {printable(options.data[0])}"
    )


def _check_seed(
    options: argparse.Namespace, examples: Examples, digests: Any, held_out: Any, count: int
) -> None:
    """Raise ValueError if a seed, or a part to hold out, is given that held out other examples."""
    n = len(digests)
    if "held_out" in options and min(max(round(options.held_out * n), 1), n - 1) != count:
        raise ValueError(f"--held-out {options.held_out}: the stored run held out {count} of {n}")
    if "seed" in options:
        labels = examples.labels if examples.classes else None
        _, rows = split_rows(n, count / n, options.seed, labels)
        if len(rows) != count or (np.sort(digests[rows]) != held_out).any():
            raise ValueError(
                f"--seed {options.seed}: the stored run had another, or other data; leave it out"
            )


def check_same_options(
    options: argparse.Namespace, stored: Checkpoint, opened: Opened | None = None
) -> None:
    """Raise ValueError if an option is given whose value is not that of the stored run.

    `opened` are the user's own data, if the run has some.
    """
    for name in OPTIONS:
        if name in options and OPTIONS[name].flags and name not in RENEWABLE:
            given, kept = getattr(options, name), getattr(stored.options, name)
            if name in ("dropout", "frozen_layers"):
                given = tuple(given) if isinstance(given, list) else given
                given = (given,) * len(kept) if isinstance(given, float) and kept else given or ()
            _compare(name, given, kept)
    architecture = stored.network.architecture
    if "sizes" in options:
        _compare("sizes", options.sizes, list(architecture.sizes))
    if "dtype" in options:
        _compare("dtype", options.dtype, str(architecture.dtype))
    cost, activations = names_of(architecture)
    if "cost" in options:
        _compare("cost", network_arguments(options)["cost"].__name__, cost)
    if "activation" in options:
        given = options.activation
        given = given if isinstance(given, list) else [given] * (len(activations) - 1)
        _compare("activation", given, activations[:-1])
    if "output" in options:
        _compare("output", options.output, activations[-1])
    if "initializer" in options:
        raise ValueError("--initializer: the stored run has its weights already; leave it out")
    if "standardise" in options:
        _compare("standardise", options.standardise, stored.network.scaling is not None)
    if "class_weight" in options and stored.sample_weight is None:
        raise ValueError("--class-weight balanced: the stored run had no weights")
    if "test_data" in options:
        raise ValueError("--test-data: use fastnn evaluate with the network that --save has kept")
    if opened is not None:
        _check_columns(options, stored, opened)


def _check_columns(options: argparse.Namespace, stored: Checkpoint, opened: Opened) -> None:
    columns = stored.network.columns
    if columns is None:
        return
    _check_reading(options, columns, opened)
    if "task" in options:
        _compare("task", options.task, columns.task)
    if "drop_missing" in options:
        _compare("drop_missing", options.drop_missing, columns.drop_missing)
    categories = [column.name for column in columns.inputs if column.values is not None]
    given = {
        "label_column": ([columns.label], columns.label),
        "weight_column": ([columns.weight], columns.weight),
        "ignore_columns": (columns.ignored, columns.ignored),
        "categories": (categories, categories),
    }
    frames = None
    for name, (known, kept) in given.items():
        if name not in options:
            continue
        if frames is None:
            frames = opened.frames(columns.reading(reading_options(options)))
        wanted = getattr(options, name)
        for column in wanted if isinstance(wanted, list) else [wanted]:
            place = find_column(frames, name, column)
            if frames.name(place) not in known:
                raise ValueError(
                    f"--{name.replace('_', '-')} {column}: the stored run had {describe(kept)}"
                )


def _check_reading(options: argparse.Namespace, columns: Columns, opened: Opened) -> None:
    """Raise ValueError if the table is to be read in another way than by the stored run."""
    if "header" in options:
        kept = columns.named if columns.header is None else columns.header
        if options.header != kept:
            raise ValueError(
                f"--{'' if options.header else 'no-'}header: the stored run had "
                f"{'a' if kept else 'no'} header; leave it out"
            )
    if "encoding" in options:
        kept_encoding = columns.encoding
        if not kept_encoding:  # the stored run found it out
            kept_encoding = opened.frames(ReadingOptions()).encoding
        if _codec(options.encoding) != _codec(kept_encoding):
            _compare("encoding", options.encoding, kept_encoding)


def _codec(encoding: str) -> str:
    """Return Python's name of an encoding; a mark at the beginning makes no difference."""
    try:
        return codecs.lookup(encoding).name.removesuffix("-sig")
    except LookupError:
        return encoding


def _compare(name: str, given: Any, kept: Any) -> None:
    if given != kept:
        shown = given if isinstance(given, str) else describe(given)
        raise ValueError(
            f"--{name.replace('_', '-')} {shown}: the stored run had {describe(kept)}; leave it out"
        )
