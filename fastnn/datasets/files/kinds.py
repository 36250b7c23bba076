"""What kind of file it is, told by its first bytes, and which files of a folder go together."""

from __future__ import annotations

import itertools
import re
import zipfile
from codecs import BOM_UTF8
from pathlib import Path

from fastnn.common.checks import printable
from fastnn.common.reading import NPZ_START, is_idx, reading, start_of
from fastnn.datasets.files.text_files import Source, is_packed, start_of_packed

_NUMBER = r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?"
_LABEL = re.compile(rf"{_NUMBER}(,{_NUMBER})*$")
_SVMLIGHT = re.compile(
    r"(?P<label>[^\s:;]+)(\s+qid:\d+)?"
    rf"(?P<pairs>(\s+\d+:({_NUMBER}|[-+]?(nan|inf)))+)\s*(#.*)?$",
    re.IGNORECASE,
)
_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d$")
_MARKUP = re.compile(r"<[a-zA-Z!?]")
_BARE_LABEL = re.compile(r"[-+\d.,]+\s*(#.*)?$")  # a row of svmlight of nothing but zeros
# What is no table and no array, by its first bytes, and what to do.
_OTHERS = {
    b"\xd0\xcf\x11\xe0": ("in Excel's old format", "save it as .xlsx or CSV"),
    b"\x89HDF": ("HDF5", "save it as npz, Parquet or CSV"),
    b"MATLAB 5.0": ("a file of MATLAB", "save it as npz with scipy.io.loadmat"),
    **dict.fromkeys(
        (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"),
        ("a pickle, which is never read", "save it as npz, Parquet or CSV"),
    ),
    b"SQLite format 3": ("a database", "save the table as CSV"),
    **dict.fromkeys(
        (b"ARROW1", b"FEA1"), ("an Arrow or Feather file", "save it as Parquet or CSV")
    ),
    **dict.fromkeys(
        (
            b"<stata_dta>",
            *(bytes((version, order, 1)) for version in (113, 114, 115) for order in (1, 2)),
        ),
        ("a file of Stata", "save it as CSV, such as with pandas.read_stata(...).to_csv"),
    ),
    **dict.fromkeys(
        (b"$FL2", b"$FL3"),
        ("a file of SPSS", "save it as CSV, such as with pandas.read_spss(...).to_csv"),
    ),
    **dict.fromkeys(
        (bytes(12) + b"\xc2\xea\x81\x60", b"HEADER RECORD*******"),
        ("a file of SAS", "save it as CSV, such as with pandas.read_sas(...).to_csv"),
    ),
    **dict.fromkeys(
        (b"X\n\0\0\0", b"RDX2\n", b"RDX3\n"),
        ("a file of R", "save the table as CSV with write.csv in R"),
    ),
    b"ORC": ("an ORC file", "save it as Parquet or CSV"),
    b"Obj\x01": ("an Avro file", "save it as Parquet or CSV"),
    b"\x1f\x9d": ("packed with compress", "unpack it"),
    b"\x28\xb5\x2f\xfd": ("packed with zstd", "unpack it"),
    b"%PDF": ("a PDF", "save the table as CSV"),
    b"\x89PNG": ("a picture", "put the pixels of all pictures into an npz"),
    b"\xff\xd8\xff": ("a picture", "put the pixels of all pictures into an npz"),
    b"GIF8": ("a picture", "put the pixels of all pictures into an npz"),
    b"PK\x05\x06": ("a zip file that holds no files", "put the table into it"),
    b"7z\xbc\xaf": ("a 7z archive", "unpack it"),
    b"Rar!": ("a RAR archive", "unpack it"),
    b"version https://git-lfs": ("only a pointer of Git LFS", "fetch the file with git lfs pull"),
}
_LOOKED_AT = 20  # lines that are no comments
_START = 1 << 14  # bytes, of which the first lines are
_MOST_COMMENTS = 1 << 20  # bytes, before the first other line


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
    if other := _other(start):
        raise ValueError(f"path: {printable(source.name)} is {other}")
    with reading(Path(source.name), "table"):
        source.unpack()
        return _text_kind(source)


def _other(start: bytes) -> str | None:
    """Say of what a file's first bytes are, if not of data, and what to do."""
    for mark, (what, to_do) in _OTHERS.items():
        # Three letters may also begin a header.
        if start.startswith(mark) and (mark != b"ORC" or b"\0" in start):
            return f"{what}; {to_do}"
    return None


def _zip_kind(source: Source) -> str:
    try:
        with zipfile.ZipFile(source.path) as archive:
            names = archive.namelist()
    except Exception:  # what is damaged may raise anything
        return "npz"  # whose reader says what is wrong
    if "[Content_Types].xml" in names:
        return "excel"
    if "content.xml" in names:
        raise ValueError(
            f"path: {printable(source.name)} is an OpenDocument table; save it as .xlsx or CSV"
        )
    if not names or any(name.endswith(".npy") for name in names):
        return "npz"
    with reading(Path(source.name), "table"):
        source.unpack()
        return _text_kind(source)


def _text_kind(source: Source) -> str:
    with source.open() as stream:
        start = stream.read(_START).removeprefix(BOM_UTF8)
        told, comments = _lines_told(start)
        if comments and len(told) < 2:  # the headers of UCI and Weka are long
            start += stream.read(_MOST_COMMENTS)
            told, _ = _lines_told(start)
    if is_idx(start[:4]):
        raise ValueError("it is an IDX file in an archive: unpack it")
    if start[257:262] == b"ustar":
        raise ValueError("it is a tar archive: unpack it")
    if source.limit is not None and is_packed(start):
        raise ValueError("what it holds is packed again: unpack it")
    if other := _other(start):  # in an archive
        raise ValueError(f"it is {other}")
    if b"\0" in start[:64]:
        return "text"  # UTF-16, or nothing that can be read
    if (told and told[0].startswith(("{", "[{", "[["))) or told[:1] == ["["]:
        raise ValueError("it is JSON; save it as CSV, such as with pandas.read_json(...).to_csv")
    if told and _MARKUP.match(told[0]):
        raise ValueError("it is a web page or XML, no table; save it as CSV")
    if told and told[0].lower().startswith("@relation"):
        return "arff"
    rows = told[:-1] if len(start) >= _START and len(told) > 1 else told
    sparse = [line for line in rows if _is_sparse(line)]
    if sparse and all(_BARE_LABEL.match(line) for line in rows if line not in sparse):
        return "svmlight"
    return "text"


def _lines_told(start: bytes) -> tuple[list[str], bool]:
    """Return the first lines that are neither blank nor comments, and whether others are there."""
    lines = [line.strip() for line in start.decode("latin-1").splitlines()]
    told = [line for line in lines if line and not line.startswith(("%", "#"))]
    return told[:_LOOKED_AT], len(told) < len(lines)


def _is_sparse(line: str) -> bool:
    """Say whether a line is a row of svmlight: a label, and rising places with their numbers.

    What lacks one of these is refused when it is read. But times of a day look like pairs.
    """
    found = _SVMLIGHT.match(line)
    if found is None:
        return False
    pairs = found["pairs"].split()
    places = [int(pair.partition(":")[0]) for pair in pairs]
    rising = all(a < b for a, b in itertools.pairwise(places))
    is_label = bool(_LABEL.match(found["label"]))
    if all(map(_TIME.match, pairs)):
        return rising and is_label
    return is_label or "," not in found["label"]
