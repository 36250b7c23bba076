"""Tables as people have them, from one command to a network: how they are read, what is said.

The table options of `train` are among it.
"""

import bz2
import gzip
import json
import lzma
import sys
import zipfile

import numpy as np
import pytest
from small_program import assert_one_line_of_error
from table_files import digits, flowers, houses, incomes, iris, passengers, wine, write

import fastnn
from fastnn.own_data import evaluate, read_examples, read_labelled_table

QUICK = ["--seed", "1", "--quiet", "--eta", "0.5"]


@pytest.fixture
def train(fastnn_program, tmp_path):
    """Train on a file that is written, and return status, both outputs and the network's path."""

    def run(lines, *options, name="t.csv", **how):
        path = write(tmp_path / name, lines, **how) if isinstance(lines, list) else lines
        net = tmp_path / "net.npz"
        result = fastnn_program("train", "--data", path, *QUICK, "--save", net, *options)
        return (*result, net)

    return run


def accuracy(out):
    """The share that the program prints for the part held out."""
    return float(out[0].split()[4].rstrip("%"))


# --- kinds of text --------------------------------------------------------------------------------

TEXTS = {
    "commas": (iris(), {}),
    "semicolons": (iris(";"), {}),
    "tabs": (iris("\t"), {}),
    "pipes": (iris("|"), {}),
    "blanks": ([line.replace(",", "   ") for line in ["  " + each for each in iris()]], {}),
    "commas and blanks": (iris(", "), {}),
    "no header": (iris(header=False), {}),
    "decimal commas": (iris(";", decimal=","), {}),
    "decimal commas without a header": (iris(";", header=False, decimal=","), {}),
    "comments above": (["# measured by the lab", "# in cm", *iris()], {}),
    "a comment within": ([*iris()[:50], "# second batch", *iris()[50:]], {}),
    "a header in a comment": (["# " + iris()[0], *iris()[1:]], {}),
    "a title": (["Measurements of the lab", *iris()], {}),
    "Excel's first line": (["sep=;", *iris(";")], {}),
    "trailing separators": ([line + "," for line in iris()], {}),
    "trailing separators but for the header": (
        [iris()[0], *(line + "," for line in iris()[1:])],
        {},
    ),
    "empty rows": ([*iris()[:50], "", ",,,,", *iris()[50:]], {}),
    "an index": ([f"{at - 1 if at else ''},{line}" for at, line in enumerate(iris())], {}),
    "R's row names": ([iris()[0], *(f"r{at},{line}" for at, line in enumerate(iris()[1:]))], {}),
    "Windows' lines": (iris(), {"end": "\r\n"}),
    "a mark of UTF-8": (iris(), {"encoding": "utf-8-sig"}),
    "UTF-16": (iris(), {"encoding": "utf-16"}),
    "UTF-16 without a mark": (iris(), {"encoding": "utf-16-le"}),
    "cp1252": ([iris()[0].replace("a,", "größe,"), *iris()[1:]], {"encoding": "cp1252"}),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_table_is_read_however_its_text_is_written(train, kind):
    lines, how = TEXTS[kind]
    status, out, err, net = train(lines, **how)
    assert (status, err) == (0, [])
    assert accuracy(out) > 90
    network = fastnn.load(net)
    assert network.sizes == [4, 30, 3]
    assert network.labels == ["alpha", "beta", "gamma"]
    rows, kinds = flowers()
    read = read_examples(net.parent / "t.csv")
    assert np.array_equal(read.inputs, rows)
    assert read.labels.tolist() == kinds.tolist()


def test_a_first_row_that_counts_the_columns_is_a_header_unless_the_user_says_no(train):
    lines = ["0,1,2,3,label", *iris(header=False)]
    _, _, err, net = train(lines)
    assert err[-1].startswith("Warning: line 1 counts the columns, and is taken for a header")
    assert fastnn.load(net).labels == ["alpha", "beta", "gamma"]
    *_, net = train(lines, "--no-header")
    assert fastnn.load(net).labels == ["alpha", "beta", "gamma", "label"]


PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("packer", [*PACKERS, "zip"])
def test_a_packed_table_is_read(tmp_path, packer):
    text = "\n".join(iris()).encode()
    path = tmp_path / f"t.csv.{packer}"
    if packer == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("t.csv", text)
    else:
        path.write_bytes(PACKERS[packer](text))
    assert np.array_equal(read_examples(path).inputs, flowers()[0])


def test_a_zip_of_several_files_is_refused_by_their_names(fastnn_program, tmp_path):
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "1,2\n")
        archive.writestr("b.csv", "1,2\n")
    assert_one_line_of_error(fastnn_program("train", "--data", path), "2 files", "a.csv, b.csv")


# --- what is learnt and said ----------------------------------------------------------------------


def test_a_table_with_the_label_first_is_pointed_out(train):
    status, _, err, _ = train(wine(), "--epochs", 2)
    assert status == 0
    assert "150 examples, 5 inputs (5 numbers)" in err[0]
    warned = "Warning: column 6 was not named as the label, and --label-column 0 has 3 different"
    assert [line for line in err if line.startswith(warned)]
    status, out, err, net = train(wine(), "--label-column", 0)
    assert (status, err) == (0, [])
    assert fastnn.load(net).labels == [1, 2, 3]
    assert accuracy(out) > 90


@pytest.mark.parametrize("header", [True, False], ids=["header", "bare"])
def test_digits_as_kaggle_has_them_are_trained_on_and_predicted(
    train, fastnn_program, tmp_path, header
):
    status, out, err, net = train(digits(header=header))
    assert status == 0
    assert err[-1].startswith("Warning: 3 inputs never change: column 63")
    assert fastnn.load(net).sizes == [64, 30, 10]
    assert accuracy(out) > 90
    test = write(tmp_path / "test.csv", digits(labels=False, header=header))
    status, out, err = fastnn_program("predict", net, test)
    assert (status, err) == (0, [])
    assert np.mean(np.array(out, int) == np.arange(200) % 10) > 0.9


def test_passengers_with_text_ids_and_missing_cells_are_trained_on(train, fastnn_program, tmp_path):
    options = ["--label-column", "Survived", "--ignore-columns", "PassengerId"]
    status, out, err, net = train(passengers(), *options)
    assert status == 0
    assert [line.split(" has ")[0] for line in err[1:]] == [
        "Warning: column 4 (Name)",
        "Warning: column 8 (Cabin)",
    ]
    assert accuracy(out) > 70
    names = fastnn.load(net).columns.names()
    assert {"Sex=female", "Sex=male", "Age", "Age is missing", "Embarked is missing"} <= set(names)
    unlabelled = [
        ",".join(line.split(",")[:1] + line.split(",")[2:]) for line in passengers(20, seed=8)
    ]
    test = write(tmp_path / "test.csv", unlabelled)
    table = tmp_path / "out.csv"
    status, out, err = fastnn_program("predict", net, test, "--output", table)
    assert (status, out) == (0, [])
    lines = table.read_text().splitlines()
    assert lines[0] == "prediction,p(0),p(1)"
    assert len(lines) == 21


def test_an_id_is_pointed_out_and_can_be_left_out(train):
    lines = [f"{1000 + 37 * at},{line}" for at, line in enumerate(iris(header=False))]
    _, _, err, net = train(lines)
    assert "column 1 has another whole number in each row" in err[-1]
    assert "--ignore-columns 0" in err[-1]
    assert fastnn.load(net).sizes[0] == 5
    _, _, err, net = train(lines, "--ignore-columns", 0)
    assert err == []
    assert fastnn.load(net).sizes[0] == 4


def test_incomes_have_categories_and_labels_with_dots_are_named(train, tmp_path):
    test = write(tmp_path / "test", ["|1x3 Cross validator", *incomes(60, seed=9, dots=True)])
    status, out, err, net = train(incomes(), "--test-data", test)
    assert status == 0
    assert err[-1].endswith("have classes that the training data lack: '<=50K.', '>50K.'")
    assert out[2] == "Accuracy on test data: 0 / 60 (0.00%)"
    assert "60 rows have labels that the network does not know: '<=50K.'" in out[4]
    columns = fastnn.load(net).columns
    assert columns.inputs[1].values == ("Private", "Self-emp", "State-gov")
    assert columns.inputs[1].indicator


def test_a_question_mark_in_the_first_row_is_a_missing_number(train):
    lines = iris(header=False)
    lines[0] = "?" + lines[0][3:]
    status, _, err, net = train(lines, "--held-out", 0)
    assert (status, err) == (0, [])
    columns = fastnn.load(net).columns
    assert columns.inputs[0].indicator
    assert columns.inputs[0].fill == pytest.approx(flowers()[0][1:, 0].mean())


def test_codes_stay_text(train, fastnn_program):
    codes = {"alpha": "007", "beta": "012", "gamma": "110"}
    lines = iris()
    for kind, code in codes.items():
        lines = [line.replace(kind, code) for line in lines]
    *_, net = train(lines)
    assert fastnn.load(net).labels == ["007", "012", "110"]
    _, out, _ = fastnn_program("predict", net, net.parent / "t.csv")
    assert set(out) == set(codes.values())


@pytest.mark.parametrize("missing", ["", "NA", "NaN", "?"])
def test_missing_labels_are_refused_by_line_or_dropped_and_counted(train, fastnn_program, missing):
    lines = iris()
    lines[4] = lines[4].rpartition(",")[0] + f",{missing}"
    status, out, err, net = train(lines)
    assert_one_line_of_error((status, out, err), "column 5 (class)", "line 5", "--drop-missing")
    assert not net.exists()
    path = net.parent / "t.csv"
    _, out, _ = fastnn_program("train", "--data", path, "--drop-missing", "--epochs", 1)
    assert out[0].startswith("149 examples")
    assert "Note: 1 row without a label left out" in out


def test_one_class_is_refused(train):
    result = train([line.replace("beta", "alpha").replace("gamma", "alpha") for line in iris()])
    assert_one_line_of_error(result[:3], "'alpha'", "column 5 (class)", "nothing to learn")


def test_inputs_of_bytes_without_scaling_are_warned_of(train):
    _, _, err, _ = train(digits(), "--no-standardise")
    assert "inputs go up to 255" in err[-1]


# --- regression -----------------------------------------------------------------------------------


def test_prices_are_estimated_in_their_units_here_and_after_reloading(train, fastnn_program):
    status, out, err, net = train(houses(), "--epochs", "auto", "--eta", 0.02)
    assert (status, err) == (0, [])
    assert out[0].startswith("Stopped: ")
    assert out[1].startswith("RMSE on validation data: ")
    path = net.parent / "t.csv"
    report = evaluate(fastnn.load(net), path)
    assert report.r2 > 0.95
    assert report.rmse < 0.25 * report.baseline
    _, out, _ = fastnn_program("evaluate", path.parent / "net.npz", path)
    assert out[0].startswith(f"RMSE on {path}: {report.rmse:.6g} (MAE {report.mae:.6g}")
    frame = pytest.importorskip("pandas").read_csv(path)
    answers = fastnn.load(net).predict(frame.drop(columns="price"))
    assert np.sqrt(np.mean((answers - frame["price"]) ** 2)) == pytest.approx(report.rmse)


def test_whole_prices_are_a_regression_and_the_task_can_be_said(train):
    lines = houses()
    lines = [lines[0], *(line.rpartition(".")[0] for line in lines[1:])]
    *_, net = train(lines, "--epochs", 1)
    assert fastnn.load(net).columns.task == "regression"
    result = train(iris(), "--task", "regression")
    assert_one_line_of_error(result[:3], "--task regression needs numbers", "'alpha'")


# --- columns by name ------------------------------------------------------------------------------


def test_columns_are_matched_by_name(train, fastnn_program, tmp_path):
    *_, net = train(iris())
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(tmp_path / "t.csv")
    right = fastnn_program("evaluate", net, tmp_path / "t.csv")[1][0].partition(": ")[2]
    frame[["d", "class", "b", "a", "c"]].assign(e=1).to_csv(tmp_path / "o.csv", index=False)
    status, out, err = fastnn_program("evaluate", net, tmp_path / "o.csv")
    assert (status, err) == (0, [])
    assert out[0].partition(": ")[2] == right
    assert out[-1] == "Note: 1 column that the network does not know is left out: e"
    frame.drop(columns="b").to_csv(tmp_path / "less.csv", index=False)
    result = fastnn_program("predict", net, tmp_path / "less.csv")
    assert_one_line_of_error(result, "no column b", "trained with")


def test_a_category_never_seen_is_all_zeros_with_one_note(train, fastnn_program, tmp_path):
    *_, net = train(incomes())
    lines = [line.replace("Private", "Astronaut") for line in incomes(20)]
    status, _, err = fastnn_program("predict", net, write(tmp_path / "new", lines))
    assert status == 0
    count = sum("Astronaut" in line for line in lines)
    assert f"Note: 1: {count} cells are of a kind that the training data lack" in err


@pytest.mark.parametrize("order", ["before", "after"])
def test_options_stand_before_or_after_files(train, fastnn_program, order):
    *_, net = train(iris())
    path, option = net.parent / "t.csv", ["--label-column", "class"]
    words = [*option, path] if order == "before" else [path, *option]
    status, out, _ = fastnn_program("evaluate", net, *words)
    assert status == 0
    assert out[0].startswith(f"Accuracy on {path}")


# --- reports --------------------------------------------------------------------------------------


def test_a_report_is_text_json_or_a_picture(train, fastnn_program, tmp_path):
    *_, net = train(iris())
    path = tmp_path / "t.csv"
    for name in ("r.txt", "r.json", "r.png"):
        assert fastnn_program("evaluate", net, path, "--report", tmp_path / name)[0] == 0
    told = json.loads((tmp_path / "r.json").read_text())
    assert told["baseline_accuracy"] == pytest.approx(1 / 3)
    assert np.array(told["confusion"]).sum() == told["examples"] == 150
    assert "precision" in (tmp_path / "r.txt").read_text()
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")


def test_show_says_what_a_network_is(train, fastnn_program):
    *_, net = train(iris())
    status, out, err = fastnn_program("show", net)
    assert (status, err) == (0, [])
    assert "4-30-3" in out[0]
    assert "Labels: alpha, beta, gamma" in out
    assert any(line.startswith("  a: number; mean ") for line in out)


def test_show_names_units(fastnn_program, train):
    lines = ["size,share,price", *(f"{at % 7},{at % 5} %,${at}.25" for at in range(60))]
    *_, net = train(lines, "--epochs", 1)
    out = fastnn_program("show", net)[1]
    assert any(line.startswith("  target in $: mean ") for line in out)
    assert any(line.startswith("  size: number; mean ") for line in out)
    assert any(line.startswith("  share: number in %; mean ") for line in out)


def test_class_weights_bring_a_rare_class_back(train):
    lines = iris()
    rare = [line for line in lines if "gamma" not in line] + [
        line for line in lines if "gamma" in line
    ][:4]
    plain = train(rare, "--held-out", 0, "--epochs", 2)[-1].read_bytes()
    balanced = train(rare, "--held-out", 0, "--epochs", 2, "--class-weight", "balanced")
    assert balanced[0] == 0
    assert balanced[-1].read_bytes() != plain


def test_a_column_of_weights_is_what_python_gives_sgd(train, tmp_path):
    lines = [f"{1 + at % 3},{line}" for at, line in enumerate(iris(header=False))]
    options = ["--weight-column", 0, "--held-out", 0, "--epochs", 2, "--lmbda", 0]
    status, _, err, net = train(lines, *options)
    assert (status, err) == (0, [])
    table = read_labelled_table(tmp_path / "t.csv", weight_column=0)
    columns = table.learn()
    examples = table.examples(columns)
    fastnn_net = fastnn.load(net)
    assert columns.total == 4
    assert examples.weights.tolist() == [1.0 + at % 3 for at in range(150)]
    assert fastnn_net.columns == columns


def test_two_classes_may_have_one_output(train, fastnn_program):
    *_, net = train(incomes(), "--sizes", "7,10,1")
    network = fastnn.load(net)
    assert network.sizes == [7, 10, 1]
    assert network.labels == ["<=50K", ">50K"]
    path = net.parent / "out.csv"
    assert fastnn_program("predict", net, net.parent / "t.csv", "--output", path)[0] == 0
    head, *rows = path.read_text().splitlines()
    assert head == "prediction,p(>50K)"
    for row in rows:
        answer, share = row.split(",")
        assert (answer == ">50K") == (float(share) > 0.5)


def test_a_missing_library_is_named_with_what_installs_it(fastnn_program, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    path = write(tmp_path / "t.csv", iris())
    result = fastnn_program("train", "--data", path)
    assert_one_line_of_error(result, "pandas", "python -m pip install 'fastnn-jit[tables]'")
