"""Later tables for a trained network: read as the one of training, with an answer for each row."""

import numpy as np
import pytest
from refusals import assert_refused
from table_files import write
from table_networks import network_of, seen_by

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
    assert np.array_equal(net.outputs(frame), net.outputs(inputs))
    assert len(net.predict(frame)) == 5


def test_rows_that_training_leaves_out_are_counted(tmp_path):
    lines = [*HOLES, "77,,,", "78,,,"]
    table = read_labelled_table(write(tmp_path / "t.csv", lines), ignore_columns=["id"])
    assert len(table.table) == 40
    assert any("2 rows are left out, with nothing in any" in line for line in table.describe())


def test_no_row_without_inputs_is_left_out_of_examples_without_labels(tmp_path):
    path = write(tmp_path / "new.csv", ["x,z", "1,2", ",", "5,4"])
    assert_refused(lambda: read_examples(path, inputs=2), ValueError, "new.csv", "2 inputs")


def test_evaluation_leaves_out_what_training_would(tmp_path, monkeypatch):
    monkeypatch.setattr("fastnn.datasets.frames.CELLS", 12)  # blocks of three rows
    path = write(tmp_path / "more.csv", ["id,x,z,label", *[",,,"] * 4, *HOLES[1:10]])
    assert evaluate(with_holes(tmp_path), path).n == 9


def test_evaluation_names_the_line_without_a_label(tmp_path):
    path = write(tmp_path / "more.csv", [*HOLES[:5], "9,3,1.5,", *HOLES[5:]])
    net = with_holes(tmp_path)
    assert_refused(lambda: evaluate(net, path), ValueError, "more.csv", "line 6, column 4 (label)")


def test_a_block_without_labels_is_left_out_where_training_left_such_rows_out(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("fastnn.datasets.frames.CELLS", 12)
    net = network_of(
        write(tmp_path / "t.csv", [*HOLES, "77,1,2,"]), ignore_columns=["id"], drop_missing=True
    )
    path = write(tmp_path / "more.csv", [HOLES[0], *["9,3,1.5,"] * 5, *HOLES[1:10]])
    assert evaluate(net, path).n == 9
