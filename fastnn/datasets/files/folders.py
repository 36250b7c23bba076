"""Which files of a folder hold the training data, and which the test data."""

from __future__ import annotations

import re
from pathlib import Path

from fastnn.common.checks import printable
from fastnn.datasets.files.text_files import is_no_data

_TRAINING = re.compile(r"(^|[^a-z])(train|training)([^a-z]|$)")
_TEST = re.compile(r"(^|[^a-z])(test|t10k)([^a-z]|$)")
_OTHER_PARTS = re.compile(r"(^|[^a-z])(valid|validation|val|dev|unlabell?ed)([^a-z]|$)")
_LABELS = re.compile(r"label|target|(^|[^a-z])y([^a-z]|$)")
_ONLY_LABELS = re.compile(r"(^|[^a-z])(labels?|targets?|y)([^a-z]|$)")


def files_of_folder(folder: Path) -> tuple[list[Path], list[Path], list[str]]:
    """Find what a folder has to train on, and to test with if it has that: a file or two each.

    The third list has notes: of a guess, and of what might be data, too, but is neither.
    Raises ValueError if it is not clear which files they are.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name[0] != ".")
    files = [path for path in files if not is_no_data(path.name)]
    training = [path for path in files if _TRAINING.search(path.name.lower())]
    test = [path for path in files if _TEST.search(path.name.lower())]
    guessed = not training
    if guessed:
        training = [path for path in files if path not in test]
        names = [path.name.lower() for path in training]
        if any(map(_OTHER_PARTS.search, names)) or all(map(_ONLY_LABELS.search, names)):
            training = []
    chosen = []
    for what, paths in (("to train on", training), ("to test with", test)):
        labels = [path for path in paths if _LABELS.search(path.name.lower())]
        inputs = [path for path in paths if path not in labels]
        if len(paths) == 2 and len(labels) == len(inputs) == 1:
            paths = [*inputs, *labels]
        elif len(paths) > 1 or (what == "to train on" and not paths):
            shown = ", ".join(printable(path.name) for path in paths[:6]) or "none"
            raise ValueError(
                f"path: {printable(folder)} must hold one file {what}, or one of inputs and one of "
                f"labels, got {shown}; name the files"
            )
        chosen.append(paths)
    notes = []
    if guessed and test:
        shown = " and ".join(printable(path.name) for path in chosen[0])
        notes.append(f"the data to train on are {shown}: only the test data are called so")
    left = [path for path in files if path not in chosen[0] + chosen[1]]
    if left:
        shown = ", ".join(printable(path.name) for path in left[:6])
        notes.append(f"not used in {printable(folder)}: {shown}" + ", ..." * (len(left) > 6))
    return chosen[0], chosen[1], notes
