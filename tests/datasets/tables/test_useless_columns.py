"""What nothing can be learnt from is left out or pointed out."""

import pytest
from table_files import write

from fastnn.own_data import read_labelled_table


def told_of(path, last, n=60):
    rows = [f"land {at},{at % 7}.5,{'uv'[at % 2]}" for at in range(n)]
    table = read_labelled_table(write(path, ["name,a,class", *rows, *last]))
    return [line for line in table.describe() if "sums up" in line]


@pytest.mark.parametrize("last", [["Total,180,u"], ["TOTAL:,180,v", "mean,3.5,v"]])
def test_a_row_of_totals_that_has_a_label_is_warned_of_by_line(tmp_path, last):
    [line] = told_of(tmp_path / "t.csv", last)
    cell = last[0].partition(",")[0]
    assert line.startswith(f"Warning: line 62 has '{cell}' in column 1 (name): if it sums up")


@pytest.mark.parametrize("header", [",a,class", "a,class"], ids=["pandas", "R"])
@pytest.mark.parametrize("name", ["land {}", "{}"])
def test_a_row_of_totals_is_warned_of_where_the_index_names_it(tmp_path, header, name):
    rows = [f"{name.format(at)},{at % 7}.5,{'uv'[at % 2]}" for at in range(60)]
    path = write(tmp_path / "t.csv", [header, *rows, "Total:,180,u"])
    told = read_labelled_table(path).describe()
    assert any("is an index, left out" in line for line in told)
    [line] = [line for line in told if "sums up" in line]
    assert line.startswith("Warning: line 62 has 'Total:' in column 1: if it sums up")


@pytest.mark.parametrize(
    "last", [["land 9,2,u"], ["total,1,u", "total,2,v"], ["total eclipse,1,u"]]
)
def test_other_rows_are_no_totals(tmp_path, last):
    assert told_of(tmp_path / "t.csv", last) == []


def ids(path, header, cells):
    """What is told of numbers, of which the columns of a table have one in each row."""
    rows = (cells.format(id=2**60 + at, at=at, kind="ab"[at % 2]) for at in range(60))
    return read_labelled_table(write(path, [header, *rows])).describe()


@pytest.mark.parametrize("cell", ["{id}", "{id}0000", "{at}.5,{id}"])
def test_whole_numbers_that_float64_rounds_are_pointed_out(tmp_path, cell):
    header = "x,id,kind" if "," in cell else "id,kind"
    [_, line] = ids(tmp_path / "t.csv", header, cell + ",{kind}")
    assert "(id) has whole numbers such as 115292150460684697" in line
    assert line.endswith("of which 15 digits are kept: if they are ids, leave it out with "
                         "ignore_columns=['id']")  # fmt: skip


def test_whole_numbers_that_float64_rounds_are_no_fractions_as_labels(tmp_path):
    [_, note, warning] = ids(tmp_path / "t.csv", "x,target", "{at}.5,{id}")
    assert note.startswith("Note: the labels of column 2 (target) are 60 different whole numbers")
    assert warning == (
        "Warning: column 2 (target) has whole numbers such as 1152921504606846977, of which 15 "
        "digits are kept"
    )


def test_large_numbers_that_are_exact_or_measured_are_nothing_special(tmp_path):
    told = ids(tmp_path / "t.csv", "x,y,kind", "{at}.25e20,{at}e17,{kind}")
    assert not [line for line in told if "digits" in line]


def told_of_kinds(path, kinds, **how):
    rows = [f"n{at % kinds:03},{at % 7},{'uv'[at % 2]}" for at in range(400)]
    table = read_labelled_table(write(path, ["town,a,class", *rows]), **how)
    return [line for line in table.describe() if "(town)" in line]


def test_a_category_of_very_many_values_is_pointed_out(tmp_path):
    assert told_of_kinds(tmp_path / "t.csv", 99) == []
    assert told_of_kinds(tmp_path / "t.csv", 100) == [
        "Warning: column 1 (town) has 100 different values, each of which becomes an input, such "
        "as 'n000': if they are names, leave it out with ignore_columns=['town']"
    ]
    assert told_of_kinds(tmp_path / "t.csv", 100, categories=["town"]) == []
