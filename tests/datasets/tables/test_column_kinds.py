"""Which columns are numbers and which categories: by their types, and by looks only for text."""

import datetime
import decimal
import fractions

import numpy as np
import pytest
from refusals import assert_refused

from fastnn.own_data import read_labelled_table

pandas = pytest.importorskip("pandas")
PLACES = np.arange(30) % 3


def names_of(column):
    """The inputs that a column c of a DataFrame becomes."""
    frame = pandas.DataFrame({"x": np.arange(30) % 7, "c": column, "label": list("AB") * 15})
    return [name for name in read_labelled_table(frame).learn().names() if name != "x"]


CATEGORIES = [[0, 1, 2], [-1, 0, 1], [0.5, 1.5, 2.5], ["1.1", "1.10", "2.0"], [False, True, "x"]]


@pytest.mark.parametrize("values", CATEGORIES, ids=str)
def test_a_categorical_is_categories_whatever_its_values_look_like(values):
    column = pandas.Categorical([values[place] for place in PLACES])
    assert names_of(column) == [f"c={value}" for value in values]


NUMBERS = {
    "int": [0, 1, 2],
    "negative": [-1, 0, 1],
    "mixed": [1, 2.5, np.float32(3)],
    "Decimal": [decimal.Decimal(1), decimal.Decimal("2.5"), decimal.Decimal(3)],
    "Fraction": [fractions.Fraction(1, 3), fractions.Fraction(2, 3), 1],
    "large": [10**25, 1, 2],
}


@pytest.mark.parametrize("missing", [[], [None], [pandas.NA], [np.nan]], ids=str)
@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_of_python_are_numbers(kind, missing):
    cells = [NUMBERS[kind][place] for place in PLACES]
    cells[: len(missing)] = missing
    column = pandas.Series(cells, dtype=object)
    assert names_of(column) == ["c", "c is missing"][: 1 + len(missing)]


OTHERS = {
    "complex numbers": PLACES + 1j,
    "durations": pandas.to_timedelta(PLACES, unit="h"),
    "periods": pandas.PeriodIndex([f"2020-0{1 + place}" for place in PLACES], freq="M"),
    "bytes": [b"a", b"b", b"c"] * 10,
    "several values": [[1, 2]] * 30,
}


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("dtype", [None, object], ids=["own type", "objects"])
def test_what_is_neither_a_number_nor_text_is_refused(kind, dtype):
    column = pandas.Series(OTHERS[kind], dtype=dtype)
    known = "column 2 (c)", kind, "expected numbers or text", "ignore_columns=['c']"
    assert_refused(lambda: names_of(column), ValueError, *known)


def test_durations_in_another_library_s_columns_are_refused():
    arrow = pytest.importorskip("pyarrow")
    hours = [datetime.timedelta(hours=int(place)) for place in PLACES]
    column = pandas.Series(hours, dtype=pandas.ArrowDtype(arrow.duration("us")))
    assert_refused(
        lambda: names_of(column), ValueError, "column 2 (c)", "durations", "categories=['c'] takes"
    )


@pytest.mark.parametrize("mark", ["..", ":", "n/d", "-"])
def test_marks_for_missing_numbers_count_beside_whole_numbers_too(mark):
    pandas = pytest.importorskip("pandas")
    children = [mark if at % 5 == 0 else at % 4 for at in range(60)]
    frame = pandas.DataFrame({"children": children, "y": ["u", "v"] * 30})
    assert read_labelled_table(frame).learn().names()[0] == "children"
    as_text = frame.assign(children=["007" if at % 2 else "011" for at in range(60)])
    assert "children=007" in read_labelled_table(as_text).learn().names()
