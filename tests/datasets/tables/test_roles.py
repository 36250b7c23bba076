"""What the columns of a table are for: an index, the labels, what is left out."""

import numpy as np
import pytest
from refusals import assert_refused
from table_files import write
from table_networks import network_of, seen_by

import fastnn
from fastnn.own_data import evaluate, read_examples, read_labelled_table

pandas = pytest.importorskip("pandas")


def split_by_pandas(start=0, seed=1, n=40):
    """A DataFrame as a split leaves it: its index out of order, its columns called 0 and 1."""
    rng = np.random.default_rng(seed)
    frame = pandas.DataFrame(rng.integers(0, 5, (n, 2)).astype(float))
    frame["target"] = np.array(["A", "B"])[rng.integers(0, 2, n)]
    frame.index = rng.permutation(n) + start
    return frame


@pytest.mark.parametrize("start", [0, 100])
def test_an_index_without_a_name_is_left_out_in_any_order(tmp_path, start):
    path = tmp_path / "t.csv"
    split_by_pandas(start).to_csv(path)
    table = read_labelled_table(path)
    assert table.learn().names() == ["0", "1"]
    assert any("column 1 (without a name) is an index" in line for line in table.describe())


def numbered(n=30):
    return pandas.DataFrame(
        {"a": np.arange(n) % 7, "b": np.arange(n) % 5, "label": ["A", "B"] * 15}
    )


def test_an_index_that_counts_again_is_left_out(tmp_path):
    path = tmp_path / "t.csv"
    pandas.concat([numbered(), numbered()]).to_csv(path)
    assert read_labelled_table(path).learn().names() == ["a", "b"]


def test_all_levels_of_an_index_are_left_out(tmp_path):
    path = tmp_path / "t.csv"
    levels = [np.arange(30) // 3, [2000, 2001, 2002] * 10]
    numbered().set_index(levels).to_csv(path)
    table = read_labelled_table(path)
    assert table.learn().names() == ["a", "b"]
    told = [f"Note: column {place} (without a name) is an index, left out" for place in (1, 2)]
    assert [line for line in table.describe() if "index" in line] == told


def test_a_column_without_a_name_that_is_learnt_from_is_warned_of(tmp_path):
    path = tmp_path / "t.csv"
    numbered().set_index(np.arange(30) * 7 % 9).to_csv(path)
    table = read_labelled_table(path)
    assert table.learn().names()[0] == "Unnamed: 0"
    assert any("ignore_columns=['Unnamed: 0']" in line for line in table.describe())


def test_a_column_without_a_name_is_no_other(tmp_path):
    path = tmp_path / "t.csv"
    split_by_pandas().rename(index=lambda at: at / 2).to_csv(path)  # fractions are no index
    net = network_of(path)
    assert net.columns.names() == ["Unnamed: 0", "0", "1"]
    inputs, _ = seen_by(net, path)
    assert np.array_equal(inputs, pandas.read_csv(path).iloc[:, :3])
    left = read_labelled_table(path, ignore_columns=["Unnamed: 0"])
    assert left.learn().names() == ["0", "1"]


def test_a_column_without_a_name_is_called_as_no_other(tmp_path):
    path = tmp_path / "t.csv"
    split_by_pandas().rename(index=float).to_csv(path)
    frame = pandas.read_csv(path)
    frame.rename(index=lambda at: at / 2).to_csv(path)  # once more, as it happens
    assert read_labelled_table(path).learn().names() == ["Unnamed: 0.1", "Unnamed: 0", "0", "1"]


def test_the_advice_about_an_id_is_what_python_takes(tmp_path):
    lines = ["the id,x,label", *[f"{n},{n % 4},{'AB'[n % 2]}" for n in range(40, 80)]]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert any("ignore_columns=['the id']" in line for line in table.describe())


def test_no_name_reaches_the_terminal_as_it_is(tmp_path):
    lines = ["\x1b[31mid,\x1b[31mx,y", *[f"{n},{n % 3},{n * 7}" for n in range(60)]]
    table = read_labelled_table(write(tmp_path / "t.csv", lines), task="classification")
    told = "\n".join(table.describe())
    assert "\x1b" not in told
    assert "ignore_columns=['\\\\x1b[31mid']" in told


def test_all_inputs_left_out_is_told_as_such(tmp_path):
    path = write(tmp_path / "t.csv", ["x,z,label", *["1,2,A", "3,4,B"] * 5])
    read = read_labelled_table(path, ignore_columns=["x", "z"])
    assert_refused(read.learn, ValueError, "no column is left to learn from")


def test_two_columns_called_as_labels_are_told(tmp_path):
    path = write(tmp_path / "t.csv", ["label,x,class", *["A,1,C", "B,2,D"] * 5])
    table = read_labelled_table(path)
    assert table.classes == ["C", "D"]
    note = "Note: column 1 (label) and column 3 (class) are called as labels are"
    assert any(line.startswith(note) for line in table.describe())


@pytest.mark.parametrize(
    ("header", "kind"),
    [("x,y,z", "Warning"), ("z,X,Y,w", "Warning"), ("a,y,x", "Note"), ("y,x,z", "Note")],
)
def test_labels_that_may_be_coordinates_are_warned_of(tmp_path, header, kind):
    rows = [",".join(f"{at * 7 % 11}.{at}" for _ in header.split(",")) for at in range(30)]
    told = read_labelled_table(write(tmp_path / "t.csv", [header, *rows])).describe()
    [line] = [line for line in told if "for its name" in line]
    assert line.startswith(f"{kind}: the labels are column ")
    assert ("may be another coordinate" in line) is (kind == "Warning")


@pytest.mark.parametrize("header", [["id,diagnosis,m1,m2"], []], ids=["named", "bare"])
def test_the_only_text_behind_ids_may_be_the_labels_of_measurements(tmp_path, header):
    rows = [f"{800 + at},{'MB'[at % 2]},{at % 7}.5,{at * 11 % 13}.25" for at in range(60)]
    told = read_labelled_table(write(tmp_path / "t.csv", [*header, *rows])).describe()
    name = "diagnosis" if header else "1"
    assert any(line.endswith(f"; label_column='{name}' has 2 different values") for line in told)


@pytest.mark.parametrize("row", ["{0}.5,{1},{0}.25,{2}.75", "{1},{1},{0}.5,{2}.25"])
def test_other_text_is_no_label_of_measurements(tmp_path, row):
    rows = [row.format(at % 7, "MB"[at % 2], at * 11 % 13) for at in range(60)]
    told = read_labelled_table(write(tmp_path / "t.csv", ["a,b,c,d", *rows])).warnings
    assert told == []


@pytest.mark.parametrize("notes", [[], ["mind this", "and that"]], ids=["empty", "notes"])
@pytest.mark.parametrize("kind", ["csv", "frame"])
def test_columns_without_a_name_at_the_end_are_no_labels(tmp_path, kind, notes):
    rows = [f"{at},{at % 7},{'uv'[at % 2]},," for at in range(40)]
    rows[5:7] = [row + note for row, note in zip(rows[5:7], notes, strict=False)] or rows[5:7]
    table = write(tmp_path / "t.csv", ["a,b,kind,,", *rows])
    if kind == "frame":
        table = pandas.read_csv(table).rename(columns=lambda name: name if name[0] != "U" else "")
    labelled = read_labelled_table(table)
    assert labelled.classes == ["u", "v"]
    assert labelled.learn().names() == ["a", "b"]
    assert labelled.describe()[1] == (
        "Note: the labels are column 3 (kind): those behind it have no name and next to nothing in "
        "their cells; label_column= decides"
    )


def test_a_last_column_without_a_name_that_is_full_has_the_labels(tmp_path):
    rows = [f"{at},{at % 7},{'uv'[at % 2]}" for at in range(40)]
    labelled = read_labelled_table(write(tmp_path / "t.csv", ["a,b,", *rows]))
    assert labelled.classes == ["u", "v"]


@pytest.mark.parametrize("label", ["", "2020"])
def test_a_last_column_without_labels_is_refused_with_what_to_do(tmp_path, label):
    rows = [f"{at},{at % 7}," for at in range(40)]
    path = write(tmp_path / "t.csv", ["a,b,c", *rows, f"1,2,{label}"])
    assert_refused(lambda: read_labelled_table(path), ValueError, "label_column= names another")


def test_a_last_column_that_is_empty_stands_for_labels_where_the_inputs_are_counted(tmp_path):
    path = write(tmp_path / "t.csv", ["a,b,", *(f"{at},{at % 7}," for at in range(40))])
    net = fastnn.Network([2, 3, 2], seed=1)
    inputs, _ = seen_by(net, path)
    assert inputs[:, 0].tolist() == list(range(40))


def test_few_labels_without_a_name_are_labels_where_they_come_again(tmp_path):
    rows = [f"{at % 7},{at % 5},{'' if at % 15 else ('x', 'y')[at % 2]}" for at in range(300)]
    path = write(tmp_path / "t.csv", ["a,b,", *rows])
    assert len(read_labelled_table(path, drop_missing=True).table) == 20
    with pytest.raises(ValueError, match="labels are missing"):
        read_labelled_table(path)


@pytest.mark.parametrize("name", ["y", "Class", "target", "label"])
def test_what_is_called_as_labels_is_noted_where_it_is_an_input(tmp_path, name):
    path = write(tmp_path / "t.csv", [f"a,b,{name}", "1,2,0", "3,4,1"])
    net = fastnn.Network([3, 4, 2], seed=1)
    inputs, file = seen_by(net, path)
    assert inputs[:, 2].tolist() == [0, 1]
    told = (
        f"column 3 ({name}) is called as labels are, but taken for an input, as the table has as "
        "many columns as the network has inputs: take it out of the table if it holds labels"
    )
    assert file.notes == [told]
    assert_refused(lambda: evaluate(net, path), ValueError, "must have labels to compare", told)
    with pytest.warns(UserWarning, match="called as labels are, but taken for an input"):
        read_examples(path, inputs=3)
    _, file = seen_by(fastnn.Network([2, 4, 2], seed=1), path)
    assert (file.has_labels, file.notes) == (True, [])


def test_what_is_called_as_labels_is_noted_where_its_place_is_an_input(tmp_path):
    rows = [f"{at % 7},{at % 5},{at % 3},{'uv'[at % 2]}" for at in range(40)]
    net = network_of(write(tmp_path / "t.csv", rows))
    _, file = seen_by(net, write(tmp_path / "new.csv", ["a,b,y", "1,2,0", "3,4,1"]))
    [note] = file.notes
    assert note.startswith("column 3 (y) is called as labels are, but taken for an input")
    _, file = seen_by(net, write(tmp_path / "all.csv", ["a,b,c,y", "1,2,0,u", "3,4,1,v"]))
    assert file.notes == []
