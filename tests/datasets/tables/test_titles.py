"""What stands above a table, and what is an example with one filled cell: no answer is lost."""

import pytest
from refusals import assert_refused
from table_files import iris, write
from table_networks import network_of, seen_by

from fastnn.own_data import read_labelled_table

pandas = pytest.importorskip("pandas")


def numbers(n=60):
    """Lines without a header: three numbers and a target."""
    return [f"{at * 0.37:.2f},{at % 7}.5,{at % 11},{at * 0.5:.1f}" for at in range(n)]


SPARSE = ["0.5,,,", ",0.7,,", ",,,", ",,,8.5"]


@pytest.mark.parametrize("rows", ["red,yes blue,no red,no", "1,yes 2,no 3,no"])
def test_a_title_above_two_columns_is_no_header(tmp_path, rows):
    lines = ["My table,", "colour,kind", *rows.split() * 9]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert table.table.frames.names == ["colour", "kind"]
    assert table.classes == ["no", "yes"]
    assert "Note: line 1 is left out: 'My table' is no row" in table.describe()


@pytest.mark.parametrize("first", ["colour,", ",kind"])
def test_a_header_of_two_columns_may_lack_a_name(tmp_path, first):
    lines = [first, *["red,yes", "blue,no", "red,no"] * 9]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert table.table.frames.names == first.split(",")
    assert len(table.table) == 27


@pytest.mark.parametrize("decimal", [".", ","])
def test_examples_with_one_number_are_no_titles(tmp_path, decimal):
    lines = [line.replace(",", ";").replace(".", decimal) for line in [*SPARSE, *numbers()]]
    table = read_labelled_table(write(tmp_path / "t.csv", lines), drop_missing=True)
    assert table.table.rows.tolist() == list(range(3, 64))
    assert any("1 row is left out, with nothing in any column" in told for told in table.describe())


@pytest.mark.parametrize("header", [None, False])
@pytest.mark.parametrize("first", [*SPARSE, "\n".join(SPARSE), "\n".join(reversed(SPARSE))])
def test_each_row_gets_an_answer_where_the_table_has_no_header(tmp_path, first, header):
    net = network_of(write(tmp_path / "t.csv", numbers()), header=header)
    lines = [*first.split("\n"), *numbers(5)]
    inputs, _ = seen_by(net, write(tmp_path / "new.csv", lines))
    assert len(inputs) == len(lines)


@pytest.mark.parametrize("header", [[], ["a,b,c,y"]])
def test_each_row_gets_an_answer_where_only_the_first_lines_hold_anything(tmp_path, header):
    net = network_of(write(tmp_path / "t.csv", [*header, *numbers()]))
    lines = [*header, *[",,,8.5"] * 9, "0.5,1.5,1,2", *[",,,"] * 9]
    inputs, _ = seen_by(net, write(tmp_path / "new.csv", lines))
    assert len(inputs) == 19


def test_each_row_of_a_sheet_gets_an_answer(tmp_path):
    pytest.importorskip("openpyxl")
    rows = [[float(cell) for cell in line.split(",")] for line in numbers()]
    pandas.DataFrame(rows).to_excel(tmp_path / "t.xlsx", index=False, header=False)
    new = pandas.DataFrame([[0.5, None, None, None], [None, 0.7, None, None], *rows[:5]])
    new.to_excel(tmp_path / "new.xlsx", index=False, header=False)
    inputs, _ = seen_by(network_of(tmp_path / "t.xlsx"), tmp_path / "new.xlsx")
    assert len(inputs) == 7


def test_an_empty_row_below_a_header_gets_an_answer(tmp_path):
    net = network_of(write(tmp_path / "t.csv", ["a,b,c,y", *numbers()]))
    inputs, _ = seen_by(net, write(tmp_path / "new.csv", ["a,b,c,y", ",,,", *numbers(5)]))
    assert len(inputs) == 6


@pytest.mark.parametrize("first", ["blue,,", ",x,", ",blue,"])
def test_an_example_with_one_text_that_others_have_is_no_title(tmp_path, first):
    rows = [f"{('blue', 'red')[at % 2]},{'xyz'[at % 3]},{at * 0.5}" for at in range(60)]
    path = write(tmp_path / "t.csv", rows)
    net = network_of(path)
    inputs, _ = seen_by(net, write(tmp_path / "new.csv", [first, *rows[:5]]))
    assert len(inputs) == 6


@pytest.mark.parametrize(
    "title", ["2019,,,,", ",,,,", "Flowers,,,,", ",,7,,", "Flowers", ",,,,\n2019,,,,"]
)
@pytest.mark.parametrize("decimal", [".", ","])
def test_a_line_with_one_cell_above_a_header_is_a_title(tmp_path, title, decimal):
    lines = [*title.replace(",", ";").split("\n"), *iris(";", decimal=decimal)]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert (table.table.frames.names, len(table.table)) == (["a", "b", "c", "d", "class"], 150)


def test_a_title_that_training_had_too_is_none_of_the_examples(tmp_path):
    lines = ["My table,,,", *numbers()]
    net = network_of(write(tmp_path / "t.csv", lines))
    inputs, file = seen_by(net, write(tmp_path / "new.csv", lines[:6]))
    assert len(inputs) == 5
    assert "line 1 is left out: 'My table' is no row" in file.notes


WORLD_BANK = [
    '"Data Source","World Development Indicators",',
    "",
    '"Last Updated","2019-01-30",',
    "",
]


def test_short_lines_above_a_header_are_left_out_with_a_note(tmp_path):
    rows = [f"C{at},C{at}X,{at * 7 % 13},{at % 5}.5,{at},{at % 3}," for at in range(60)]
    lines = [*WORLD_BANK, "country,code,a,b,c,d,", *rows]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert table.table.frames.names == ["country", "code", "a", "b", "c", "d"]
    assert len(table.table) == 60
    known = "Note: line 3 is left out: 'Last Updated, 2019-01-30' is no row"
    assert known in table.describe()


@pytest.mark.parametrize("first", ["60,4", "a,b"])
def test_a_short_line_above_examples_is_refused_with_what_to_do(tmp_path, first):
    path = write(tmp_path / "t.csv", [first, *numbers()])
    known = (
        "line 1 has 2 columns, those after it have 4",
        "take it out if it stands above the table",
    )
    assert_refused(lambda: read_labelled_table(path), ValueError, *known)


def test_a_short_header_above_text_is_not_thrown_away(tmp_path):
    rows = [f"{'pqr'[at % 3]},v{at},{'xy'[at % 2]},w{at}" for at in range(60)]
    path = write(tmp_path / "t.csv", ["a,b", *rows])
    assert_refused(lambda: read_labelled_table(path), ValueError, "line 1 has 2 columns")


def test_a_title_may_be_a_word_of_its_column(tmp_path):
    rows = [
        f"{'north' if at % 2 else 'south'},{at * 0.13:.2f},{'xy'[at % 3 > 0]}" for at in range(60)
    ]
    table = read_labelled_table(write(tmp_path / "t.csv", ["north,,", "region,a,kind", *rows]))
    assert table.table.frames.names == ["region", "a", "kind"]
    assert len(table.table) == 60
