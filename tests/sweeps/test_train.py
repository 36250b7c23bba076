"""Many networks at once: the bits of each alone, a table of all, and nothing lost on the way."""

import json
import pickle
import random
import signal
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
import sweep_schedules
from builders import assert_same_bits, digits, seed_generators, state_of_numpy
from refusals import assert_refused
from sweep_schedules import SETTINGS, SIZES, evaluation_data, training_data

from fastnn import Dataset, LogLikelihoodCost, Network, train_many
from fastnn.common import intervals
from fastnn.sweeps import Row, Sweep, SweepInterrupted, sharing, train


def sweep(seeds=(1, 2), data=None, **settings):
    return train_many(
        SIZES,
        training_data() if data is None else data,
        seeds=seeds,
        **{**SETTINGS, "evaluation_data": evaluation_data(), **settings},
    )


def alone(seed, network=None, **settings):
    """Train as a script does, with the global generators."""
    seed_generators(seed)
    net = Network(SIZES, **(network or {}))
    settings = {**SETTINGS, "monitor_evaluation_accuracy": True, **settings}
    history = net.SGD(
        training_data(), evaluation_data=evaluation_data(), threads=1, verbose=False, **settings
    )
    return net, history


def results_of(rows):
    """What must not depend on how a network was trained."""
    return [(row.settings, row.seed, row.history.evaluation_accuracy, row.error) for row in rows]


@pytest.fixture
def trained(monkeypatch):
    """The seeds of the networks that are trained, in the order in which they are begun."""
    begun = []
    train_network = train.train_network

    def noting(task, *arguments):
        begun.append(task.seed)
        return train_network(task, *arguments)

    monkeypatch.setattr(train, "train_network", noting)
    return begun


# --- each network -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "training"),
    [
        ({}, {}),
        ({"activation": "tanh", "initializer": "glorot"}, {"momentum": 0.9, "dropout": 0.3}),
        ({"cost": LogLikelihoodCost, "initializer": "he"}, {"optimizer": "adam", "eta": 0.01}),
        ({"dtype": np.float32, "initializer": "large"}, {"early_stopping_n": 1}),
    ],
    ids=["plain", "tanh", "adam", "float32"],
)
def test_each_network_has_the_bits_that_it_has_alone(network, training):
    rows = sweep(seeds=[3, 1, 4], keep_networks=True, **network, **training)
    for row, seed in zip(rows, [3, 1, 4], strict=True):
        net, history = alone(seed, network, **training)
        assert row.seed == seed
        assert_same_bits(row.network, net)
        assert tuple(row.history) == tuple(history)


def test_generators_and_data_stay_as_they_are():
    data = training_data()
    order = [id(example) for example in data]
    arrays = Dataset.from_pairs(data)
    before = random.getstate(), state_of_numpy()
    sweep(data=data)
    sweep(data=arrays)
    assert (random.getstate(), state_of_numpy()) == before
    assert [id(example) for example in data] == order
    np.testing.assert_array_equal(arrays.order, np.arange(len(data)))


def test_the_data_are_prepared_once_for_all_threads(monkeypatch):
    made = []
    prepare = sharing.kernel_inputs

    def noting(store, dtype):
        if "sparse" not in store.prepared:
            made.append(len(store.inputs))
            time.sleep(0.05)  # in which another thread would begin the same
        return prepare(store, dtype)

    monkeypatch.setattr(sharing, "kernel_inputs", noting)
    with ThreadPoolExecutor(3) as threads:
        sweep(seeds=range(6), executor=threads)
    assert sorted(made) == [30, 60]


def test_a_network_that_fails_is_reported_and_the_others_go_on(capsys):
    rows = sweep(grid={"schedule": [sweep_schedules.failing, sweep_schedules.plain]}, progress=True)
    assert [row.error for row in rows] == [
        *["LookupError: no rate for this epoch"] * 2,
        *[None] * 2,
    ]
    assert rows.failed == list(rows[:2])
    assert repr(rows) == "Sweep(4 networks, 2 of them failed)"
    failed, trained = rows.summary()
    assert (failed.trained, failed.failed, failed.final_accuracy) == (0, 2, None)
    assert (trained.trained, trained.failed) == (2, 0)
    assert capsys.readouterr().err.count("LookupError: no rate for this epoch") == 2


# --- the table --------------------------------------------------------------------------------


def test_rows_are_the_product_of_the_grid_with_the_seeds_together():
    rows = sweep(grid={"eta": [0.1, 0.5], "sizes": [[20, 3], [20, 6, 3]]}, keep_networks=True)
    assert len(rows) == 8
    assert [row.seed for row in rows] == [1, 2] * 4
    assert [row.settings for row in rows[::2]] == [
        {"eta": 0.1, "sizes": [20, 3]},
        {"eta": 0.1, "sizes": [20, 6, 3]},
        {"eta": 0.5, "sizes": [20, 3]},
        {"eta": 0.5, "sizes": [20, 6, 3]},
    ]
    assert [row.network.sizes for row in rows[:4:2]] == [[20, 3], [20, 6, 3]]
    assert_same_bits(rows[7].network, alone(2, eta=0.5)[0])


def test_accuracies_are_parts_of_the_evaluation_data():
    for row in sweep(seeds=range(5)):
        counts = row.history.evaluation_accuracy
        assert row.final_accuracy == counts[-1] / 30
        assert row.best_accuracy == max(counts) / 30
        assert row.seconds > 0


def test_with_early_stopping_the_final_accuracy_is_that_of_the_network_that_is_kept():
    data = evaluation_data()
    for row in sweep(seeds=range(4), epochs=12, eta=5.0, early_stopping_n=2, keep_networks=True):
        assert row.final_accuracy == row.network.accuracy(data) / 30


def test_the_summary_has_means_and_intervals_over_the_seeds():
    rows = sweep(seeds=range(5), grid={"eta": [0.1, 0.5]})
    for summary, part in zip(rows.summary(), (rows[:5], rows[5:]), strict=True):
        assert summary.settings == part[0].settings
        assert (summary.trained, summary.failed) == (5, 0)
        wanted = intervals.mean_interval([row.final_accuracy for row in part])
        assert summary.final_accuracy == wanted
        wanted = intervals.mean_interval([row.best_accuracy for row in part])
        assert summary.best_accuracy == wanted


def test_without_evaluation_data_there_is_no_accuracy():
    rows = sweep(evaluation_data=None, monitor_training_cost=True)
    assert [row.final_accuracy for row in rows] == [None, None]
    assert [len(row.history.training_cost) for row in rows] == [3, 3]
    assert rows.summary()[0].final_accuracy is None


def test_the_table_goes_to_pandas():
    pytest.importorskip("pandas")
    rows = sweep(grid={"eta": [0.1, 0.5]})
    frame = rows.to_pandas()
    assert list(frame.columns[:4]) == ["eta", "seed", "history", "final_accuracy"]
    assert list(frame["eta"]) == [0.1, 0.1, 0.5, 0.5]
    assert list(frame["final_accuracy"]) == [row.final_accuracy for row in rows]
    assert frame["history"][3] == rows[3].history


def test_progress_is_a_line_a_network_on_stderr(capsys):
    sweep(seeds=[2], grid={"eta": [0.1, 0.5]}, progress=True)
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = printed.err.splitlines()
    assert len(lines) == 2
    assert [line.split(": ")[0] for line in lines] == ["network 1/2", "network 2/2"]
    assert sorted(line.split(": ")[1] for line in lines) == ["eta=0.1, seed 2", "eta=0.5, seed 2"]
    assert all(line.split(": ")[2].startswith("accuracy ") for line in lines)
    sweep()
    assert capsys.readouterr().err == ""


# --- the file of results ----------------------------------------------------------------------


def test_a_second_call_reads_what_the_first_has_trained(tmp_path, trained):
    file = tmp_path / "sweep.jsonl"
    first = sweep(results=file, grid={"eta": [0.1, 0.5]})
    written = file.read_bytes()
    assert len(trained) == 4
    second = sweep(results=file, grid={"eta": [0.1, 0.5]})
    assert len(trained) == 4
    assert file.read_bytes() == written
    assert results_of(second) == results_of(first)
    assert [row.seconds for row in second] == [row.seconds for row in first]


def test_seeds_and_values_may_be_added(tmp_path, trained):
    file = tmp_path / "sweep.jsonl"
    sweep(seeds=[1], results=file, grid={"eta": [0.5]})
    rows = sweep(seeds=[1, 2], results=file, grid={"eta": [0.1, 0.5]})
    assert sorted(trained) == [1, 1, 2, 2]
    assert results_of(rows) == results_of(sweep(seeds=[1, 2], grid={"eta": [0.1, 0.5]}))


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_a_line_that_was_cut_short_is_trained_again(tmp_path, trained, cut):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file)
    whole = file.read_bytes()
    file.write_bytes(whole[:-cut])
    trained.clear()
    rows = sweep(results=file)
    assert trained == [json.loads(whole.splitlines()[-1])["seed"]]
    assert results_of(rows) == results_of(sweep())
    assert sorted(json.loads(line)["seed"] for line in file.read_bytes().splitlines()[1:]) == [1, 2]


def test_a_first_line_that_was_cut_short_is_written_again(tmp_path, trained):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file)
    file.write_bytes(file.read_bytes()[:30])
    sweep(results=file)
    assert len(trained) == 4
    assert len(file.read_bytes().splitlines()) == 3


def test_failed_networks_are_tried_again(tmp_path, trained):
    file = tmp_path / "sweep.jsonl"
    rows = sweep(results=file, grid={"schedule": [sweep_schedules.failing]})
    assert len(rows.failed) == 2
    sweep(results=file, grid={"schedule": [sweep_schedules.failing]})
    assert len(trained) == 4


@pytest.mark.parametrize(
    "other",
    [
        {"epochs": 2},
        {"data": training_data(seed=9)},
        {"data": training_data()[::-1]},
        {"evaluation_data": evaluation_data()[1:]},
        {"grid": {"l1": [0.0]}},
        {"cost": LogLikelihoodCost},
        {"optimizer": "adam"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_the_file_of_another_sweep_is_refused(tmp_path, trained, other):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file)
    written = file.read_bytes()
    trained.clear()
    assert_refused(
        lambda: sweep(results=file, **other), ValueError, "results", "sweep.jsonl", "not of this"
    )
    assert not trained
    assert file.read_bytes() == written


def test_what_is_no_file_of_results_is_refused_and_left_alone(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_bytes(b"my notes")
    assert_refused(lambda: sweep(results=file), ValueError, "results", "notes.txt")
    assert file.read_bytes() == b"my notes"


def test_a_damaged_line_is_named(tmp_path):
    file = tmp_path / "sweep.jsonl"
    sweep(results=file)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + b'{"seed": 1}\n' + lines[2])
    assert_refused(lambda: sweep(results=file), ValueError, "results", "line 2", "sweep.jsonl")


def test_what_has_no_name_cannot_be_recognised_in_a_file(tmp_path):
    assert_refused(
        lambda: sweep(results=tmp_path / "new", schedule=lambda epoch: 1.0),
        ValueError,
        "schedule",
        "name",
    )
    assert not (tmp_path / "new").exists()


# --- interruption -----------------------------------------------------------------------------


@pytest.fixture
def ctrl_c():
    """Ctrl-C does what it does in a terminal, whatever runs the tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


# It may come between opening the file of results and the block that closes it.
@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_ctrl_c_stops_soon_and_keeps_what_is_done(tmp_path, trained, ctrl_c):
    file = tmp_path / "sweep.jsonl"
    grid = {"schedule": [sweep_schedules.plain, sweep_schedules.interrupting]}
    started = time.monotonic()
    with ThreadPoolExecutor(1) as thread, pytest.raises(SweepInterrupted) as stopped:
        sweep(seeds=range(3), results=file, grid=grid, executor=thread, epochs=1000)
    assert time.monotonic() - started < 30
    assert "3 of 6 networks" in str(stopped.value)
    assert [row.seed for row in stopped.value.sweep] == [0, 1, 2]
    assert [row.error for row in stopped.value.sweep] == [None] * 3
    assert len(trained) == 4
    assert len(file.read_bytes().splitlines()) == 4


# --- other executors --------------------------------------------------------------------------


class Inline(Executor):
    """Does everything at once, in copies as another process would have them."""

    def __init__(self):
        self.sent = []

    def submit(self, function, /, *arguments, **options):
        content = pickle.dumps(arguments)
        self.sent.append(len(content))
        future = Future()
        future.set_result(function(*pickle.loads(content), **options))
        return future


def test_an_executor_gets_the_name_of_the_data_and_a_process_reads_them_once():
    reads = sharing._read.cache_info().misses
    executor = Inline()
    data = digits(5000, SIZES[0], SIZES[-1], seed=1)
    rows = sweep(seeds=range(5), data=data, executor=executor)
    assert results_of(rows) == results_of(sweep(seeds=range(5), data=data))
    assert len(executor.sent) == 5
    assert max(executor.sent) < 5000
    assert sharing._read.cache_info().misses == reads + 1


class Forgetful(Executor):
    """Stands for dask: the workers die with the results of the first networks, and nobody says so.

    It is its own client, and what it scatters is a reference with a status.
    """

    __module__ = "distributed"

    def __init__(self, deaths):
        self.deaths = deaths
        self.scattered = []
        self._client = self

    def scatter(self, data, **options):
        self.scattered.append(SimpleNamespace(data=data, status="finished"))
        return self.scattered[-1]

    def submit(self, function, task, reference):
        future = Future()
        if len(self.scattered) <= self.deaths:
            reference.status = "cancelled"
        else:
            future.set_result(function(task, reference.data))
        return future


def test_networks_that_nobody_answers_for_are_sent_out_again_with_the_data():
    executor = Forgetful(deaths=2)
    assert results_of(sweep(executor=executor)) == results_of(sweep())
    assert len(executor.scattered) == 3


def test_networks_that_are_lost_each_time_are_reported():
    executor = Forgetful(deaths=1000)
    with pytest.warns(RuntimeWarning, match="lost with their workers"):
        rows = sweep(executor=executor)
    assert len(rows.failed) == len(rows)
    assert len(executor.scattered) == train.ATTEMPTS


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"seeds": 5}, TypeError, ["seeds", "got 5"]),
        ({"seeds": []}, ValueError, ["seeds", "one at least"]),
        ({"seeds": [1, 1]}, ValueError, ["seeds", "different"]),
        ({"seeds": [-1]}, ValueError, ["seeds[0]", "-1"]),
        ({"seeds": [2**32]}, ValueError, ["seeds", "2**32"]),
        ({"seeds": [1.5]}, TypeError, ["seeds[0]", "1.5"]),
        ({"grid": [0.1]}, TypeError, ["grid", "dict"]),
        ({"grid": {"eta": 0.1}}, TypeError, ["grid['eta']", "list"]),
        ({"grid": {"eta": []}}, ValueError, ["grid['eta']", "one at least"]),
        ({"grid": {"eta": [1, 1.0]}}, ValueError, ["grid['eta']", "different"]),
        ({"grid": {"rate": [0.1]}}, TypeError, ["rate", "no setting"]),
        ({"callback": print}, TypeError, ["callback", "no setting"]),
        ({"grid": {"eta": [0.1, float("nan")]}}, ValueError, ["grid at {'eta': nan}", "eta"]),
        ({"grid": {"sizes": [[19, 3]]}}, ValueError, ["grid at", "training_data", "19"]),
        ({"eta": None}, ValueError, ["eta must be given, or be in the grid"]),
        ({"epochs": -1}, ValueError, ["epochs", "-1"]),
        ({"executor": 2}, TypeError, ["executor", "got 2"]),
        ({"keep_networks": True, "results": "f"}, ValueError, ["keep_networks", "results"]),
        ({"evaluation_data": []}, ValueError, ["evaluation_data", "one example"]),
        ({"data": []}, ValueError, ["training_data", "one example"]),
    ],
    ids=str,
)
def test_wrong_arguments_are_refused_before_anything_is_trained(trained, settings, error, words):
    data = training_data()
    assert_refused(lambda: sweep(**{"data": data, **settings}), error, *words, examples=data)
    assert not trained


def test_a_sweep_is_a_sequence():
    rows = Sweep([Row({}, seed) for seed in range(3)])
    assert [row.seed for row in rows] == [0, 1, 2]
    assert isinstance(rows[1:], Sweep)
    assert rows[-1].seed == 2
    assert rows.failed == []
