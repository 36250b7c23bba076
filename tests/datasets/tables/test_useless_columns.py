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


@pytest.mark.parametrize(
    "last", [["land 9,2,u"], ["total,1,u", "total,2,v"], ["total eclipse,1,u"]]
)
def test_other_rows_are_no_totals(tmp_path, last):
    assert told_of(tmp_path / "t.csv", last) == []
