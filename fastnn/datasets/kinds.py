"""What kind of file it is, told by its first bytes, and which files of a folder go together."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from fastnn.common.checks import printable
from fastnn.common.reading import NPZ_START, is_idx, reading, start_of
from fastnn.datasets.text_files import Source, start_of_packed

_SVMLIGHT = re.compile(r"[-+\w.,]+(\s+qid:\d+)?(\s+\d+:[-+\d.eE]+)+\s*(#.*)?$")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_TRAINING = re.compile(r"(^|[^a-z])(train|training)([^a-z]|$)")
_TEST = re.compile(r"(^|[^a-z])(test|t10k)([^a-z]|$)")
_LABELS = re.compile(r"label|target|(^|[^a-z])y([^a-z]|$)")
_INPUTS = re.compile(r"image|data|feature|input|(^|[^a-z])x([^a-z]|$)")
_LOOKED_AT = 20  # lines


def kind_of(source: Source) -> str:
    """Return "npz", "npy", "idx", "parquet", "excel", "arff", "svmlight" or "text".

    Raises ValueError for a file that is known to be something else.
    """
    start = start_of_packed(source.path)
    if start.startswith(NPZ_START):
        return _zip_kind(source)
    if start.startswith(b"\x93NUMPY"):
        return "npy"
    if start.startswith(b"PAR1"):
        return "parquet"
    if is_idx(start_of(source.path)):
        return "idx"
    if start.startswith(_OLD_EXCEL):
        raise ValueError(
            f"path: {printable(source.name)} is in Excel's old format; save it as .xlsx or CSV"
        )
    if start.startswith(b"\x89HDF"):
        raise ValueError(f"path: {printable(source.name)} is HDF5; save it as npz, Parquet or CSV")
    with reading(Path(source.name), "table"):
        source.unpack()
        return _text_kind(source)


def _zip_kind(source: Source) -> str:
    try:
        with zipfile.ZipFile(source.path) as archive:
            names = archive.namelist()
    except Exception:  # what is damaged may raise anything
        return "npz"  # whose reader says what is wrong
    if "[Content_Types].xml" in names:
        return "excel"
    if not names or any(name.endswith(".npy") for name in names):
        return "npz"
    with reading(Path(source.name), "table"):
        source.unpack()
        return _text_kind(source)


def _text_kind(source: Source) -> str:
    with source.open() as stream:
        start = stream.read(1 << 14)
    if is_idx(start[:4]):
        raise ValueError("it is an IDX file in an archive: unpack it")
    if b"\0" in start[:64]:
        return "text"  # UTF-16, or nothing that can be read
    lines = [line.strip() for line in start.decode("latin-1").splitlines()[:_LOOKED_AT]]
    told = [line for line in lines if line and not line.startswith(("%", "#"))]
    if told and told[0].lower().startswith("@relation"):
        return "arff"
    rows = told[:-1] if len(start) == 1 << 14 and len(told) > 1 else told
    if rows and all(_SVMLIGHT.match(line) for line in rows):
        return "svmlight"
    return "text"


def files_of_folder(folder: Path) -> tuple[list[Path], list[Path]]:
    """Find what a folder has to train on, and to test with if it has that: a file or two each.

    Raises ValueError if it is not clear which files they are.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name[0] != ".")
    training = [path for path in files if _TRAINING.search(path.name.lower())]
    test = [path for path in files if _TEST.search(path.name.lower())]
    if not training and not test:
        training = files
    chosen = []
    for what, paths in (("to train on", training), ("to test with", test)):
        if len(paths) == 2:
            labels = [path for path in paths if _LABELS.search(path.name.lower())]
            inputs = [path for path in paths if path not in labels]
            if len(labels) == 1 and len(inputs) == 1:
                paths = [*inputs, *labels]
        if len(paths) > 2 or (what == "to train on" and not paths):
            shown = ", ".join(printable(path.name) for path in paths[:6]) or "none"
            raise ValueError(
                f"path: {printable(folder)} must hold one file {what}, or one of inputs and one of "
                f"labels, got {shown}; name the files"
            )
        chosen.append(paths)
    return chosen[0], chosen[1]
