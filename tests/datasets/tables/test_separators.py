"""What parts columns: also in very long lines, and where blanks do beside commas or tabs."""

import csv
import threading

import numpy as np
import pytest
from refusals import assert_refused
from table_files import flowers, iris, write

from fastnn.datasets.tables import separators
from fastnn.datasets.tables.separators import SPACES, find_separator, goes_on
from fastnn.own_data import read_examples, read_labelled_table


@pytest.fixture(autouse=True)
def pythons_limit():
    """Python's own limit on a cell: other packages may have raised it."""
    before = csv.field_size_limit(131_072)
    yield
    csv.field_size_limit(before)


def test_a_line_may_be_longer_than_pythons_csv_readers_allow(tmp_path):
    columns = 3000
    names = ",".join(f"expression of the gene at the place {at:08}" for at in range(columns))
    assert len(names) > csv.field_size_limit() == 131_072
    rows = np.arange(4 * columns).reshape(4, -1) % 7
    lines = [",".join([*map(str, row), "ab"[at % 2]]) for at, row in enumerate(rows.tolist())]
    read = read_examples(write(tmp_path / "wide.csv", [f"{names},label", *lines]))
    assert np.array_equal(read.inputs, rows)
    assert read.classes == ["a", "b"]


@pytest.mark.parametrize("separator", [",", "\t", " "], ids=["commas", "tabs", "blanks"])
def test_a_cell_may_be_longer_than_pythons_csv_readers_allow(tmp_path, separator):
    text = "x" * 200_000
    lines = [separator.join([text if at == 3 else "y", str(at), "ab"[at % 2]]) for at in range(9)]
    codes, values = read_labelled_table(write(tmp_path / "t.csv", lines)).table.texts[0]
    assert [values[code] for code in codes] == ["y"] * 3 + [text] + ["y"] * 5


def test_the_limit_of_pythons_csv_readers_is_as_before_however_many_threads_read(tmp_path):
    limit, found = csv.field_size_limit(), []
    path = write(tmp_path / "t.csv", [f"{'x' * 200_000 if at else 'y'},{at},k" for at in range(5)])

    def read():
        found.append(read_labelled_table(path, label_column=1).table.texts[0].values[0])

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["y"] * 4
    assert csv.field_size_limit() == limit


def test_a_cell_without_an_end_is_refused_by_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr(separators, "MAX_LINE", 1 << 17)
    lines = [*iris()[:5], '"1,2,3,4,alpha', *iris()[1:] * 60]
    path = write(tmp_path / "t.csv", lines)
    assert_refused(lambda: read_examples(path), ValueError, "t.csv", "line 6", "quote")


BLANKS = {
    "decimal commas": ["time temp state", *(f"{at},5 {at},25 on" for at in range(9))],
    "decimal commas without a header": [f"{at},5  -{at},25  A" for at in range(9)],
    "one decimal comma": [f"{at} {at}.5 {at},75 on" for at in range(9)],
    "decimal commas and a text": [f"{at},5 on" for at in range(9)],
    "a tab before the last column": [
        f'1{at}.0   8   307.0      {at or "?"}   70  1\t"chevrolet malibu {at}"' for at in range(9)
    ],
}
NOT_BLANKS = {
    "addresses": [f"{at},{at} Main Street,k" for at in range(9)],
    "models": [f"Ford 150,{at},k" for at in range(9)],
    "names and numbers": [f"{at},5 stars" if at else "id,rating" for at in range(9)],
    "dates with times": [f"2024-01-0{at} 10:30,{at},k" for at in range(1, 9)],
    "times between tabs": [f"2024-01-0{at} 10:30\t{at}\tk" for at in range(1, 9)],
    "places between tabs": [f"home\t40.7{at} -74.0{at}\tk" for at in range(9)],
    "telephones between tabs": [f"Bob\t030 12345{at}\tk" for at in range(9)],
    "groups of digits": [f"1 234,{at};2 345,6;k" for at in range(9)],
    "decimal commas": [f"{at},5;{at},25;on the road" for at in range(9)],
}


@pytest.mark.parametrize("kind", BLANKS)
def test_blanks_part_columns_whatever_is_in_them(kind):
    assert find_separator(BLANKS[kind], '"') == SPACES


@pytest.mark.parametrize("kind", NOT_BLANKS)
def test_blanks_in_cells_part_nothing(kind):
    lines = NOT_BLANKS[kind]
    right = next(sign for sign in "\t;," if sign in lines[-1])
    assert find_separator(lines, '"') == right


def test_decimal_commas_between_blanks_are_read_with_their_header(tmp_path):
    path = write(tmp_path / "t.txt", iris(" ", decimal=","))
    table = read_labelled_table(path)
    assert np.array_equal(table.examples(table.learn()).inputs, flowers()[0])
    assert table.learn().names() == ["a", "b", "c", "d"]
    assert table.describe()[1:] == []


def test_a_table_in_the_form_of_auto_mpg_is_read(tmp_path):
    table = read_labelled_table(
        write(tmp_path / "auto.data", BLANKS["a tab before the last column"] * 4), label_column=0
    )
    assert table.classes == list(range(10, 19))
    assert table.learn().names()[:4] == ["1", "2", "3", "3 is missing"]


@pytest.mark.parametrize(
    ("values", "separator"),
    [(["0,5", "7,25"], ";"), (["very big", "very small"], ";"), (["a;b", "c|d"], ",")],
    ids=str,
)
def test_what_is_in_the_only_column_of_a_network_parts_nothing(
    fastnn_program, tmp_path, values, separator
):
    rows = values * 20
    lines = [f"{row}{separator}{'AB'[at % 2]}" for at, row in enumerate(rows)]
    lines.insert(0, f"shape{separator}label")
    path, net = write(tmp_path / "t.csv", lines), tmp_path / "net.npz"
    words = ["--quiet", "--epochs", 60, "--eta", 1.0, "--seed", 1, "--save", net]
    assert fastnn_program("train", "--data", path, *words)[0] == 0
    new = write(tmp_path / "new.csv", ["shape", *rows[:4]])
    status, out, err = fastnn_program("predict", net, new)
    assert (status, out) == (0, ["A", "B", "A", "B"]), err
    assert not any("left out" in line for line in err)


@pytest.mark.parametrize(
    ("line", "further"),
    [
        ('"k1",w2,"u, v"\n', False),
        ('5" pipe,"as, ""it""",u\n', False),
        ('5" pipe,"text that goes on\n', True),
        ('"k1",w2,"u\n', True),
    ],
)
def test_a_quoted_cell_goes_on_where_its_last_quote_is_not_in_the_line(line, further):
    assert goes_on(line, False, '"', ",") == further


@pytest.mark.parametrize(
    ("cell", "warned"),
    [
        (r'"5\" pipe, long"', True),
        (r'"{\"a\": 1}"', True),
        ('"5"" pipe, long"', False),
        (r'"C:\"', False),
        ('5\\" long', False),
        (r'"C:\ and 5"', False),
        (r'"C:\tmp\""q"" 0"', False),
    ],
)
def test_a_backslash_that_does_not_keep_a_quote_in_its_cell_is_named(tmp_path, cell, warned):
    rows = [f"{at % 7}.5,{cell},{at % 5},{'uv'[at % 2]}" for at in range(30)]
    table = read_labelled_table(write(tmp_path / "t.csv", ["a,b,c,label", *rows]))
    told = r'line 2 has \" within quotes, which ends what is quoted: write "" for a quote in a cell'
    assert (told in table.warnings) is warned
