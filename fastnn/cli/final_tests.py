"""The examples that a network is tested with in the end."""

from __future__ import annotations

import argparse

import numpy as np

from fastnn.cli.table_options import reading_options
from fastnn.cli.wording import told_of
from fastnn.common.checks import printable
from fastnn.datasets.applying import Block, FileForNetwork
from fastnn.datasets.examples import Examples
from fastnn.datasets.files.array_files import StoredExamples
from fastnn.datasets.opening import Opened
from fastnn.own_data import without_labels


def test_blocks(
    options: argparse.Namespace,
    opened: Opened,
    arrays: StoredExamples | None,
    training: Examples,
    told: list[str],
) -> list[Block]:
    """Read the examples to test with in the end, if there are any."""
    paths = getattr(options, "test_data", opened.test)
    if not paths:
        if arrays is None or arrays.test is None:
            return []
        return _checked_test(
            [Block(*arrays.test, np.ones(len(arrays.test[1]), bool))], training, told
        )
    given = Opened(*paths)
    file = FileForNetwork(
        given,
        training.columns,
        training.inputs.shape[1],
        None if training.columns is not None else getattr(options, "label_column", None),
        reading_options(options)._replace(header=None),
        classes=training.classes,
        scaled=getattr(options, "standardise", opened.is_table),
    )
    name = printable(paths[0])
    if given.to_answer().shares(opened) and (arrays is None or arrays.test is None):
        told.append(f"Warning: {name} is trained on, so that it tells nothing of new examples")
    drop_missing = getattr(options, "drop_missing", False) or (
        training.columns is not None and training.columns.drop_missing
    )
    blocks = list(file.labelled_blocks(drop_missing))
    if "test_data" not in options and not blocks:
        told.append(f"Note: {name} has no labels to test with; fastnn predict answers it")
        return []
    told += told_of(file, f"{name}: ")
    if not blocks:
        raise without_labels(file)
    return _checked_test(blocks, training, told)


def _checked_test(blocks: list[Block], training: Examples, told: list[str]) -> list[Block]:
    """Warn of classes that training data lack."""
    known = {str(each) for each in training.classes}
    labels = [block.labels for block in blocks if block.labels is not None]
    found = {str(label) for part in labels for label in np.unique(part).tolist()}
    unknown = sorted(found - known)
    if known and unknown:
        shown = ", ".join(map(repr, unknown[:5])) + (", ..." if len(unknown) > 5 else "")
        told.append(
            f"Warning: the test data have classes that the training data lack: {printable(shown)}"
        )
    return blocks
