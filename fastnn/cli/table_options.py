"""The options that say how a user's own data are to be read."""

from __future__ import annotations

import argparse
from typing import Any

from fastnn.datasets.tables.frames import ReadingOptions
from fastnn.datasets.tables.targets import TASKS

KINDS = (
    "a table (CSV of any separator and encoding, plain or packed, Parquet, Excel, ARFF), an npz "
    "with arrays x and y, two npy or IDX files, svmlight's rows, or a folder of these; - is "
    "standard input"
)

# What is for own data only, as `options` has it.
ONLY_WITH_DATA = (
    *("test_data", "held_out", "standardise", "label_column", "ignore_columns", "categories"),
    *("task", "class_weight", "weight_column", "drop_missing", "encoding", "header"),
)


def add_label_column(parser: Any) -> None:
    """Add the option that says which column of a table holds labels."""
    parser.add_argument(
        "--label-column",
        metavar="NAME|INDEX",
        default=argparse.SUPPRESS,
        help="column of labels in a table: its name in the header, or its place from 0, or from "
        "the end with -1 for the last (default: the one called label, class, target or y, else the "
        "last)",
    )


def add_reading_options(parser: Any) -> None:
    """Add the options about a table's text."""
    parser.add_argument(
        "--encoding",
        default=argparse.SUPPRESS,
        help="of a table's text (default: found out)",
    )
    parser.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        default=argparse.SUPPRESS,
        help="whether the first row of a table names its columns (default: found out)",
    )


def reading_options(options: argparse.Namespace) -> ReadingOptions:
    """Return what `add_reading_options` has offered."""
    return ReadingOptions(getattr(options, "encoding", None), getattr(options, "header", None))


def add_column_options(group: Any) -> None:
    """Add the options that say what columns are for."""
    add_label_column(group)
    group.add_argument(
        "--ignore-columns",
        nargs="+",
        metavar="COLUMN",
        default=argparse.SUPPRESS,
        help="columns to leave out, such as ids, by name or place",
    )
    group.add_argument(
        "--categories",
        nargs="+",
        metavar="COLUMN",
        default=argparse.SUPPRESS,
        help="columns of numbers whose values are categories, as text always is",
    )
    group.add_argument(
        "--weight-column",
        metavar="COLUMN",
        default=argparse.SUPPRESS,
        help="column with a weight for each example",
    )
    group.add_argument(
        "--drop-missing",
        action="store_true",
        default=argparse.SUPPRESS,
        help="leave out rows without a label, which are refused by default",
    )
    add_reading_options(group)


def add_learning_options(group: Any) -> None:
    """Add the options that say what is to be learnt, and how inputs are put to it."""
    group.add_argument(
        "--task",
        choices=TASKS,
        default=argparse.SUPPRESS,
        help="what labels are: classes, or numbers to estimate (default: what they look like)",
    )
    group.add_argument(
        "--standardise",
        action=argparse.BooleanOptionalAction,
        default=argparse.SUPPRESS,
        help="give each input zero mean and unit variance over the examples trained on (default: "
        "for numbers of tables)",
    )
    group.add_argument(
        "--class-weight",
        choices=("balanced",),
        default=argparse.SUPPRESS,
        help="give all classes the same weight in training, however rare they are",
    )
