"""Tables in ARFF files, as Weka writes them: read by SciPy, once what it does not know is away."""

from __future__ import annotations

import io
import re
from typing import Any

from fastnn.common.checks import describe, shortened
from fastnn.datasets.files.text_files import Source, TextFile

_STRING = re.compile(r"\s*@attribute\s+('[^']*'|\"[^\"]*\"|\S+)\s+string\b", re.IGNORECASE)
_WEIGHT = re.compile(r",\s*(\{\s*[\d.eE+-]+\s*\})\s*$")
_QUOTED = re.compile(
    r"""(?P<before>(?:^|(?<=[,\t{]))[ ]*) (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    (?=\s*(?:[,\t}]|$))""",
    re.VERBOSE,
)
# Once what is in quotation marks has none: blanks beside commas, tabs and braces mean nothing.
_BLANKS = re.compile(r"[ \t]*(,)[ \t]*|(?<=\{)[ \t]+|[ \t]+(?=\})|^[ \t]+|[ \t]+$| *(\t) *")
_SIGNS = re.compile(r"[,'\"{}%\\&\t]|^ | $")  # what means something outside of quotation marks
_LETTER = re.compile(r"&#(\d{3,7});")
_NO_FLOAT = re.compile(r"could not convert string to float: (.*)", re.DOTALL)


def read_arff(pandas: Any, source: Source, encoding: str | None) -> Any:
    """Return the table of an ARFF file as a DataFrame.

    Raises
    ------
    ImportError
        Without SciPy.
    ValueError
        If it cannot be read, with the line where that is known.
    """
    from scipy.io import arff

    source.unpack()
    text = TextFile(source, encoding)
    with text.open() as stream:  # SciPy reads no other letters than ASCII's
        lines = (_without_weight(number, line) for number, line in enumerate(stream, 1))
        plain = io.StringIO("".join(_in_ascii(_without_quotes(line)) for line in lines))
    try:
        rows, declared = arff.loadarff(plain)
    except (NotImplementedError, StopIteration, ValueError, arff.ArffError) as problem:
        raise ValueError(_arff_problem(text, _with_letters(str(problem)))) from None
    frame = pandas.DataFrame(rows)
    for name in frame.columns:
        if frame[name].dtype == object:
            texts = frame[name].map(
                lambda cell: _with_letters(cell.decode()) if isinstance(cell, bytes) else cell
            )
            frame[name] = texts.where(texts != "?", None)
        if declared[name][0] == "nominal":  # also where its values look like numbers
            frame[name] = frame[name].astype("category")
    return frame.rename(columns=lambda name: _with_letters(name.strip("\"'")))


def _without_weight(number: int, line: str) -> str:
    """Return a line that has no weight in braces behind its cells, which SciPy would pass over."""
    found = None if line.lstrip().startswith(("@", "%")) else _WEIGHT.search(line)
    if found:
        raise ValueError(
            f"line {number} ends with the example's weight, {shortened(found[1], 30)}, which is "
            "not read there; make it a column, and name that in weight_column="
        )
    return line


def _in_ascii(text: str) -> str:
    """Write other letters than ASCII's by their numbers; `_with_letters` takes that back."""
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _without_quotes(line: str) -> str:
    """Take quotation marks around cells and values away, and blanks that mean nothing.

    SciPy reads all rows as the first one, and keeps blanks that others lack.
    """

    def plain(found: re.Match[str]) -> str:
        text = re.sub(r"\\(.)", r"\1", found["text"][1:-1])
        return found["before"] + _SIGNS.sub(lambda sign: f"&#{ord(sign[0]):05d};", text)

    if line.lstrip().startswith("@"):
        name, brace, values = line.partition("{")
        return name + _BLANKS.sub(r"\1\2", brace + _QUOTED.sub(plain, values))
    return _BLANKS.sub(r"\1\2", _QUOTED.sub(plain, line))


def _with_letters(text: str) -> str:
    return _LETTER.sub(lambda found: chr(int(found[1])), text)


def _arff_problem(text: TextFile, problem: str) -> str:
    """Say what SciPy cannot read of an ARFF file, with the file's own lines."""
    bad = _NO_FLOAT.match(problem)
    cell = bad[1].strip("'") if bad else None
    data = False
    with text.open() as stream:
        for number, line in enumerate(stream, 1):
            if found := _STRING.match(line):
                return (
                    f"line {number}: the attribute {shortened(found[1], 30)} is of type string, "
                    "which SciPy does not read; declare its values, as in {red,blue}, or save the "
                    "table as CSV"
                )
            if data and line.lstrip().startswith("{"):
                return (
                    f"line {number}: its rows are sparse, as {shortened(line.strip(), 30)}, which "
                    "SciPy does not read; save it as svmlight or CSV"
                )
            if data and cell is not None and cell in line:
                return f"line {number}: expected a number, got {describe(cell)}"
            data = data or line.strip().lower().startswith("@data")
    if not data:
        return "it begins as an ARFF file, with @relation, but has no line @data"
    return f"it is no ARFF file that can be read: {problem}"
