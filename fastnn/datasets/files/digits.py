"""Read digit data from the usual files: the book's pickle, IDX folders and npz.

Files may come from anywhere, so nothing in them is executed, and no header alone decides how much
memory is filled. Whatever is wrong raises one ``ValueError`` that names the path.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fastnn.common.checks import printable
from fastnn.common.reading import MAX_UNPACKED_BYTES, NPZ_START, gunzip, open_npz, read_idx, reading
from fastnn.common.threads import map_in_threads
from fastnn.datasets.files.array_pickles import read_array_pairs

LabelledImages: TypeAlias = tuple[NDArray[Any], NDArray[np.int64]]  # (n, pixels) and (n,)
DigitData: TypeAlias = tuple[LabelledImages, LabelledImages, LabelledImages]

SPLIT_NAMES = ("training", "validation", "test")
NUM_CLASSES = 10

_IDX_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
_MAX_PICKLE_BYTES = 1 << 30  # the book's pickle unpacks to 220 MB


def read_splits(path: str | os.PathLike[str]) -> DigitData:
    """Read training, validation and test data from any of the known files.

    The first bytes of a file tell its kind, not its name. A folder must hold IDX files.

    Parameters
    ----------
    path : str or path-like
        A gzipped pickle laid out as the book's ``mnist.pkl.gz``, an ``.npz`` or a folder of the
        four IDX files.

    Returns
    -------
    tuple of three (images, labels) pairs
        Training, validation and test. Images are ``(n, pixels)``: uint8 ``k`` for the grey value
        ``k/256``, or float32 or float64 as stored. Labels are ``(n,)`` int64, 0 to 9.

    Raises
    ------
    TypeError
        If `path` is neither a string nor path-like.
    FileNotFoundError
        If nothing is there, or the folder lacks one of the four files.
    ValueError
        If the file is of another kind, is damaged or holds other data.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path must be a string or path-like, got {type(path).__name__}")
    path = Path(path)
    if path.is_dir():
        return read_idx_folder(path)
    if not path.exists():
        raise FileNotFoundError(f"path: no such file or folder: {printable(path)}")
    with path.open("rb") as stream:
        start = stream.read(4)
    if start.startswith(b"\x1f\x8b"):
        return read_pickle(path)
    if start == NPZ_START:
        return read_npz(path)
    raise ValueError(
        f"path: {printable(path)} is none of the known files: it starts with {start!r}; expected a "
        "gzipped pickle (mnist.pkl.gz), an .npz or a folder of IDX files"
    )


def read_npz(path: Path) -> DigitData:
    """Read the arrays ``{training,validation,test}_{images,labels}`` of an ``.npz`` file.

    Parameters and result are those of `read_splits`. Pickled objects are refused.
    """
    names = [f"{split}_{what}" for split in SPLIT_NAMES for what in ("images", "labels")]
    with open_npz(path) as file:
        archive = file.zip
        assert archive is not None  # it is while the file is open
        members = {member.removesuffix(".npy"): member for member in archive.namelist()}
        missing = [name for name in names if name not in members]
        if missing:
            held = ", ".join(list(members)[:6]) or "nothing"
            raise ValueError(f"it lacks {', '.join(missing)}; it holds {held}")
        # Opened before any is read: some Pythons from 3.12 on, 3.13.0 among them, look for a member
        # in the wrong place while another thread reads. Unpacking does not hold Python's lock.
        streams = [archive.open(members[name]) for name in names]
        arrays = map_in_threads(np.lib.format.read_array, streams)
        return _checked(list(zip(arrays[::2], arrays[1::2], strict=True)))


def read_pickle(path: Path) -> DigitData:
    """Read a gzipped pickle of three ``(images, labels)`` pairs of arrays.

    Parameters and result are those of `read_splits`. Pickles of Python 2 and 3 are read, of any
    protocol. A pickle that names anything but the parts of NumPy arrays is refused.
    """
    with reading(path, "gzipped pickle of NumPy arrays"):
        pairs = read_array_pairs(gunzip(path, _MAX_PICKLE_BYTES))
        return _checked(pairs)


def read_idx_folder(folder: Path) -> DigitData:
    """Read the four IDX files of MNIST or Fashion-MNIST, plain or gzipped, from a folder.

    Parameters and result are those of `read_splits`. The last 10,000 training examples become the
    validation data; if there are fewer than 60,000, the last sixth does.
    """
    images, labels, test_images, test_labels = (
        read_idx(_find_idx(folder, name), 3 if "idx3" in name else 1) for name in _IDX_FILES
    )
    with reading(folder, "folder of IDX files"):
        count = len(images)
        if count != len(labels):
            raise ValueError(f"it has {count} training images but {len(labels)} labels")
        cut = count - (10_000 if count >= 60_000 else count // 6)
        training, validation = (images[:cut], labels[:cut]), (images[cut:], labels[cut:])
        return _checked([training, validation, (test_images, test_labels)])


def _checked(pairs: list[tuple[NDArray[Any], NDArray[Any]]]) -> DigitData:
    """Check that this is digit data; return native C-ordered images and int64 labels."""
    if len(pairs) != len(SPLIT_NAMES):
        raise ValueError(f"expected {len(SPLIT_NAMES)} pairs of arrays, got {len(pairs)}")
    training, validation, test = (
        _checked_images(name, images, labels)
        for name, (images, labels) in zip(SPLIT_NAMES, pairs, strict=True)
    )
    widths = [images.shape[1] for images, _ in (training, validation, test)]
    if len(set(widths)) != 1:
        raise ValueError(f"training, validation and test images differ in pixels: {widths}")
    return training, validation, test


def _checked_images(name: str, images: NDArray[Any], labels: NDArray[Any]) -> LabelledImages:
    # Views of a file's bytes are read-only; callers get arrays that they can write to.
    images = np.require(images, images.dtype.newbyteorder("="), ["C", "W"])
    if images.ndim != 2 or images.dtype not in (np.uint8, np.float32, np.float64):
        raise ValueError(
            f"{name} images must be (n, pixels) of uint8, float32 or float64, "
            f"got {images.shape} of {images.dtype}"
        )
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise ValueError(
            f"{name} labels must be (n,) integers, got {labels.shape} of {labels.dtype}"
        )
    if len(images) != len(labels) or images.size == 0:
        raise ValueError(
            f"{name} data must have as many images as labels and at least one, "
            f"got {images.shape} and {labels.shape}"
        )
    if 8 * len(labels) > MAX_UNPACKED_BYTES:
        raise ValueError(
            f"{name} data must have at most {MAX_UNPACKED_BYTES // 8} labels, got {len(labels)}"
        )
    if labels.min() < 0 or labels.max() >= NUM_CLASSES:
        raise ValueError(
            f"{name} labels must be 0 to {NUM_CLASSES - 1}, got {labels.min()} to {labels.max()}"
        )
    return images, labels.astype(np.int64)


def _find_idx(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"path: {printable(folder)} has neither {name} nor {name}.gz; expected "
        f"{', '.join(_IDX_FILES)}"
    )
