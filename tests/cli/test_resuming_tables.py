"""A checkpoint of a table's run is gone on with, with nothing but the data."""

import numpy as np
import pytest
from small_program import assert_one_line_of_error
from table_files import flowers, houses, incomes, iris, write

from fastnn.own_data import read_labelled_table
from fastnn.training.stored_runs import read_checkpoint


@pytest.fixture(params=["iris", "incomes", "houses"])
def run_of(request, fastnn_program, tmp_path):
    """Train, or go on from a checkpoint; return the result and the network's bytes."""
    lines = {"iris": iris, "incomes": incomes, "houses": houses}[request.param]()
    path = write(tmp_path / "t.csv", lines)

    def run(*options):
        net = tmp_path / "net.npz"
        net.unlink(missing_ok=True)
        words = ["train", "--data", path, "--quiet", "--save", net, *options]
        result = fastnn_program(*words)
        return result, net.read_bytes() if net.exists() else None

    return run


def test_a_run_goes_on_to_the_bits_it_would_have_had(run_of, tmp_path):
    how = ["--seed", 3, "--eta", 0.05]
    _, whole = run_of(*how, "--epochs", 4)
    run_of(*how, "--epochs", 2, "--checkpoint", tmp_path / "run.npz")
    (status, _, err), resumed = run_of("--resume", tmp_path / "run.npz", "--epochs", 4)
    assert (status, err) == (0, [])
    assert resumed == whole


def test_a_run_without_a_seed_goes_on(run_of, tmp_path):
    run_of("--epochs", 1, "--eta", 0.05, "--checkpoint", tmp_path / "run.npz")
    (status, out, err), _ = run_of("--resume", tmp_path / "run.npz", "--epochs", 2)
    assert (status, err) == (0, [])
    assert "validation data" in out[0]


@pytest.mark.parametrize("options", ["", "--label-column class", "--encoding utf-8"])
def test_a_run_goes_on_with_data_from_a_pipe(fastnn_program, tmp_path, monkeypatch, options):
    run, table = tmp_path / "run.npz", write(tmp_path / "t.csv", iris())
    fastnn_program("train", "--data", table, "--epochs", 1, "--checkpoint", run)
    words = ["train", "--resume", run, "--data", "-", "--epochs", 2, "--quiet"]
    with table.open() as piped:
        monkeypatch.setattr("sys.stdin", piped)
        status, _, err = fastnn_program(*words, *options.split())
    assert (status, err) == (0, [])


@pytest.mark.parametrize("kind", ["folder", "npz"])
def test_a_run_that_goes_on_is_tested_in_the_end_too(fastnn_program, tmp_path, kind):
    rows, kinds = flowers()
    data, run = tmp_path / "data", tmp_path / "run.npz"
    if kind == "npz":
        data = tmp_path / "data.npz"
        np.savez(data, x_train=rows, y_train=kinds, x_test=rows[:30], y_test=kinds[:30])
    else:
        data.mkdir()
        write(data / "train.csv", [*iris(), "1,1,1,1,"])
        write(data / "test.csv", [*iris()[:31], "1,1,1,1,"])
    words = ["train", "--data", data, "--quiet", "--eta", "0.05", "--standardise", "--seed", 1]
    words += ["--drop-missing"] if kind == "folder" else []
    _, whole, _ = fastnn_program(*words, "--epochs", 2)
    fastnn_program(*words, "--epochs", 1, "--checkpoint", run)
    words = ["train", "--data", data, "--quiet", "--resume", run, "--epochs", 2]
    status, out, err = fastnn_program(*words)
    assert (status, err) == (0, [])
    assert out[:-1] == whole[:-1]
    assert out[2].startswith("Accuracy on test data: ")


OTHERS = {
    "eta": (["--eta", "1e-9"], "--eta 1e-09", "0.1"),
    "lambda": (["--lmbda", "3"], "--lmbda", "3.0"),
    "sizes": (["--sizes", "4,5,3"], "--sizes"),
    "seed": (["--seed", "4"], "--seed 4"),
    "part held out": (["--held-out", "0.5"], "--held-out 0.5", "held out 30 of 150"),
    "label": (["--label-column", "a"], "--label-column a", "class"),
    "ignored": (["--ignore-columns", "a"], "--ignore-columns a"),
    "categories": (["--categories", "a"], "--categories a"),
    "scaling": (["--no-standardise"], "--standardise", "True"),
    "task": (["--task", "regression"], "--task regression", "classification"),
    "weights": (["--class-weight", "balanced"], "--class-weight"),
    "activation": (["--activation", "relu"], "--activation", "sigmoid"),
    "type": (["--dtype", "float32"], "--dtype float32", "float64"),
    "encoding": (["--encoding", "cp850"], "--encoding cp850", "utf-8"),
    "no such encoding": (["--encoding", "klingon"], "--encoding klingon", "utf-8"),
    "header": (["--no-header"], "--no-header", "had a header"),
}


@pytest.fixture
def interrupted(fastnn_program, tmp_path):
    path = write(tmp_path / "t.csv", iris())
    options = ["--seed", 3, "--epochs", 2, "--quiet", "--checkpoint", tmp_path / "run.npz"]
    assert fastnn_program("train", "--data", path, *options)[0] == 0
    return tmp_path / "run.npz"


@pytest.mark.parametrize("other", OTHERS)
def test_an_option_that_differs_is_refused_by_name(fastnn_program, interrupted, other):
    options, *words = OTHERS[other]
    before = interrupted.read_bytes()
    path = interrupted.parent / "t.csv"
    result = fastnn_program("train", "--data", path, "--resume", interrupted, *options)
    assert_one_line_of_error(result, *words)
    assert interrupted.read_bytes() == before


def test_options_that_are_the_same_may_be_given_again(fastnn_program, interrupted):
    same = [
        "--seed",
        3,
        "--eta",
        0.1,
        "--held-out",
        0.2,
        "--label-column",
        "class",
        "--standardise",
        "--header",
        "--encoding",
        "UTF8",
    ]
    path = interrupted.parent / "t.csv"
    words = ["train", "--data", path, "--resume", interrupted, "--epochs", 3, "--quiet", *same]
    assert fastnn_program(*words)[0] == 0


def test_rows_in_another_order_are_the_same_data_and_other_rows_are_refused(
    fastnn_program, interrupted, tmp_path
):
    head, *rows = iris()
    path = write(tmp_path / "t.csv", [head, *reversed(rows)])
    words = ["train", "--data", path, "--resume", interrupted, "--epochs", 3, "--quiet"]
    assert fastnn_program(*words)[0] == 0
    write(path, [head, *rows[:-1], "9,9,9,9,alpha"])
    assert_one_line_of_error(fastnn_program(*words), "--data", "150 examples")
    assert_one_line_of_error(
        fastnn_program("train", "--resume", interrupted), "--resume needs the --data"
    )


def test_a_checkpoint_holds_what_was_learnt_of_columns(interrupted, tmp_path):
    own = read_labelled_table(tmp_path / "t.csv").learn()
    columns = read_checkpoint(interrupted).network.columns
    assert [column.name for column in columns.inputs] == ["a", "b", "c", "d"]
    assert (columns.label, columns.task) == (own.label, own.task) == ("class", "classification")


# How a file is to be read, which cannot be found out.
READINGS = {
    "an encoding": ("東京", "shift-jis", ["--encoding", "shift-jis"]),
    "no header": ("a", "utf-8", ["--no-header"]),
}


@pytest.mark.parametrize("kind", READINGS)
def test_how_a_table_is_read_is_kept_for_all_that_comes_later(fastnn_program, tmp_path, kind):
    name, encoding, options = READINGS[kind]
    head, *rows = iris()
    lines = [head.replace("a", name, 1), *(row.replace("alpha", f"{name}lpha") for row in rows)]
    path = write(tmp_path / "t.csv", lines if kind == "an encoding" else lines[1:], encoding)
    if kind == "no header":
        # All text, so that the first row would be taken for a header.
        path = write(path, [f"x{at},y{at % 5},{at % 3}z" for at in range(150)])
        options = [*options, "--categories", 0, 1]
    net, run = tmp_path / "net.npz", tmp_path / "run.npz"
    words = ["train", "--data", path, "--quiet", "--seed", 1, "--epochs", 2, *options]
    assert fastnn_program(*words, "--save", net, "--checkpoint", run)[0] == 0
    resumed = ["train", "--resume", run, "--data", path, "--quiet", "--epochs", 3]
    assert fastnn_program(*resumed)[0] == 0
    assert fastnn_program(*resumed[:-1], 4, *options[: 2 if encoding != "utf-8" else 1])[0] == 0
    status, out, _ = fastnn_program("evaluate", net, path)
    assert status == 0
    assert " / 150 " in out[0]
    status, out, _ = fastnn_program("predict", net, path)
    assert (status, len(out)) == (0, 150)
    _, out, _ = fastnn_program("show", net)
    assert f"Tables are read with {' '.join(options[: 2 if encoding != 'utf-8' else 1])}" in out
    assert_one_line_of_error(
        fastnn_program(*resumed, "--encoding", "cp850"), "--encoding cp850", encoding
    )


def test_a_table_in_another_encoding_than_that_of_training_is_read(fastnn_program, tmp_path):
    lines = [iris()[0].replace("a", "東京", 1), *iris()[1:]]
    path = write(tmp_path / "t.csv", lines, "shift-jis")
    net = tmp_path / "net.npz"
    words = ["train", "--data", path, "--quiet", "--epochs", 1, "--encoding", "shift-jis"]
    assert fastnn_program(*words, "--save", net)[0] == 0
    status, out, _ = fastnn_program("predict", net, write(tmp_path / "u.csv", lines))
    assert (status, len(out)) == (0, 150)


def test_options_for_tables_are_refused_for_arrays_that_are_gone_on_with(fastnn_program, tmp_path):
    rows, kinds = flowers()
    np.savez(tmp_path / "t.npz", x=rows, y=kinds)
    run = tmp_path / "run.npz"
    words = ["train", "--data", tmp_path / "t.npz", "--quiet"]
    assert fastnn_program(*words, "--epochs", 1, "--checkpoint", run)[0] == 0
    result = fastnn_program(*words, "--resume", run, "--encoding", "utf-8")
    assert_one_line_of_error(result, "--encoding is for tables", "t.npz")


def test_a_run_on_rows_of_svmlight_that_count_from_0_goes_on(fastnn_program, tmp_path):
    pytest.importorskip("sklearn")
    path, run = tmp_path / "t.svm", tmp_path / "run.npz"
    path.write_text("".join(f"{at % 2} 0:{at % 5} 1:{at % 3 + 1}\n" for at in range(40)))
    words = ["train", "--data", path, "--seed", 3, "--quiet"]
    assert fastnn_program(*words, "--epochs", 1, "--checkpoint", run)[0] == 0
    status, _, err = fastnn_program(*words, "--epochs", 2, "--resume", run)
    assert (status, err) == (0, [])
