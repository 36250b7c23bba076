"""Later tables for a trained network: read as the one of training, with an answer for each row."""

import numpy as np
import pytest
from refusals import assert_refused
from table_files import write
from table_networks import SHAPES, network_of, seen_by, stored

import fastnn
from fastnn.own_data import evaluate, read_examples, read_labelled_table

pandas = pytest.importorskip("pandas")

# --- an answer for each row -----------------------------------------------------------------------

HOLES = ["id,x,z,label", *(f"{n},{n % 7},{n % 5}.5,{'AB'[n % 2]}" for n in range(40))]
NEW = ["id,x,z", "1,3,1.5", "2,,", "3,4,2.5", ",,", "5,1,0.5"]


def with_holes(tmp_path):
    return network_of(write(tmp_path / "t.csv", HOLES), ignore_columns=["id"])


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_a_row_without_inputs_is_answered_too(tmp_path, kind):
    net, path = with_holes(tmp_path), tmp_path / f"new.{kind}"
    lines = NEW if kind != "xlsx" else [line for line in NEW if line != ",,"]  # no row of a sheet
    frame = pandas.read_csv(write(tmp_path / "new.csv", lines))
    if kind == "parquet":
        frame.to_parquet(path)
    if kind == "xlsx":
        frame.to_excel(path, index=False)
    inputs, _ = seen_by(net, path)
    assert len(inputs) == len(lines) - 1
    filled = [column.fill for column in net.columns.inputs]
    assert inputs[1].tolist() == filled
    assert inputs[-1].tolist() == [1.0, 0.5]


def test_a_row_of_a_data_frame_without_inputs_is_answered_too(tmp_path):
    net = with_holes(tmp_path)
    frame = pandas.read_csv(write(tmp_path / "new.csv", NEW))
    inputs, _ = seen_by(net, tmp_path / "new.csv")
    with pytest.warns(UserWarning, match="[xz]: 2 cells are of a kind that"):
        assert np.array_equal(net.outputs(frame), net.outputs(inputs))
    with pytest.warns(UserWarning, match="[xz]: 2 cells"):
        assert len(net.predict(frame)) == 5


def test_an_empty_row_of_a_sheet_is_no_row_and_told(tmp_path):
    frame = pandas.read_csv(write(tmp_path / "new.csv", NEW))
    frame.to_excel(tmp_path / "new.xlsx", index=False)
    inputs, file = seen_by(with_holes(tmp_path), tmp_path / "new.xlsx")
    assert len(inputs) == 4
    assert "1 empty row of the sheet left out" in file.notes


def test_rows_that_training_leaves_out_are_counted(tmp_path):
    lines = [*HOLES, "77,,,", "78,,,"]
    table = read_labelled_table(write(tmp_path / "t.csv", lines), ignore_columns=["id"])
    assert len(table.table) == 40
    assert any("2 rows are left out, with nothing in any" in line for line in table.describe())


def test_no_row_without_inputs_is_left_out_of_examples_without_labels(tmp_path):
    path = write(tmp_path / "new.csv", ["x,z", "1,2", ",", "5,4"])
    assert_refused(lambda: read_examples(path, inputs=2), ValueError, "new.csv", "2 inputs")


def test_evaluation_leaves_out_what_training_would(tmp_path, monkeypatch):
    monkeypatch.setattr("fastnn.datasets.tables.text_frames.CELLS", 12)  # blocks of three rows
    path = write(tmp_path / "more.csv", ["id,x,z,label", *[",,,"] * 4, *HOLES[1:10]])
    assert evaluate(with_holes(tmp_path), path).n == 9


def test_evaluation_names_the_line_without_a_label(tmp_path):
    path = write(tmp_path / "more.csv", [*HOLES[:5], "9,3,1.5,", *HOLES[5:]])
    net = with_holes(tmp_path)
    assert_refused(lambda: evaluate(net, path), ValueError, "more.csv", "line 6, column 4 (label)")


def test_a_block_without_labels_is_left_out_where_training_left_such_rows_out(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("fastnn.datasets.tables.text_frames.CELLS", 12)
    net = network_of(
        write(tmp_path / "t.csv", [*HOLES, "77,1,2,"]), ignore_columns=["id"], drop_missing=True
    )
    path = write(tmp_path / "more.csv", [HOLES[0], *["9,3,1.5,"] * 5, *HOLES[1:10]])
    assert evaluate(net, path).n == 9


# --- the same decimal sign and separator ----------------------------------------------------------


def prices(tmp_path, large="1,050", small="10,5"):
    """A network for a table of prices, each of them a thousand and something."""
    one = [f"{large}\t{small}\tB", f"{large.replace('1', '2')}\t{small.replace('1', '2')}\tA"]
    lines = ["price\trate\tlabel", *one * 10]
    return stored(network_of(write(tmp_path / "t.tsv", lines)), tmp_path / "net.npz")


@pytest.mark.parametrize(
    ("trained", "cells", "wanted"),
    [
        (("1,050", "10.5"), ("1,250", "12"), (1250, 12)),
        (("1,050", "10.5"), ("1,250", "12.5"), (1250, 12.5)),
        (("1,050", "10.5"), ("1,25", "12"), (1.25, 12)),  # the file decides otherwise
        (("1050", "10,5"), ("1,250", "12"), (1.25, 12)),
        (("1050", "10,5"), ("1.25", "12"), (1.25, 12)),
    ],
)
def test_commas_and_points_mean_what_they_meant_in_training(tmp_path, trained, cells, wanted):
    net = prices(tmp_path, *trained)
    path = write(tmp_path / "new.tsv", ["price\trate", "\t".join(cells), "\t".join(cells)])
    inputs, file = seen_by(net, path)
    assert inputs.tolist() == [list(wanted)] * 2
    assert file.warnings == []


DOUBTFUL = {
    "no groups in training": (("1050", "10,5"), "\t", ("1.250", "12"), (1250, 12)),
    "semicolons": (("1.050", "3.542"), ";", ("1,403", "3,542"), (1.403, 3.542)),
}


@pytest.mark.parametrize("kind", DOUBTFUL)
def test_a_sign_that_may_be_another_than_in_training_is_warned_of(tmp_path, kind):
    trained, separator, cells, wanted = DOUBTFUL[kind]
    net = prices(tmp_path, *trained)
    lines = [separator.join(row) for row in (("price", "rate"), cells, cells)]
    inputs, file = seen_by(net, write(tmp_path / "new.csv", lines))
    assert inputs.tolist() == [list(wanted)] * 2
    number = f"{cells[0]} is read as {wanted[0]:{'.3f' if wanted[0] < 9 else 'd'}}"
    assert number in file.warnings[0]


def test_points_between_commas_are_before_decimals_whatever_training_had(tmp_path):
    lines = ["price;rate;label", *["1,403;3,542;A", "2,403;1,542;B"] * 9]
    net = network_of(write(tmp_path / "t.csv", lines))
    inputs, file = seen_by(net, write(tmp_path / "new.csv", ["price,rate", "1.403,3.542"]))
    assert (inputs.tolist(), file.warnings) == ([[1.403, 3.542]], [])


def test_a_network_of_before_reads_a_table_by_its_looks_and_says_so(tmp_path):
    net = prices(tmp_path, "1,050", "10.5")
    net.columns = net.columns._replace(separator="", decimal="")
    net.save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz") as file:
        arrays = dict(file)
    arrays["columns_reading"] = arrays["columns_reading"][:2]
    np.savez(tmp_path / "old.npz", **arrays)
    path = write(tmp_path / "new.tsv", ["price\trate", "1,250\t12", "2,500\t25"])
    inputs, file = seen_by(fastnn.load(tmp_path / "old.npz"), path)
    assert inputs[0].tolist() == [1.25, 12.0]
    assert "1,250 is read as 1.250" in file.warnings[0]


@pytest.mark.parametrize("part", [["", "", "ab", "."], ["", "", ";", "x"], ["", "", ";"]])
def test_a_stored_layout_that_no_table_has_is_refused(tmp_path, part):
    net = prices(tmp_path)
    net.save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz") as file:
        arrays = dict(file)
    np.savez(tmp_path / "net.npz", **{**arrays, "columns_reading": np.array(part)})
    assert_refused(lambda: fastnn.load(tmp_path / "net.npz"), ValueError, "net.npz")


# A line of the table of training, and a later table of its only input.
SINGLE = {
    "decimal commas": ("{};{}", ["0,5", "1,5"], [[0.5], [1.5]]),
    "decimal commas between commas": ('"{}",{}', ["0,5", "1,5"], [[0.5], [1.5]]),
    "words": ("{};{}", ["very big", "very small"], [[1, 0], [0, 1]]),
    "words between commas": ("{},{}", ["very big", "very small"], [[1, 0], [0, 1]]),
    "numbers": ("{},{}", ["0.5", "1.5"], [[0.5], [1.5]]),
    "whole numbers": ("{}\t{}", ["3", "4"], [[3], [4]]),
}


@pytest.mark.parametrize(
    ("kind", "header"),
    [
        *((kind, True) for kind in SINGLE),
        # 5 is as good a label there.
        *((kind, False) for kind in SINGLE if kind != "decimal commas between commas"),
    ],
)
def test_a_table_of_one_column_stays_one(tmp_path, kind, header):
    form, cells, wanted = SINGLE[kind]
    head = [form.format("x", "label")] * header
    lines = head + [form.format(cell, "AB"[at]) for at, cell in enumerate(cells)] * 10
    net = stored(network_of(write(tmp_path / "t.csv", lines)), tmp_path / "net.npz")
    inputs, _ = seen_by(net, write(tmp_path / "new.csv", ["x"] * header + cells))
    assert inputs.tolist() == wanted


ROWS = [("1.5", "2", "A"), ("3.5", "4", "B")]


@pytest.mark.parametrize("later", [",", ";", "\t", "|"])
@pytest.mark.parametrize("first", [",", ";", "\t", "|", " "])
def test_a_table_with_another_separator_is_read_by_its_looks(tmp_path, first, later):
    lines = [first.join(cells) for cells in [("x", "z", "label"), *ROWS * 9]]
    net = network_of(write(tmp_path / "t.csv", lines))
    new = [later.join(cells) for cells in [("z", "x"), ("2", "1.5"), ("4", "3.5")]]
    inputs, _ = seen_by(net, write(tmp_path / "new.csv", new))
    assert inputs.tolist() == [[1.5, 2.0], [3.5, 4.0]]


@pytest.mark.parametrize("separator", [" ", ",", "\t"])
def test_the_names_of_rows_that_r_writes_make_no_column_of_their_own(tmp_path, separator):
    lines = [f'"x"{separator}"label"']
    lines += [f'"{n}"{separator}{n % 4}.5{separator}"{"AB"[n % 2]}"' for n in range(1, 30)]
    net = network_of(write(tmp_path / "t.csv", lines))
    new = ['"x"', *(f'"{n}"{separator}{n}.5' for n in range(1, 4))]
    inputs, _ = seen_by(net, write(tmp_path / "new.csv", new))
    assert inputs.tolist() == [[1.5], [2.5], [3.5]]


def test_whole_numbers_between_commas_are_read_after_training_with_decimal_commas(tmp_path):
    lines = ["x;z;label", *["0,5;1;A", "1,5;2;B"] * 10]
    net = network_of(write(tmp_path / "t.csv", lines))
    inputs, _ = seen_by(net, write(tmp_path / "new.csv", ["x,z", "1,2", "3,4"]))
    assert inputs.tolist() == [[1, 2], [3, 4]]
    inputs, _ = seen_by(net, write(tmp_path / "new.csv", ["x,z", "1.25,2", "3,4"]))
    assert inputs.tolist() == [[1.25, 2], [3, 4]]


# --- the header -----------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["Shape,Colour", "Colour,Shape", "Shape,Colour,Label"])
def test_a_header_of_other_names_is_no_row(tmp_path, header):
    net = network_of(write(tmp_path / "t.csv", SHAPES))
    rows = ["big,red", "small,blue", "big,red"]
    rows = [f"{row},A" for row in rows] if "Label" in header else rows
    path = write(tmp_path / "new.csv", [header, *rows])
    assert_refused(
        lambda: seen_by(net, path), ValueError, "no column shape, colour", "Shape", "header=False"
    )


def test_a_single_name_that_differs_is_told_with_what_is_there(tmp_path):
    net = network_of(write(tmp_path / "t.csv", SHAPES))
    path = write(tmp_path / "new.csv", ["Shape,colour", "big,red", "small,blue"])
    assert_refused(lambda: seen_by(net, path), ValueError, "no column shape (there is Shape)")


def test_a_header_of_other_names_above_numbers_is_told_as_such(tmp_path):
    net = network_of(write(tmp_path / "t.csv", HOLES), ignore_columns=["id"])
    path = write(tmp_path / "new.csv", ["X,Z", "1,2", "3,4"])
    assert_refused(lambda: seen_by(net, path), ValueError, "no column x, z (there are X, Z)")


def test_a_text_among_known_numbers_is_told_without_options_that_are_not_there(tmp_path):
    net = network_of(write(tmp_path / "t.csv", HOLES), ignore_columns=["id"])
    path = write(tmp_path / "new.csv", ["x,z", "1,2", "3,abc"])
    with pytest.raises(ValueError, match=r"line 3, column 2 \(z\): expected.*got 'abc'$"):
        seen_by(net, path)


@pytest.mark.parametrize("rows", [["big,red"], ["big,red", "small,blue"], ["big,new", "new,red"]])
def test_rows_without_a_header_are_known_by_their_categories(tmp_path, rows):
    net = network_of(write(tmp_path / "t.csv", SHAPES))
    inputs, _ = seen_by(net, write(tmp_path / "new.csv", rows))
    assert len(inputs) == len(rows)


def counted(tmp_path):
    """A network for a table of pandas whose columns are called 0 and 1."""
    lines = ["0,1,label", *[f"{n % 3},{n % 5},{'AB'[n % 2]}" for n in range(30)]]
    return network_of(write(tmp_path / "t.csv", lines))


@pytest.mark.parametrize("first", ["1,0", "1,1", "4,1"])
def test_a_row_that_happens_to_have_names_that_are_numbers_is_a_row(tmp_path, first):
    path = write(tmp_path / "new.csv", [first, "2,3", "0,4"])
    inputs, file = seen_by(counted(tmp_path), path)
    assert inputs[0].tolist() == [float(cell) for cell in first.split(",")]
    assert len(inputs) == 3
    assert any("taken for data; header=True if it" in warning for warning in file.warnings)


def test_names_that_are_numbers_are_a_header_in_their_order(tmp_path):
    net = counted(tmp_path)
    whole, _ = seen_by(net, write(tmp_path / "new.csv", ["0,1", "2,3", "0,4"]))
    assert whole.tolist() == [[2, 3], [0, 4]]
    _, file = seen_by(net, tmp_path / "new.csv")
    assert "line 1 has the numbers" in file.warnings[0]
    fractions, file = seen_by(net, write(tmp_path / "new.csv", ["0,1", "2.5,3", "0,4"]))
    assert (fractions.tolist(), file.warnings) == ([[2.5, 3], [0, 4]], [])
    bare, _ = seen_by(net, write(tmp_path / "new.csv", ["0,1", "2,3"]), header=False)
    assert len(bare) == 2


# --- what is no table -----------------------------------------------------------------------------


def test_a_row_of_a_data_frame_alone_is_no_table(tmp_path):
    net = network_of(write(tmp_path / "t.csv", HOLES), ignore_columns=["id"])
    frame = pandas.read_csv(tmp_path / "t.csv")
    assert_refused(lambda: net.predict(frame.iloc[0]), TypeError, "got a Series", "iloc[[0]]")
    assert_refused(lambda: read_examples(frame["x"]), TypeError, "got a Series")
    assert len(net.predict(frame.iloc[[0]])) == 1


def test_columns_that_are_none_are_refused_where_they_are_used(tmp_path):
    net = network_of(write(tmp_path / "t.csv", HOLES), ignore_columns=["id"])
    frame = pandas.read_csv(tmp_path / "t.csv")
    net.columns = ["x", "z"]
    assert_refused(lambda: net.predict(frame), TypeError, "columns must be Columns or None")
    net = network_of(write(tmp_path / "t.csv", ["x,y", *[f"{n},{n}.5" for n in range(40)]]))
    net.columns = ["x"]
    assert_refused(lambda: net.predict([[1.0]]), TypeError, "columns must be Columns or None")
