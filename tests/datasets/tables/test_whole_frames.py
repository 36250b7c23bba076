"""Tables that pandas holds in memory: what ARFF declares is what a column is."""

import decimal

import pytest
from refusals import assert_refused
from table_files import write
from table_networks import network_of, seen_by

from fastnn.own_data import read_labelled_table

pandas = pytest.importorskip("pandas")


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


def test_an_index_that_is_called_as_a_column_is_refused(tmp_path):
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
