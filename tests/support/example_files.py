"""Write a user's examples into CSV, IDX and npz files, also into files that lie."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile

import numpy as np
from digit_files import idx

SPECIES = ["cat", "dog", "horse"]
HEADER = ["height", "weight", "legs", "tail", "species"]


def animals(n=60, inputs=4, seed=1):
    """Return inputs (n, inputs) of three separate clouds, far from 0, and text labels (n,)."""
    rng = np.random.default_rng(seed)
    kinds = np.arange(n) % len(SPECIES)
    centres = 100 + 30.0 * rng.standard_normal((len(SPECIES), inputs))
    return centres[kinds] + rng.standard_normal((n, inputs)), np.array(SPECIES)[kinds]


def save_csv(path, rows, labels=None, header=None, place=None, delimiter=","):
    """Write a table, its labels in the last column or at `place`."""
    lines = [[repr(float(value)) for value in row] for row in rows]
    if labels is not None:
        for line, label in zip(lines, labels, strict=True):
            line.insert(len(line) if place is None else place, str(label))
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *lines] if header else lines)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def save_idx(path, array, zipped=False):
    """Write an IDX file of bytes."""
    content = idx(np.asarray(array, np.uint8))
    path.write_bytes(gzip.compress(content) if zipped else content)
    return path


def npy(array):
    """An array in NumPy's own format."""
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    return content.getvalue()


def npy_that_lies(descr, shape, data=b""):
    """A header that promises an array of that type and shape, followed by other data."""
    content = io.BytesIO()
    header = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(content, header)
    return content.getvalue() + data


def save_members(path, members, compression=zipfile.ZIP_STORED):
    """Write a zip file of `members`, bytes by their names, as npz files are."""
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return path


def assert_examples(examples, rows, labels, classes):
    """Check what `read_examples` has read."""
    assert np.array_equal(examples.inputs, rows)
    assert examples.labels.tolist() == list(labels)
    assert examples.classes == classes
