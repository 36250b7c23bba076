"""Tables that pandas holds in memory: what ARFF declares is what a column is."""

import pytest
from table_files import write
from table_networks import network_of, seen_by

from fastnn.own_data import read_labelled_table

pytest.importorskip("pandas")


def arff(*attributes):
    return ["@relation r", *(f"@attribute {each}" for each in attributes), "@data"]


@pytest.mark.parametrize("values", ["-1,0,1", "0.5,1.0,1.5", "1.1,1.10,2"])
def test_nominal_values_are_categories_also_where_they_look_like_numbers(tmp_path, values):
    pytest.importorskip("scipy")
    found = values.split(",")
    rows = [f"{at},{found[at % 3]},{'pq'[at % 2]}" for at in range(30)]
    lines = [*arff("a numeric", f"b {{{values}}}", "class {p,q}"), *rows]
    net = network_of(write(tmp_path / "t.arff", lines))
    assert net.columns.names()[1:] == [f"b={value}" for value in found]
    inputs, _ = seen_by(net, tmp_path / "t.arff")
    assert inputs[:3, 1:].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_letters_of_any_language_are_read_from_arff(tmp_path, encoding):
    pytest.importorskip("scipy")
    rows = [f"{at},{['rosé', 'süß'][at % 2]},{'pq'[at % 2]}" for at in range(30)]
    lines = [*arff("größe numeric", "b {rosé,süß}", "class {p,q}"), *rows]
    table = read_labelled_table(write(tmp_path / "t.arff", lines, encoding))
    assert table.learn().names() == ["größe", "b=rosé", "b=süß"]
