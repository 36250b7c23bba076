"""The sign before decimals, wherever in a file the first one stands."""

import pytest
from table_files import write

from fastnn.datasets.tables.decimals import find_decimal
from fastnn.own_data import read_labelled_table

SIGNS = {
    "points": (["1.5", "2"], (".", None)),
    "commas": (["1,5", "2"], (",", None)),
    "both": (["1.234,5", "1.234,6"], (",", None)),
    "neither": (["1", "x"], (None, None)),
    "a comma before three digits": (["1,234", "7"], (",", "1,234")),
    "two commas in a number": (["1,234", "1,234,567"], (".", None)),
    "groups of two digits": (["45,000", "1,17,000"], (".", None)),
    "groups of two digits beside decimal commas": (["4,5", "1,17,000"], (",", None)),
    "behind a minus": (["−4,5", "\u20134,5", "1.5"], (",", None)),
    "two points in a number": (["1.234", "1.234.567", "2.345.678"], (",", None)),
}


@pytest.mark.parametrize("kind", SIGNS)
def test_the_sign_is_that_of_most_cells(kind):
    cells, found = SIGNS[kind]
    assert find_decimal(cells, ";") == found


def test_groups_of_digits_between_tabs_are_no_decimals(tmp_path):
    lines = ["pop\tlabel", *(f"{at * 345_678:,}\t{at % 2}" for at in range(1, 31))]
    table = read_labelled_table(write(tmp_path / "t.tsv", lines))
    assert table.table.numbers[0].tolist() == [at * 345_678 for at in range(1, 31)]
    assert "Note: column 1 (pop): 345,678 is read as 345678" in table.describe()


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("sign", ["", "₹"])
def test_groups_of_two_digits_are_read_as_in_india(tmp_path, separator, sign):
    cells = [f"{sign}{at},17,000" if at % 3 else f"{sign}{at},000" for at in range(1, 31)]
    lines = [f"a{separator}b", *(f"{cell}{separator}{cell}" for cell in cells)]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    wanted = [at * 100_000 + 17_000 if at % 3 else at * 1_000 for at in range(1, 31)]
    assert table.table.numbers[0].tolist() == wanted
    assert table.targets.values.tolist() == wanted
    assert f"Note: column 1 (a): {cells[0]} is read as 117000" in table.describe()


def test_points_between_semicolons_that_may_part_groups_are_pointed_out(tmp_path):
    cells = ["1.234", "567", "12.345"]
    lines = ["x;label", *(f"{cells[at % 3]};{at % 2}" for at in range(30))]
    warning = "Warning: points are taken for decimal signs: 1.234 is read as 1.234, not 1234"
    assert warning in read_labelled_table(write(tmp_path / "t.csv", lines)).describe()
    lines[7] = "0.5;1"  # which tells it
    assert warning not in read_labelled_table(write(tmp_path / "t.csv", lines)).describe()


LATE = ["x;y;label", *(f"{at % 5};{at};{at % 2}" for at in range(300))]


@pytest.mark.parametrize("cell", ["0,5", "0,250", "1.234,5"])
def test_decimal_commas_that_come_late_are_read(tmp_path, cell):
    table = read_labelled_table(write(tmp_path / "t.csv", [*LATE, *[f"{cell};7;1"] * 300]))
    right = float(cell.replace(".", "").replace(",", "."))
    assert table.table.numbers[0][299:301].tolist() == [4, right]


def test_late_commas_that_may_part_groups_are_pointed_out(tmp_path):
    table = read_labelled_table(write(tmp_path / "t.csv", [*LATE, *["1,234;7;1"] * 300]))
    assert table.table.numbers[0][-1] == 1.234
    assert any("1,234 is read as 1.234" in line for line in table.describe())


def test_decimal_commas_beside_decimal_points_are_pointed_out_by_line(tmp_path):
    lines = [*LATE, *(f"0,5;{at}.5;1" for at in range(300))]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    [line] = [line for line in table.describe() if "0,5" in line]
    assert line.startswith("Warning: column 1 (x) has '0,5' in line 302")
    assert "while others have '.' before decimals" in line


def test_a_text_with_a_decimal_comma_decides_nothing(tmp_path):
    words = ["red", "blue", "green", "0,5"]
    lines = [
        *LATE[:1],
        *(f"{words[at % 4 if at > 250 else 0]};{at % 7};{at % 2}" for at in range(300)),
    ]
    assert read_labelled_table(write(tmp_path / "t.csv", lines)).table.frames.decimal == "."
