"""`fastnn predict`: the labels, or all outputs, that a saved network gives to examples."""

import csv
import os
import subprocess
import sys

import numpy as np
import pytest
from example_files import SPECIES, animals, save_csv
from small_program import assert_one_line_of_error

import fastnn


def test_predict_prints_a_label_a_line(fastnn_program, trained, tmp_path):
    rows, labels = animals()
    bare = save_csv(tmp_path / "bare.csv", rows)
    assert fastnn_program("predict", trained, bare) == (0, labels.tolist(), [])


def test_predict_says_on_standard_error_how_many_labels_agree(fastnn_program, trained, tmp_path):
    rows, labels = animals()
    wanted = labels.tolist()
    labels[0] = "dog"
    given = save_csv(tmp_path / "given.csv", rows, labels)
    status, out, err = fastnn_program("predict", trained, given)
    assert (status, out) == (0, wanted)
    assert err == [f"Accuracy on {given}: 59 / 60 (98.33%)"]


def test_labels_of_text_that_look_like_numbers_agree(fastnn_program, trained, tmp_path):
    net = fastnn.load(trained)
    net.labels = ["1", "2", "x"]
    net.save(trained)
    rows, labels = animals()
    numbers = save_csv(tmp_path / "n.csv", rows[labels != "horse"], np.tile([1, 2], 20))
    status, _, err = fastnn_program("predict", trained, numbers)
    assert (status, err) == (0, [f"Accuracy on {numbers}: 40 / 40 (100.00%)"])


def test_probabilities_are_all_outputs_as_csv(fastnn_program, trained, tmp_path):
    rows, _ = animals()
    bare = save_csv(tmp_path / "bare.csv", rows)
    _, out, _ = fastnn_program("predict", trained, bare, "--probabilities")
    header, *lines = csv.reader(out)
    assert header == SPECIES
    outputs = np.array(lines, dtype=float)
    assert np.array_equal(outputs, fastnn.load(trained).outputs(rows))


def test_predictions_are_written_to_a_file_whole_or_not_at_all(fastnn_program, trained, tmp_path):
    rows, labels = animals()
    bare, path = save_csv(tmp_path / "bare.csv", rows), tmp_path / "out.txt"
    assert fastnn_program("predict", trained, bare, "--out", path) == (0, [], [])
    assert path.read_text().splitlines() == labels.tolist()
    wide = save_csv(tmp_path / "wide.csv", np.ones((2, 9)))
    assert_one_line_of_error(
        fastnn_program("predict", trained, wide, "--out", path), "4 of them inputs"
    )
    assert path.read_text().splitlines() == labels.tolist()
    nowhere = tmp_path / "nowhere" / "out.txt"
    assert_one_line_of_error(fastnn_program("predict", trained, bare, "--out", nowhere), "nowhere")


def test_a_network_of_network2_predicts_plain_numbers(fastnn_program, tmp_path):
    np.random.seed(1)
    net = fastnn.Network([4, 3])
    net.save(tmp_path / "net.json")
    rows, _ = animals()
    np.savez(tmp_path / "x.npz", x=rows)
    status, out, err = fastnn_program("predict", tmp_path / "net.json", tmp_path / "x.npz")
    assert (status, err) == (0, [])
    assert out == [str(label) for label in net.predict(rows)]


@pytest.mark.parametrize("command", ["predict", "evaluate"])
@pytest.mark.parametrize("option", ["--encoding utf-8", "--no-header", "--label-column y"])
def test_options_of_tables_are_refused_for_arrays(fastnn_program, tmp_path, command, option):
    net, path = tmp_path / "net.npz", tmp_path / "t.npz"
    fastnn.Network([4, 3]).save(net)
    np.savez(path, x=animals()[0], y=np.zeros(60, int))
    result = fastnn_program(command, net, path, *option.split())
    told = f"{option.split()[0].replace('no-', '')} is for tables", f"{path} is n"
    assert_one_line_of_error(result, *told)


@pytest.mark.parametrize("options", [["--encoding", "utf-8"], ["--no-header"]])
def test_options_of_text_are_refused_for_tables_that_have_none(
    fastnn_program, trained, tmp_path, options
):
    frame = pytest.importorskip("pandas").DataFrame(animals()[0]).rename(columns=str)
    frame.assign(species=animals()[1]).to_parquet(tmp_path / "t.parquet")
    for command in (["predict", trained], ["train", "--data"]):
        result = fastnn_program(*command, tmp_path / "t.parquet", *options)
        assert_one_line_of_error(result, "is for tables in text and ", "t.parquet is neither")


def test_labels_go_into_a_pipe_in_utf_8_whatever_the_system_uses(trained, tmp_path):
    net = fastnn.load(trained)
    net.labels = ["Pferd", "Kätzchen", "犬"]
    net.save(trained)
    rows, _ = animals()
    bare = save_csv(tmp_path / "bare.csv", rows)
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment.pop("PYTHONIOENCODING", None)
    command = [sys.executable, "-m", "fastnn", "predict", str(trained), str(bare)]
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert set(done.stdout.decode("utf-8").split()) == {"Pferd", "Kätzchen", "犬"}


def test_a_pipe_that_nobody_reads_ends_the_program_quietly(trained, tmp_path):
    rows, _ = animals()
    bare = save_csv(tmp_path / "bare.csv", rows)
    command = [sys.executable, "-m", "fastnn", "predict", str(trained), str(bare)]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_nothing_is_printed_of_a_table_that_is_refused(fastnn_program, trained, tmp_path):
    rows, _ = animals()
    bad = save_csv(tmp_path / "bad.csv", rows)
    bad.write_text(bad.read_text() + "oh,1,1,1\n")
    result = fastnn_program("predict", trained, bad, "--probabilities")
    assert_one_line_of_error(result, "line 61", "expected a finite number, got 'oh'")
