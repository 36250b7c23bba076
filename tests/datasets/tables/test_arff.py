"""Tables in ARFF: what is declared is what a column is, however Weka and people write it."""

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


KINDS = ["red", "'light red'", '"a, b"', "'50% {x}'", r"'it\'s'", "' led '", "O'Brien", "D'Arcy"]


@pytest.mark.parametrize("first", range(3))
def test_quotation_marks_in_arff_are_where_they_are_needed_as_weka_writes(tmp_path, first):
    pytest.importorskip("scipy")
    kinds = [*KINDS[first:], *KINDS[:first]] * 4
    days = ['"2001-04-03 12:12:12"', '"2001-05-03 12:12:12"']
    rows = [f"{at},{kind},{days[at % 2]},{'pq'[at % 2]}" for at, kind in enumerate(kinds)]
    kinds_of_b = f"{{{', '.join(KINDS)}}}"
    heads = arff("a numeric", f"b {kinds_of_b}", 'd date "yyyy-MM-dd HH:mm:ss"', "class {p,q}")
    table = read_labelled_table(write(tmp_path / "t.arff", [*heads, *rows]), ignore_columns=["d"])
    plain = ["red", "light red", "a, b", "50% {x}", "it's", "led", "O'Brien", "D'Arcy"]
    assert table.learn().names()[1:] == sorted(f"b={kind}" for kind in plain)


UNEVEN = {
    "after commas": ("{{{}, {},{}}}", ["{}, {}, {}", "{},{},{}"]),
    "around commas": ("{{ {} , {},{} }} ", ["{} ,{} , {} ", " {},{},{}"]),
    "before them": ("{{{} ,{} ,{}}}", ["{},{} ,{}", "{} ,{},{}"]),
    "and tabs": ("{{{},\t{},{}\t}}", ["{},\t{},{}\t", "{},{},{}"]),
    "beside tabs": ("{{{},{},{}}}", ["{}\t{} \t{}", "{}\t{}\t {}"]),
}


@pytest.mark.parametrize("kind", UNEVEN)
@pytest.mark.parametrize("values", [["red", "green", "blue"], ["'a b'", "' c,d '", "'e{f'"]])
def test_blanks_beside_the_cells_and_values_of_arff_mean_nothing(tmp_path, kind, values):
    pytest.importorskip("scipy")
    declared, rows = UNEVEN[kind]
    cells = [(at, values[at % 3], "pq"[at // 2 % 2]) for at in range(30)]
    heads = arff("a numeric", f"b {declared.format(*values)}", "class {p, q}")
    lines = [*heads, *(rows[at % 2].format(*row) for at, row in enumerate(cells))]
    names = read_labelled_table(write(tmp_path / "t.arff", lines)).learn().names()
    assert names[1:] == sorted("b=" + value.strip(" '") for value in values)


@pytest.mark.parametrize("data", ["@data", "@DATA % the rows"])
def test_what_is_no_number_is_named_with_its_line(tmp_path, data):
    rows = [*arff("a numeric", "kind {u,v}")[:-1], data, *(["1,u", "2,v"] * 9), "zz,u"]
    with pytest.raises(ValueError, match=r"line 23: expected a number, got 'zz'"):
        read_labelled_table(write(tmp_path / "t.arff", rows))
