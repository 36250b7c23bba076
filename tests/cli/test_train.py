"""`fastnn train` on a small data set that is laid out as MNIST."""

import random
import re
import shlex

import numpy as np
import pytest
from builders import assert_same_bits, parameters, seed_generators
from small_program import ACCURACY, SMALL, TIMES, assert_one_line_of_error, small_mnist

import fastnn
from fastnn.training.run import Run

pytestmark = pytest.mark.usefixtures("_small_mnist")


def test_train_prints_network2s_lines_then_the_accuracy_and_the_time(fastnn_program):
    status, out, err = fastnn_program("train", *SMALL, "--epochs", 3)
    assert (status, err) == (0, [])
    counts = []
    for j, lines in enumerate((out[:3], out[3:6], out[6:9])):
        assert lines[0] == f"Epoch {j} training complete"
        counts.append(int(re.fullmatch(r"Accuracy on evaluation data: (\d+) / 40", lines[1])[1]))
        assert lines[2] == ""
    last, best, epoch = re.fullmatch(ACCURACY, out[9]).groups()
    assert last == f"{100 * counts[-1] / 40:.2f}"
    assert best == f"{100 * max(counts) / 40:.2f}"
    assert int(epoch) == counts.index(max(counts))
    assert re.fullmatch(TIMES, out[10])
    assert len(out) == 11


def test_quiet_leaves_only_the_closing_lines(fastnn_program):
    _, loud, _ = fastnn_program("train", *SMALL)
    status, out, err = fastnn_program("train", *SMALL, "--quiet")
    assert (status, err) == (0, [])
    assert out[:1] == loud[-2:-1]
    assert re.fullmatch(TIMES, out[1])
    assert len(out) == 2


def test_no_epochs_end_with_the_time(fastnn_program):
    status, out, err = fastnn_program("train", *SMALL, "--epochs", 0)
    assert (status, err) == (0, [])
    assert re.fullmatch(TIMES, out[-1])


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
def test_the_same_seed_prints_and_saves_the_same(fastnn_program, tmp_path, seed):
    outputs = []
    for name in ("one.json", "two.json"):
        random.seed()
        np.random.seed()
        outputs.append(
            fastnn_program("train", *SMALL, "--seed", seed, "--save", tmp_path / name)[1][:-1]
        )
    assert outputs[0] == outputs[1]
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


@pytest.mark.parametrize("seeds", [[["--seed", 1], ["--seed", 2]], [[], []]], ids=["two", "none"])
def test_another_seed_or_none_gives_another_network(fastnn_program, tmp_path, seeds):
    options = SMALL[:-2]
    for name, seed in zip(("one.json", "two.json"), seeds, strict=True):
        assert fastnn_program("train", *options, *seed, "--save", tmp_path / name)[0] == 0
    assert (tmp_path / "one.json").read_bytes() != (tmp_path / "two.json").read_bytes()


# What each option stands for in the library.
OPTIONS = {
    "--sizes 784,30,30,10": {"sizes": [784, 30, 30, 10]},
    "--epochs 1": {"epochs": 1},
    "--mini-batch-size 7": {"mini_batch_size": 7},
    "--eta 0.35": {"eta": 0.35},
    "--lmbda 1.5": {"lmbda": 1.5},
    "--cost quadratic": {"cost": fastnn.QuadraticCost},
    "--cost cross-entropy": {"cost": fastnn.CrossEntropyCost},
    "--dtype float32": {"dtype": np.float32},
    "--cost log-likelihood --activation tanh": {
        "cost": fastnn.LogLikelihoodCost,
        "activation": "tanh",
    },
    "--sizes 784,8,6,10 --activation relu,tanh --initializer he": {
        "sizes": [784, 8, 6, 10],
        "activation": ["relu", "tanh"],
        "initializer": "he",
    },
    "--cost quadratic --output identity --initializer glorot": {
        "cost": fastnn.QuadraticCost,
        "output": "identity",
        "initializer": "glorot",
    },
    "--optimizer adam": {"optimizer": "adam"},
    "--momentum 0.5 --nesterov": {"momentum": 0.5, "nesterov": True},
    "--l1 0.3 --dropout 0.25": {"l1": 0.3, "dropout": 0.25},
    "--sizes 784,8,6,10 --dropout 0,0.5": {"sizes": [784, 8, 6, 10], "dropout": [0.0, 0.5]},
    "--no-shuffle --threads 1": {"shuffle": False, "threads": 1},
}


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_reaches_the_training(fastnn_program, tmp_path, option):
    path = tmp_path / "net.npz"
    status, _, err = fastnn_program("train", *SMALL, *option.split(), "--save", path)
    assert (status, err) == (0, [])

    settings = {"epochs": 2, "mini_batch_size": 10, "eta": 0.1, "lmbda": 5.0, **OPTIONS[option]}
    names = ("cost", "dtype", "activation", "output", "initializer")
    of_network = {name: settings.pop(name) for name in names if name in settings}
    seed_generators(1)
    wanted = fastnn.Network(settings.pop("sizes", [784, 8, 10]), **of_network)
    wanted.SGD(small_mnist()[0], **settings, verbose=False)
    saved = fastnn.load(path)
    assert saved.cost is wanted.cost
    for mine, theirs in zip(parameters(saved), parameters(wanted), strict=True):
        assert np.array_equal(mine, theirs)


def test_an_interrupted_run_is_resumed_to_the_same_network(fastnn_program, tmp_path):
    whole, resumed, run = (tmp_path / name for name in ("whole.npz", "resumed.npz", "run.npz"))
    fastnn_program("train", *SMALL, "--epochs", "4", "--optimizer", "adam", "--save", whole)
    fastnn_program("train", *SMALL, "--epochs", "2", "--optimizer", "adam", "--checkpoint", run)
    status, out, err = fastnn_program("train", "--resume", run, "--epochs", "4", "--save", resumed)
    assert (status, err) == (0, [])
    assert [line for line in out if line.startswith("Epoch")] == [
        "Epoch 2 training complete",
        "Epoch 3 training complete",
    ]
    assert_same_bits(fastnn.load(resumed), fastnn.load(whole))


def test_a_run_that_stops_early_says_why(fastnn_program):
    options = ["--epochs", "30", "--eta", "0", "--early-stopping", "2"]
    status, out, _ = fastnn_program("train", *SMALL, *options)
    assert status == 0
    assert out[-3] == (
        "Stopped: the accuracy on evaluation data has not improved in 2 epochs since epoch 0"
    )
    status, out, _ = fastnn_program(
        "train", *SMALL, "--epochs", "30", "--eta", "0", "--halve-after", "1"
    )
    assert out[-3] == "Stopped: the learning rate has come down to 0.0078125 of what it was"


def test_progress_goes_to_stderr_in_place_of_the_lines(fastnn_program):
    status, out, err = fastnn_program("train", *SMALL, "--progress")
    assert status == 0
    assert not any(line.startswith("Epoch") for line in out)
    assert [line.split(":")[0] for line in err] == ["epoch 1/2", "epoch 2/2"]
    assert all("accuracy" in line and "examples/s" in line for line in err)


def test_without_options_it_is_the_first_experiment_of_chapter_5(fastnn_program, monkeypatch):
    calls = []

    def sgd(network, training_data, *arguments, **options):
        calls.append((network, arguments, options))
        raise KeyboardInterrupt

    monkeypatch.setattr(fastnn.Network, "SGD", sgd)
    fastnn_program("train")
    ((network, arguments, options),) = calls
    assert network.sizes == [784, 30, 10]
    assert network.cost is fastnn.CrossEntropyCost
    assert network.dtype == np.float64
    assert arguments == ()
    names = ("epochs", "mini_batch_size", "eta", "lmbda")
    assert [options[name] for name in names] == [30, 10, 0.1, 5.0]
    others = {"evaluation_data", "monitor_evaluation_accuracy", "checkpoint"}
    assert options.keys() == {*names, *others}  # all else is left to SGD


# --- speeds of the layers ---------------------------------------------------------------------


def test_speeds_of_the_layers_are_a_table_of_epochs(fastnn_program, tmp_path):
    path = tmp_path / "speeds.csv"
    options = [*SMALL, "--sizes", "784,8,6,10", "--layer-speeds", path]
    assert fastnn_program("train", *options)[0] == 0
    seed_generators(1)
    network = fastnn.Network([784, 8, 6, 10])
    data = small_mnist()[0]
    arguments = {"monitor_layer_speeds": True, "speed_data": data[:1000], "verbose": False}
    speeds = network.SGD(data, 2, 10, 0.1, 5.0, **arguments).layer_speeds
    head, *rows = path.read_text().splitlines()
    assert head == "epoch,layer_speed_1,layer_speed_2,layer_speed_3"
    numbers = [[float(cell) for cell in row.split(",")] for row in rows]
    assert numbers == [[epoch, *one] for epoch, one in enumerate(speeds)]


def test_speeds_are_those_of_the_first_thousand_examples(fastnn_program, monkeypatch, tmp_path):
    seen = []

    def sgd(network, training_data, *arguments, **options):
        seen.append((training_data, options["speed_data"]))
        raise KeyboardInterrupt

    monkeypatch.undo()  # the whole of MNIST
    monkeypatch.setattr(fastnn.Network, "SGD", sgd)
    fastnn_program("train", "--layer-speeds", tmp_path / "speeds.csv")
    ((training, speed),) = seen
    assert len(speed) == 1000
    assert all(np.array_equal(speed[i][0], training[i][0]) for i in (0, 500, 999))


def test_a_resumed_run_writes_the_speeds_of_all_epochs(fastnn_program, tmp_path, table):
    for data in ([], ["--data", table]):
        whole, resumed, run = (tmp_path / name for name in ("whole.csv", "resumed.csv", "run.npz"))
        options = [*data, "--seed", 1, "--quiet"]
        fastnn_program("train", *options, "--epochs", 3, "--layer-speeds", whole)
        fastnn_program(
            "train", *options, "--epochs", 2, "--layer-speeds", resumed, "--checkpoint", run
        )
        status, _, err = fastnn_program(
            "train", *data, "--resume", run, "--epochs", 3, "--layer-speeds", resumed
        )
        assert (status, err) == (0, [])
        assert resumed.read_bytes() == whole.read_bytes()


def test_speeds_that_the_stored_run_did_not_measure_are_refused(fastnn_program, tmp_path):
    run = tmp_path / "run.npz"
    fastnn_program("train", *SMALL, "--checkpoint", run)
    result = fastnn_program("train", "--resume", run, "--layer-speeds", tmp_path / "speeds.csv")
    assert_one_line_of_error(result, "--layer-speeds", "did not measure")


# --- Ctrl-C -----------------------------------------------------------------------------------


def interrupted_after(monkeypatch, epochs):
    """Have Ctrl-C come as soon as so many epochs are done."""
    run_epoch = Run._run_epoch

    def run_or_stop(run):
        if len(run.history.epoch_seconds) == epochs:
            raise KeyboardInterrupt
        return run_epoch(run)

    monkeypatch.setattr(Run, "_run_epoch", run_or_stop)


def test_ctrl_c_saves_the_last_whole_epoch_and_says_how_to_go_on(
    fastnn_program, tmp_path, monkeypatch
):
    saved, wanted, speeds = (tmp_path / name for name in ("a.npz", "b.npz", "speeds.csv"))
    fastnn_program("train", *SMALL, "--epochs", 2, "--save", wanted)
    interrupted_after(monkeypatch, 2)
    options = [*SMALL, "--epochs", 5, "--save", saved]
    status, _, err = fastnn_program("train", *options, "--layer-speeds", speeds)
    assert status == 130
    assert err[0] == f"{saved} has the network after 2 whole epochs"
    assert "--checkpoint" in err[1]
    assert err[2:] == ["fastnn: interrupted"]
    assert len(speeds.read_text().splitlines()) == 3
    assert_same_bits(fastnn.load(saved), fastnn.load(wanted))


def test_the_command_that_ctrl_c_prints_goes_on(fastnn_program, tmp_path, monkeypatch):
    saved, wanted, run = (tmp_path / name for name in ("a b.npz", "whole.npz", "run.npz"))
    options = [*SMALL, "--epochs", 4]
    fastnn_program("train", *options, "--save", wanted)
    command = ["train", *options, "--checkpoint", run, "--save", saved]
    for epochs in (1, 3):
        with monkeypatch.context() as patch:
            interrupted_after(patch, epochs)
            status, _, err = fastnn_program(*command)
        assert status == 130
        program, *command = shlex.split(re.fullmatch("To go on: (.*)", err[1])[1])
        assert program == "fastnn"
    assert fastnn_program(*command)[0] == 0
    assert_same_bits(fastnn.load(saved), fastnn.load(wanted))


def test_data_from_standard_input_have_to_come_again(fastnn_program, table, tmp_path, monkeypatch):
    interrupted_after(monkeypatch, 1)
    run = tmp_path / "run.npz"
    with table.open() as piped:
        monkeypatch.setattr("sys.stdin", piped)
        _, _, err = fastnn_program("train", "--data", "-", "--quiet", "--checkpoint", run)
    assert err[0] == (
        f"To go on: fastnn train --resume {run} --data -, with the same data on standard input"
    )


def test_ctrl_c_before_the_first_epoch_leaves_the_file_as_it_is(
    fastnn_program, tmp_path, monkeypatch
):
    path = tmp_path / "net.npz"
    path.write_bytes(b"mine")
    interrupted_after(monkeypatch, 0)
    status, _, err = fastnn_program("train", *SMALL, "--save", path)
    assert (status, err[-1]) == (130, "fastnn: interrupted")
    assert "nothing is saved" in err[0]
    assert path.read_bytes() == b"mine"
