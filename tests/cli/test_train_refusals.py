"""What `fastnn train` refuses before it trains, and where it saves if a file cannot be written."""

import re
import shutil
import tempfile
from pathlib import Path

import pytest
from small_program import SMALL, TIMES, assert_one_line_of_error
from table_files import houses, write

import fastnn

pytestmark = pytest.mark.usefixtures("_small_mnist")


@pytest.mark.parametrize("sizes", ["784", "784,0,10", "784,-3,10", "784,3.5,10", "784;10", "", ","])
def test_wrong_sizes_are_a_wrong_command_line(fastnn_program, sizes):
    status, out, err = fastnn_program("train", "--sizes", sizes)
    assert (status, out) == (2, [])
    assert (
        f"--sizes: expected two or more positive integers such as 784,30,10, got '{sizes}'"
        in (err[-1])
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--epochs", "-1"], ["epochs", "at least 0", "-1"]),
        (["--mini-batch-size", "0"], ["--mini-batch-size", "at least 1", "0"]),
        (["--seed", "-1"], ["--seed must be", "at least 0", "-1"]),
        (["--seed", "5000000000"], ["--seed must be", "below 2**32", "5000000000"]),
        (["--eta", "nan"], ["eta", "finite", "nan"]),
        (["--lmbda", "inf"], ["lmbda", "finite", "inf"]),
        (["--sizes", "100,10"], ["100 inputs", "784"]),
        (["--sizes", "784,9"], ["length 9", "10"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_options_that_cannot_train_are_one_line_of_error(fastnn_program, options, words):
    assert_one_line_of_error(fastnn_program("train", *SMALL, *options), *words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--output", "sigmoid"], ["--output must be identity for a regression", "sigmoid"]),
        (["--cost", "poisson"], ["--cost must be quadratic for a regression", "poisson"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_regression_has_its_own_cost_and_output(fastnn_program, tmp_path, options, words):
    table = write(tmp_path / "houses.csv", houses(60))
    train = ["train", "--data", table, "--epochs", 1, "--quiet"]
    assert_one_line_of_error(fastnn_program(*train, *options), *words)


def test_as_many_epochs_as_help_need_early_stopping(fastnn_program, tmp_path):
    table = write(tmp_path / "houses.csv", houses(60))
    train = ["train", "--data", table, "--epochs", "auto", "--early-stopping", 0]
    assert_one_line_of_error(fastnn_program(*train), "--early-stopping of at least 1, got 0")


UNWRITABLE = {
    "nowhere/net.json": "No such file or directory",
    "folder.npz": "Is a directory",
    "n" * 300 + ".npz": "File name too long",
    "read-only.npz": "Permission denied",
    "": "must be the name of a file, got ''",
}


@pytest.fixture
def unwritable(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.npz").mkdir()
    (tmp_path / "read-only.npz").touch(mode=0o444)


@pytest.mark.usefixtures("unwritable")
@pytest.mark.parametrize("option", ["--save", "--checkpoint", "--layer-speeds"])
@pytest.mark.parametrize("name", UNWRITABLE, ids=lambda name: name[:20])
def test_a_place_that_cannot_be_written_to_is_reported_before_training(
    fastnn_program, name, option
):
    assert_one_line_of_error(fastnn_program("train", *SMALL, option, name), UNWRITABLE[name])


@pytest.mark.usefixtures("unwritable")
@pytest.mark.parametrize("name", UNWRITABLE, ids=lambda name: name[:20])
def test_a_resumed_run_that_cannot_be_saved_is_reported_before_training(fastnn_program, name):
    assert fastnn_program("train", *SMALL, "--checkpoint", "run.npz")[0] == 0
    result = fastnn_program("train", "--resume", "run.npz", "--epochs", "3", "--save", name)
    assert_one_line_of_error(result, UNWRITABLE[name])


def test_a_resumed_network_that_json_cannot_hold_is_reported_before_training(
    fastnn_program, tmp_path
):
    run, path = tmp_path / "run.npz", tmp_path / "net.json"
    options = [*SMALL, "--activation", "tanh", "--checkpoint", run]
    assert fastnn_program("train", *options)[0] == 0
    result = fastnn_program("train", "--resume", run, "--epochs", "3", "--save", path)
    assert_one_line_of_error(result, "JSON, which cannot hold activations", ".npz")
    assert not path.exists()


def spoiled(monkeypatch, spoil):
    """Have something happen as soon as training is over."""
    train = fastnn.Network.SGD

    def sgd(network, *arguments, **options):
        history = train(network, *arguments, **options)
        spoil()
        return history

    monkeypatch.setattr(fastnn.Network, "SGD", sgd)


@pytest.mark.parametrize("ending", [".npz", ".json"])
@pytest.mark.parametrize("place", ["beside", "current folder", "folder of temporary files", "none"])
def test_a_network_that_can_no_longer_be_saved_is_written_beside(
    fastnn_program, tmp_path, monkeypatch, place, ending
):
    folder, current, temporary = (tmp_path / name for name in ("out", "current", "temporary"))
    for made in (folder, current, temporary):
        made.mkdir()
    path = folder / f"net{ending}"
    monkeypatch.chdir(current)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    lost = {"beside": 0, "current folder": 1, "folder of temporary files": 2, "none": 3}[place]

    def spoil():
        path.mkdir()
        for folder_lost in (folder, current, temporary)[:lost]:
            shutil.rmtree(folder_lost, ignore_errors=True)
            folder_lost.touch()

    with monkeypatch.context() as patch:
        spoiled(patch, spoil)
        status, out, err = fastnn_program("train", *SMALL, "--save", path)
    assert status == 1
    assert re.fullmatch(TIMES, out[-1])
    assert len(err) == 1
    assert err[0].startswith("fastnn: [Errno ")
    if place == "none":
        assert err[0].endswith("could not be written to any other folder either")
        return
    saved = Path(re.search(r"the network that was trained is in (.*)$", err[0])[1])
    assert saved.parent == (folder, current, temporary)[lost]
    assert saved.suffix == ending
    assert fastnn_program("train", *SMALL, "--save", tmp_path / f"usual{ending}")[0] == 0
    assert saved.read_bytes() == (tmp_path / f"usual{ending}").read_bytes()
