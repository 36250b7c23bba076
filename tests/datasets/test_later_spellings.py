"""Cells and labels of later tables that are spelt otherwise than those of training."""

import numpy as np
import pytest
from refusals import assert_refused
from table_files import write
from table_networks import SHAPES, network_of, seen_by, stored

from fastnn.own_data import evaluate

pandas = pytest.importorskip("pandas")

# --- categories that pandas spells otherwise ------------------------------------------------------

CODES = ["b,c,zip,w,label", *["true,1,02134,0.50,A", "false,2,10001,0.75,B"] * 10]
LATER = ["b,c,zip,w", "true,1,02134,0.50", "false,,10001,0.75", "true,2,94105,0.50"]


@pytest.mark.parametrize("kind", ["DataFrame", "parquet", "xlsx"])
def test_categories_are_known_as_pandas_spells_them(tmp_path, kind):
    net = network_of(write(tmp_path / "t.csv", CODES), categories=["c", "w"])
    path = write(tmp_path / "new.csv", LATER)
    wanted, _ = seen_by(net, path)
    frame = pandas.read_csv(path)
    assert frame["c"].dtype.kind == "f"
    if kind == "DataFrame":
        with pytest.warns(UserWarning, match="of a kind that the training data lack") as warned:
            assert np.array_equal(net.outputs(frame), net.outputs(wanted))
        assert sorted(str(each.message).split(":")[0] for each in warned) == ["c", "zip"]
        return
    other = tmp_path / f"new.{kind}"
    frame.to_parquet(other) if kind == "parquet" else frame.to_excel(other, index=False)
    inputs, file = seen_by(net, other)
    assert np.array_equal(inputs, wanted)
    assert len(file.unknown) == 2


def test_a_missing_cell_changes_no_category_of_a_data_frame(recwarn):
    frame = pandas.DataFrame({"c": [1, 2, 3] * 8, "x": range(24), "label": ["A", "B"] * 12})
    net = network_of(frame, categories=["c"])
    later = frame.drop(columns="label").astype({"c": float})
    assert np.array_equal(net.outputs(later), net.outputs(frame))
    assert not recwarn.list


def test_labels_are_known_as_pandas_spells_them(tmp_path):
    lines = ["x,label", *["1,true", "2,false"] * 10]
    path = write(tmp_path / "t.csv", lines)
    net = network_of(path)
    in_file, in_pandas = evaluate(net, path), evaluate(net, pandas.read_csv(path))
    assert in_file.correct == in_pandas.correct
    assert [score.label for score in in_pandas.classes] == ["false", "true"]


def test_evaluation_in_python_warns_of_kinds_that_training_lacked(tmp_path):
    net = network_of(write(tmp_path / "t.csv", SHAPES))
    path = write(tmp_path / "more.csv", [*SHAPES, "huge,red,A"])
    with pytest.warns(UserWarning, match="shape: 1 cell is of a kind"):
        evaluate(net, path)


# --- True and False, 1 and 0 ----------------------------------------------------------------------

FORMS = {"number": lambda b: b.astype(int), "boolean": lambda b: b, "text": lambda b: b.map(str)}


@pytest.mark.parametrize("kind", ["csv", "frame"])
@pytest.mark.parametrize("later", FORMS)
@pytest.mark.parametrize("trained", FORMS)
def test_true_is_1_and_false_is_0_whichever_of_them_training_had(tmp_path, trained, later, kind):
    frame = pandas.DataFrame(
        {"x": range(40), "b": pandas.Series([True, False, False, True] * 10), "y": ["u", "v"] * 20}
    )
    net = stored(network_of(frame.assign(b=FORMS[trained](frame["b"]))), tmp_path / "net.npz")
    new = frame.assign(b=FORMS[later](frame["b"]))
    if kind == "csv":
        new.to_csv(tmp_path / "new.csv", index=False)
        new = tmp_path / "new.csv"
    inputs, file = seen_by(net, new)
    assert inputs[:3, -1].tolist() == [1, 0, 0]
    assert (file.warnings, file.unknown) == ([], [])


def test_true_among_other_numbers_is_refused(tmp_path):
    net = network_of(pandas.DataFrame({"x": range(40), "y": ["u", "v"] * 20}))
    path = write(tmp_path / "new.csv", ["x", "True", "7", "False"])
    assert_refused(lambda: seen_by(net, path), ValueError, "line 2, column 1 (x)", "'True'")


@pytest.mark.parametrize("later", ["boolean", "text"])
@pytest.mark.parametrize("kind", ["csv", "frame"])
def test_true_is_refused_where_training_had_other_numbers_than_0_and_1(tmp_path, later, kind):
    net = network_of(pandas.DataFrame({"age": range(40), "y": ["u", "v"] * 20}))
    new = pandas.DataFrame({"age": FORMS[later](pandas.Series([True, False]))})
    if kind == "csv":
        new.to_csv(tmp_path / "new.csv", index=False)
        new = tmp_path / "new.csv"
    assert_refused(lambda: seen_by(net, new), ValueError, "column 1 (age)", "'True'")


def test_a_network_of_before_does_not_know_where_true_is_1():
    net = network_of(pandas.DataFrame({"b": [0, 1] * 20, "y": ["u", "v"] * 20}))
    net.columns = net.columns._replace(inputs=(net.columns.inputs[0]._replace(flag=False),))
    frame = pandas.DataFrame({"b": [True, False]})
    assert_refused(lambda: seen_by(net, frame), ValueError, "row 1", "'True'")


@pytest.mark.parametrize("labels", FORMS)
@pytest.mark.parametrize("trained", FORMS)
def test_labels_may_be_true_and_false_for_1_and_0(trained, labels):
    y = pandas.Series([True, False] * 20)
    net = network_of(pandas.DataFrame({"x": range(40), "y": FORMS[trained](y)}))
    report = evaluate(net, pandas.DataFrame({"x": range(40), "y": FORMS[labels](y)}))
    assert report.unknown == {}
    assert sorted(score.examples for score in report.classes) == [20, 20]


def test_true_is_no_1_where_there_are_other_classes():
    net = network_of(pandas.DataFrame({"x": range(42), "y": [0, 1, 2] * 14}))
    frame = pandas.DataFrame({"x": range(4), "y": [True, False] * 2})
    with pytest.warns(UserWarning, match="4 rows have labels that the network does not know"):
        assert evaluate(net, frame).unknown == {"True": 2, "False": 2}


def test_labels_that_are_spelt_otherwise_are_warned_of():
    frame = pandas.DataFrame({"x": range(40), "y": ["u", "v"] * 20})
    net = network_of(frame)
    with pytest.warns(UserWarning, match="40 rows have labels that .* not know: 'U' \\(20 rows\\)"):
        evaluate(net, frame.assign(y=frame["y"].str.upper()))


# --- categories that are numbers elsewhere, or missing ones ---------------------------------------


@pytest.mark.parametrize("mark", ["..", ":", "N.A.", "no data", "1,17,000", "\u20133"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_a_category_in_training_is_no_number_later(tmp_path, mark, kind):
    frame = pandas.DataFrame({"c": ["1", "2", mark] * 10, "x": range(30), "y": ["u", "v"] * 15})
    frame.to_csv(tmp_path / "t.csv", index=False)
    net = network_of(tmp_path / "t.csv", categories=["c"])
    if kind == "xlsx":
        pytest.importorskip("openpyxl")
        frame.to_excel(tmp_path / "t.xlsx", index=False)
    inputs, file = seen_by(net, tmp_path / f"t.{kind}")
    assert net.columns.names()[:3] == [f"c={value}" for value in sorted(["1", "2", mark])]
    assert inputs[:, :3].sum() == 30
    assert file.unknown == []
    if kind == "xlsx":
        frame.replace({"c": {"2": "9"}}).to_excel(tmp_path / "t.xlsx", index=False)
        inputs, file = seen_by(net, tmp_path / "t.xlsx")
        assert inputs[:, :3].sum() == 20
        assert file.unknown == ["c: 10 cells are of a kind that the training data lack"]
