"""Tables that pandas holds in memory: sheets of Excel, and DataFrames."""

import decimal

import pytest
from refusals import assert_refused

from fastnn.own_data import read_labelled_table

pandas = pytest.importorskip("pandas")


@pytest.mark.parametrize("note", ["see page 7", 12])
def test_a_note_beside_a_row_of_a_sheet_is_no_column(tmp_path, note):
    pytest.importorskip("openpyxl")
    frame = pandas.DataFrame({"a": range(40), "label": ["A", "B"] * 20, "": None}, dtype=object)
    frame.iloc[7, 2] = note
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    table = read_labelled_table(tmp_path / "t.xlsx")
    assert table.learn().names() == ["a"]
    told = "Warning: column 3 has no name, and something in 1 row of 40, as notes are: left out"
    assert any(line.startswith(told) for line in table.describe())


def test_a_frame_with_two_columns_of_one_name_is_refused_with_the_name():
    frame = pandas.DataFrame([[1, 2, 3, "u"], [4, 5, 6, "v"]], columns=["a", "width", "width", "y"])
    known = "two of its columns are called 'width'"
    assert_refused(lambda: read_labelled_table(frame), ValueError, known)


def test_an_index_that_is_called_as_a_column_is_refused():
    frame = pandas.DataFrame({"a": range(40), "label": ["A", "B"] * 20})
    known = "its index is called a, as one of its columns is", "reset_index(drop=True)"
    frame = frame.set_index(pandas.Index(list("xy") * 20, name="a"))
    assert_refused(lambda: read_labelled_table(frame), ValueError, *known)


@pytest.mark.parametrize(
    "values",
    [[10**17, 10**17 + 1], [0, 1], [decimal.Decimal("1.10"), decimal.Decimal("2.50")]],
)
def test_python_s_numbers_keep_their_digits_as_categories_and_as_classes(values):
    cells = pandas.Series([None, *(values[at % 2] for at in range(59))], dtype=object)
    wanted = tuple(map(str, values))
    frame = pandas.DataFrame({"a": range(60), "c": cells, "class": ["u", "v"] * 30})
    table = read_labelled_table(frame, categories=["c"], ignore_columns=["a"])
    assert table.learn().inputs[0].values == wanted
    labels = read_labelled_table(
        frame, label_column="c", drop_missing=True, task="classification"
    ).table.labels()
    assert tuple(labels.present()) == wanted


def test_labels_that_are_bytes_are_refused():
    frame = pandas.DataFrame({"a": [0.5 * at for at in range(40)], "label": [b"x", None] * 20})
    known = "column 2 (label) has bytes in a cell", ".str.decode('utf-8')"
    assert_refused(lambda: read_labelled_table(frame, drop_missing=True), ValueError, *known)


def sheet(path, first, below):
    """Save a sheet of a first row, and of rows below it."""
    pytest.importorskip("openpyxl")
    pandas.DataFrame([first, *below], dtype=object).to_excel(path, index=False, header=False)
    return path


COUNTRIES = [[f"C{at}", at * 37 % 91, at * 0.5, at % 40] for at in range(60)]


@pytest.mark.parametrize("header", [["country", "1960", "1975", "1980"], ["", "7", "3", "5"]])
def test_years_as_text_above_numbers_are_names_of_a_sheet(tmp_path, header):
    table = read_labelled_table(sheet(tmp_path / "t.xlsx", header, COUNTRIES))
    assert (table.table.frames.names, len(table.table)) == (header, 60)
    known = "the first row has numbers as text above numbers, and is taken for a header"
    assert any(known in warning for warning in table.warnings)


@pytest.mark.parametrize("first", [["C9", "1960", "1975", "4"], ["x", "7", 3, 4]])
def test_an_example_of_a_sheet_may_have_numbers_as_text(tmp_path, first):
    table = read_labelled_table(sheet(tmp_path / "t.xlsx", first, COUNTRIES))
    assert (table.table.frames.names, len(table.table)) == (None, 61)
