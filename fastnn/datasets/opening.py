"""Files of examples: told apart, opened, and read whole."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fastnn.common.checks import describe, printable
from fastnn.common.reading import reading
from fastnn.datasets.examples import Examples
from fastnn.datasets.files.array_files import (
    StoredExamples,
    read_idx_files,
    read_npy,
    read_npz,
)
from fastnn.datasets.files.cells import is_number
from fastnn.datasets.files.folders import files_of_folder
from fastnn.datasets.files.kinds import kind_of
from fastnn.datasets.files.svmlight import read_svmlight
from fastnn.datasets.files.text_files import Source
from fastnn.datasets.labelled_table import LabelledTable
from fastnn.datasets.labels import as_labels, distinct
from fastnn.datasets.tables.frames import Frames, ReadingOptions
from fastnn.datasets.tables.roles import all_roles, index_places, label_place
from fastnn.datasets.tables.table import read_table
from fastnn.datasets.tables.targets import (
    LARGEST_TARGET,
    find_targets,
    without_missing_targets,
)
from fastnn.datasets.tables.units import refuse_mixed_units
from fastnn.datasets.tables.useless_columns import (
    warn_of_second_header,
    warn_of_totals,
    without_useless,
)
from fastnn.datasets.tables.whole_frames import WholeFrames, frames_of_file

_SEPARATOR = re.compile(r"[,;|\t]|(?<![,;|\t]) +(?![,;|\t])")
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}
_TABLES = ("text", "parquet", "excel", "arff")


class Opened:
    """Files of examples that were looked at, but not read yet.

    Attributes
    ----------
    name : str
        What to call them in messages.
    kind : str
        See `fastnn.datasets.files.kinds`; "frame" for a DataFrame.
    test : list of Path
        The files of test data, where a folder has some.
    notes : list of str
        Which files of a folder are left out, or taken for its training or test data.
    """

    def __init__(self, *paths: Any) -> None:
        if len(paths) not in (1, 2):
            raise ValueError(f"paths must be one file, or inputs and labels, got {len(paths)}")
        self.test: list[Path] = []
        self.notes: list[str] = []
        self._frame = None
        if hasattr(paths[0], "iloc") and paths[0].ndim == 2 and len(paths) == 1:
            self.name, self.kind, self._frame = "the DataFrame", "frame", paths[0]
            return
        for path in paths:
            if hasattr(path, "iloc"):
                kind = type(path).__name__
                raise TypeError(f"path must be a string, path-like or one DataFrame, got a {kind}")
            if not isinstance(path, (str, os.PathLike)):
                raise TypeError(
                    f"path must be a string, path-like or a DataFrame, got {describe(path)}"
                )
        if len(paths) == 1 and os.path.isdir(paths[0]):
            files, self.test, self.notes = files_of_folder(Path(paths[0]))
            paths = tuple(files)
        self._sources = [Source(path) for path in paths]
        kinds = [kind_of(source) for source in self._sources]
        self.name, self.kind = self._sources[0].name, kinds[0]
        if len(paths) == 2 and (kinds[0] != kinds[1] or kinds[0] not in ("idx", "npy")):
            advice = _advice_for_two(*self._sources) if kinds == ["text"] * 2 else ""
            raise ValueError(
                "paths must be two IDX files or two npy files, inputs and labels, or one file with "
                f"both; got {printable(self._sources[0].name)} and "
                f"{printable(self._sources[1].name)}{advice}"
            )

    @property
    def is_table(self) -> bool:
        """Whether they are a table: with columns that may have names."""
        return self.kind == "frame" or self.kind in _TABLES

    def refuse_options(self, options: ReadingOptions) -> None:
        """Raise ValueError if a user gives options that files of this kind do not have."""
        for name, what, kinds in (
            ("encoding", "tables in text and ARFF", ("text", "arff")),
            ("header", "tables in text and Excel", ("text", "excel")),
        ):
            if getattr(options, name) is not None and self.kind not in kinds:
                raise ValueError(f"{name}= is for {what}; {printable(self.name)} is neither")

    def shares(self, other: Opened) -> bool:
        """Say whether a file is among those of another set of examples."""
        return any(
            os.path.samefile(mine.path, its.path)
            for mine in self._sources
            for its in other._sources
        )

    def to_answer(self) -> Opened:
        """Return what a trained network is to answer: the test data, where a folder has some."""
        if not self.test:
            return self
        opened = Opened(*self.test)
        opened.notes = [f"the test data are taken: {printable(opened.name)}"]
        opened.notes += self.notes
        return opened

    def frames(self, options: ReadingOptions) -> Frames:
        """Open the table."""
        if self._frame is not None:
            return WholeFrames(self._frame)
        frames = frames_of_file(self._sources[0], self.kind, options)
        frames.notes[:0] = self.notes
        return frames

    def arrays(
        self,
        inputs: int | None = None,
        measured: bool = False,
        from_zero: bool | None = None,
        to_answer: bool = False,
    ) -> StoredExamples:
        """Read what is no table; `measured` allows labels that are no classes.

        `from_zero` says whether the places in svmlight's rows count from 0, and `to_answer` takes
        the test data of an npz that has some.
        """
        read = self._arrays(inputs, measured, from_zero, to_answer)
        return read._replace(notes=(*self.notes, *read.notes))

    def _arrays(
        self, inputs: int | None, measured: bool, from_zero: bool | None, to_answer: bool
    ) -> StoredExamples:
        paths = [source.path for source in self._sources]
        if self.kind == "idx":
            return read_idx_files(paths)
        if self.kind == "npy":
            return read_npy(paths, measured)
        if self.kind == "npz":
            return read_npz(paths[0], measured, to_answer)
        with reading(Path(self.name), "svmlight file"):
            return read_svmlight(self._sources[0], inputs, from_zero)


def _advice_for_two(one: Source, other: Source) -> str:
    """Say how two tables in text are put into one: below or beside each other, as they look."""
    lines = []
    for source in (one, other):
        with source.open() as stream:
            lines.append(stream.readline(1 << 16).decode("latin-1").strip())
    first, second = ([cell.strip("\"' ") for cell in _SEPARATOR.split(line)] for line in lines)
    if len(first) != len(second) or len(first) == 1:
        return "; paste puts the columns of two text files into one"
    below = "the rows of one below those of the other"
    if one.limit is not None or other.limit is not None:
        return f"; unpack them, and put {below}"
    rows = "NR == 1 || FNR > 1" if first == second and not any(map(is_number, first)) else "1"
    names = " ".join(shlex.quote(printable(source.name)) for source in (one, other))
    return f"; awk '{rows}' {names} > both.csv puts {below}"


def examples_of_arrays(arrays: StoredExamples, task: str | None = None) -> Examples:
    """Make examples of arrays: classes, or a regression where that is asked for or labels measured.

    Raises ValueError if labels that have fractions are to be classes, or a number is too large.
    """
    labels = arrays.labels
    if labels is None:
        return Examples(arrays.inputs, None, [])
    if task == "regression" or (task is None and labels.dtype.kind == "f"):
        if labels.dtype.kind not in "if":
            raise ValueError("the labels of a regression must be numbers, got text")
        values = labels.astype(np.float64)
        large = np.abs(values) >= LARGEST_TARGET
        if large.any():
            at = int(np.argmax(large))
            raise ValueError(
                f"the labels of a regression must be below {LARGEST_TARGET:g}, got {labels[at]} in "
                f"example {at}"
            )
        return Examples(arrays.inputs, values, []).with_plain_columns(arrays.from_zero)
    labels = as_labels("labels", labels)
    examples = Examples(arrays.inputs, labels, distinct(labels))
    if arrays.from_zero is None:
        return examples
    return examples.with_plain_columns(arrays.from_zero)


def labelled_table(
    opened: Opened,
    options: ReadingOptions,
    label_column: str | int | None,
    **others: Any,
) -> LabelledTable:
    """Read a table that was opened; see `read_labelled_table`."""
    opened.refuse_options(options)
    with reading(Path(opened.name), "table"):
        frames = opened.frames(options)
        label = label_place(frames, label_column, None)
        assert label is not None
        return labelled_frames(frames, label, label_column is not None, **others)


def labelled_frames(
    frames: Frames,
    label: int,
    named: bool = False,
    task: str | None = None,
    drop_missing: bool = False,
    weight: str | int | None = None,
    ignored: Sequence[str | int] = (),
    categories: Sequence[str | int] = (),
    for_classes: bool = False,
) -> LabelledTable:
    """Read a table that was opened and whose column of labels is known, `named` by the user or not.

    `for_classes` takes whole numbers for classes where no task is given, however many they are.
    Raises ValueError as `read_labelled_table` does.
    """
    if frames.width == 1:
        raise ValueError(
            f"its only column holds the labels; expected inputs as well{_what_parts(frames)}"
        )
    roles = all_roles(frames, label, weight, ignored, categories)
    index = index_places(frames, (roles.label, roles.weight, *roles.categories))
    roles = roles._replace(ignored=[*roles.ignored, *index])
    table = without_missing_targets(read_table(frames, roles), task).with_labels(drop_missing)
    table.weights()  # what is wrong with them is said with the file's name
    first = frames.first()
    warn_of_totals(table, {place: first[place] for place in index})
    advice = "name the column in categories= or ignore_columns="
    for place in table.inputs:
        if place in table.texts and place not in roles.categories:
            refuse_mixed_units(frames, place, first[place].tolist(), range(len(first)), advice)
    table = without_useless(table)  # numbers in several units may look like names
    warn_of_second_header(table)
    return LabelledTable.of(table, find_targets(table, task, named, for_classes), drop_missing)


def _what_parts(frames: Frames) -> str:
    """Say what parts the columns of a text that has but one, or why nothing does."""
    if not frames.is_text:
        return ""
    first = frames.first()
    cells = [] if first is None else [*(frames.names or []), *first[0].dropna()]
    for sign, name in _SEPARATORS.items():
        if cells and all(isinstance(cell, str) and sign in cell for cell in cells):
            return (
                f"; each line stands in quotation marks as a whole, within which {name} part "
                "nothing: take those marks away"
            )
    return "; commas, semicolons, tabs, pipes or blanks part columns"
