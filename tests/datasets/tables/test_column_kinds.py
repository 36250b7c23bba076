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


UNITS = ["{}lbs", "{} CC", "{} months", "{} km/h", "{}.5 °C", "< {} years"]


def letters_warned_of(cells):
    frame = pandas.DataFrame({"x": np.arange(30) % 7, "c": cells, "label": list("AB") * 15})
    told = read_labelled_table(frame).describe()
    return [line for line in told if "column 2 (c) is text, with numbers and letters" in line]


@pytest.mark.parametrize("form", UNITS)
@pytest.mark.parametrize("others", [0, 2])
def test_numbers_with_a_unit_in_letters_are_warned_of(form, others):
    cells = [form.format(36 + 12 * place) for place in PLACES]
    cells[:others] = ["many"] * others
    [line] = letters_warned_of(cells)
    assert repr(form.format(36 + 12 * PLACES[others])) in line


@pytest.mark.parametrize(
    "kinds",
    [["A1", "B2", "C3"], ["1E5", "2E3", "3E1"], ["3a7", "4b2", "5c1"], ["36 km"], ["a", "1 c"]],
    ids=str,
)
def test_codes_and_words_are_no_numbers_with_a_unit(kinds):
    assert letters_warned_of([kinds[place % len(kinds)] for place in PLACES]) == []


ORDINARY = {
    "addresses": ["13 Main", "15 Main", "77 Elm", "4 Oak"],
    "seats": ["12A", "14A", "12C"],
    "blocks": ["1a", "2a", "1b"],
    "places": ["1st", "2nd", "3rd", "11th", "12th"],
    "two places": ["11th", "12th"],
    "drives": ["2WD", "4WD"],
    "dimensions": ["2D", "3D"],
    "bands": ["<50K", ">50K"],
}


@pytest.mark.parametrize("kind", ORDINARY)
def test_ordinary_categories_are_no_numbers_with_a_unit(kind):
    cells = ORDINARY[kind]
    assert letters_warned_of([cells[at % len(cells)] for at in range(30)]) == []


@pytest.mark.parametrize("cells", [["36 months", "60 months"], ["1 year", "2 years", "3 years"],
                                   ["20mg", "10mg"], ["12k", "9k"], ["2 l", "3 l"]])  # fmt: skip
def test_a_few_numbers_may_have_a_unit(cells):
    assert letters_warned_of([cells[at % len(cells)] for at in range(30)])


def test_seats_are_no_numbers_with_a_unit():
    assert letters_warned_of([f"{1 + at % 4}{'ABCDEF'[at % 6]}" for at in range(30)]) == []


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
