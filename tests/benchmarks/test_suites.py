"""The benchmarks run, and measure what they say: none of the times is looked at."""

import importlib
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from benchmarks import estimators, full_batch, many, options, peers, roofline
from benchmarks.programs import PROGRAMS
from benchmarks.programs.numpy_matrix import NumpyMatrix
from benchmarks.suites import loading, shared, starting
from benchmarks.support import race
from benchmarks.support.work import MiniBatch
from fastnn import mnist_loader

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(
        bool(numba.config.DISABLE_JIT), reason="whole epochs of MNIST, and looks at compiled code"
    ),
]

# --- the asv suite ----------------------------------------------------------------------------

ASV_MODULES = ("evaluation", "loading", "memory", "results", "scaling", "starting", "training")
ASV_NAME = re.compile("(time|timeraw|track|peakmem)_")


# Parameters of which every value is tried, not only the first.
ALL_OF = ("implementation", "option")


def asv_benchmarks():
    """Return (class, method name, parameters): the first of each parameter but those of ALL_OF."""
    found = []
    for name in ASV_MODULES:
        module = importlib.import_module(f"benchmarks.suites.{name}")
        for _, cls in inspect.getmembers(module, inspect.isclass):
            for method, _ in inspect.getmembers(cls, inspect.isfunction):
                if ASV_NAME.match(method):
                    found += [(cls, method, values) for values in tiny_parameters(cls)]
    return found


def tiny_parameters(cls):
    lists = getattr(cls, "params", ())
    if lists and isinstance(lists[0], str | int):
        lists = (lists,)
    all_values = lists[0] if lists and cls.param_names[0] in ALL_OF else None
    smallest = tuple(values[0] for values in lists)
    return [(value, *smallest[1:]) for value in all_values] if all_values else [smallest]


BENCHMARKS = asv_benchmarks()


@pytest.fixture(scope="module")
def caches(tmp_path_factory):
    """Return a function that gives what `setup_cache` returned, in a tuple, and where it ran."""
    kept = {}

    def cache_of(cls):
        if not hasattr(cls, "setup_cache"):
            return (), tmp_path_factory.mktemp("cache")
        source = cls.setup_cache
        if source not in kept:
            folder = tmp_path_factory.mktemp("cache")
            with pytest.MonkeyPatch.context() as patch:
                patch.chdir(folder)
                few = tuple((x[:50], y[:50]) for x, y in mnist_loader.load_data())
                patch.setattr(loading.mnist_loader, "load_data", lambda: few)
                cache = cls().setup_cache()
            kept[source] = (() if cache is None else (cache,)), folder
        return kept[source]

    return cache_of


def call(cls, method, parameters, caches, monkeypatch):
    """Do what asv does: set up in the cache's folder, then call once."""
    cache, folder = caches(cls)
    monkeypatch.chdir(folder)
    benchmark = cls()
    if hasattr(benchmark, "setup"):
        benchmark.setup(*cache, *parameters)
    return getattr(benchmark, method)(*cache, *parameters)


@pytest.mark.parametrize(
    ("cls", "method", "parameters"),
    [entry for entry in BENCHMARKS if not entry[1].startswith("timeraw_")],
)
def test_an_asv_benchmark_runs_once(cls, method, parameters, caches, monkeypatch):
    result = call(cls, method, parameters, caches, monkeypatch)
    if method.startswith("track_"):
        assert 0 <= result < np.inf
        assert getattr(cls, method).unit


def python(code, **environment):
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, **environment},
    )


def test_the_raw_statements_of_the_asv_suite_run(caches, monkeypatch):
    start = starting.Start()
    few = starting._FIRST_EPOCH.replace("SGD(training,", "SGD(training[:20],")
    monkeypatch.setattr(starting, "_FIRST_EPOCH", few)
    python(start.timeraw_import_numba("") + "\n" + start.timeraw_import_fastnn(""))
    cold, empty = start.timeraw_first_epoch_cold("")
    cached, filled = start.timeraw_first_epoch_cached("somewhere")
    assert cold == cached
    python(f"{empty}\nassert os.listdir(os.environ['NUMBA_CACHE_DIR']) == []")
    python(f"{filled}\nassert os.environ['NUMBA_CACHE_DIR'] == 'somewhere'")
    python(cached)


def test_the_suite_is_what_the_design_asks_for():
    names = {method for _, method, _ in BENCHMARKS}
    assert {"time_epoch", "time_evaluation", "time_backprop", "time_load_data"} <= names
    assert {"track_speedup", "track_accuracy", "peakmem_epoch"} <= names
    assert shared.IMPLEMENTATIONS == ("reference", "fastnn")


# --- the race ---------------------------------------------------------------------------------

# Not torch.compile: it starts a C++ compiler.
RACERS = ("numpy", "fastnn", "torch", "jax", "sklearn")


@pytest.fixture(scope="module")
def tasks():
    """495 examples, so that the last mini-batch is short."""
    return race.make_tasks([784, 12, 10], ("float64", "float32"), 10, threads=1, examples=495)


@pytest.mark.parametrize("name", RACERS)
@pytest.mark.filterwarnings("default")  # those of other people's libraries
def test_a_program_comes_to_where_the_reference_does(name, tasks):
    if not race.is_installed(PROGRAMS[name]):
        pytest.skip(f"{PROGRAMS[name].library} is not installed")
    entries = race.run_race([PROGRAMS["reference"], PROGRAMS[name]], tasks, repeats=2)
    assert [(entry.name, entry.dtype) for entry in entries] == [
        ("reference", "float64"),
        (name, "float64"),
        (name, "float32"),
    ]
    for entry in entries:
        assert not entry.failure
        assert entry.agrees
        assert len(entry.seconds) == 2
    assert entries[1].weights_apart < 1e-12
    assert entries[1].loss == pytest.approx(entries[0].loss, rel=1e-12)


# What each program can do besides network2's training.
ABLE = {
    "numpy": (),
    "fastnn": ("momentum", "adam", "softmax", "relu", "tanh"),
    "torch": ("momentum", "softmax", "relu", "tanh"),
    "jax": ("momentum", "adam", "softmax", "relu", "tanh"),
    "sklearn": ("momentum", "adam", "softmax", "relu", "tanh"),
}


@pytest.mark.parametrize("option", [name for name in options.OPTIONS if name != "plain"])
@pytest.mark.parametrize("name", RACERS)
@pytest.mark.filterwarnings("default")  # those of other people's libraries
def test_a_program_trains_with_an_option_as_the_reference_does_or_is_left_out(name, option):
    if not race.is_installed(PROGRAMS[name]):
        pytest.skip(f"{PROGRAMS[name].library} is not installed")
    dtypes = ("float64", "float32")
    tasks = race.make_tasks(
        [784, 12, 10], dtypes, 10, threads=1, examples=195, **options.OPTIONS[option]
    )
    reference, *entries = race.run_race([PROGRAMS["reference"], PROGRAMS[name]], tasks, repeats=1)
    text = "\n".join(peers.report([reference, *entries]))
    for field, value in options.OPTIONS[option].items():
        assert f"{value}" in text
        assert field == "cost" or field in text
    for entry in entries:
        if option in ABLE[name]:
            assert not entry.failure
            assert entry.agrees
            assert entry.loss == pytest.approx(reference.loss, rel=1e-5)
        else:
            assert f"{name:14}{entry.dtype:9} left out: {entry.failure}" in text


@pytest.mark.parametrize("option", options.OPTIONS)
def test_the_loss_is_the_total_cost_of_the_network(option):
    task = race.make_tasks([784, 12, 10], ["float64"], 10, 1, 25, **options.OPTIONS[option])[0]
    program = PROGRAMS["reference"]()
    program.prepare(task)
    wanted = program._network.total_cost(program._pairs, task.lmbda)
    assert race.loss(task, task.weights, task.biases) == pytest.approx(wanted, rel=1e-12)


def test_momentum_and_adam_together_are_refused(capsys):
    with pytest.raises(SystemExit):
        peers.main(["--optimizer", "adam", "--momentum", "0.9"])
    assert "--momentum is for --optimizer sgd only" in capsys.readouterr().err


@pytest.mark.filterwarnings("default")  # those of other people's libraries
def test_the_table_of_options_has_a_row_for_each_option_and_dtype(capsys):
    few = ["--sizes", "784,3,10", "--examples", "40", "--repeats", "1"]
    assert options.main(few) == 0
    printed = capsys.readouterr().out
    for name in ("plain", "momentum", "adam", "softmax", "relu", "tanh"):
        for dtype in ("float64", "float32"):
            row = re.search(rf"^{name} +{dtype} +([\d.]+) +[\d.]+ - [\d.]+ +(.*)$", printed, re.M)
            assert row
            assert race.is_installed(PROGRAMS["jax"]) or row[2] == "jax is not installed"
    assert "NOT" not in printed


class TooEager(NumpyMatrix):
    """Does not decay."""

    name = "too eager"

    def _step(self, x, y):
        super()._step(x, y)
        for w in self._weights:
            w /= self._task.decay


def test_a_program_that_trains_otherwise_is_noticed(tasks):
    entries = race.run_race([PROGRAMS["reference"], TooEager], tasks[:1], repeats=1)
    assert [entry.agrees for entry in entries] == [True, False]
    assert "DOES NOT AGREE" in "\n".join(peers.report(entries))


class TooEagerJax(TooEager):
    name = "jax"


def test_the_table_of_options_marks_programs_that_part(tasks):
    entries = race.run_race([PROGRAMS["fastnn"], TooEagerJax], tasks, repeats=1)
    assert all(line.endswith("DOES NOT AGREE") for line in options.rows("plain", entries))


def test_a_race_without_a_program_that_can_do_it_has_no_verdict():
    tasks = race.make_tasks([784, 3, 10], ["float64"], 10, 1, 20, activation="tanh")
    text = "\n".join(peers.report(race.run_race([NumpyMatrix], tasks, repeats=1)))
    assert "left out: written for network2's training only" in text
    assert "None of the programs can do this." in text


class Unwell(NumpyMatrix):
    """As a library that does not work on this machine."""

    name, module = "unwell", "json"

    def run_epoch(self, order):
        raise OSError("no compiler")


class Absent(NumpyMatrix):
    name, module = "absent", "no_such_library"


def test_programs_that_fail_or_are_missing_are_listed(tasks):
    assert not race.is_installed(Absent)
    entries = race.run_race([PROGRAMS["fastnn"], Unwell], tasks[:1], repeats=1)
    text = "\n".join(peers.report(entries, missing=["absent"]))
    assert "left out: OSError: no compiler" in text
    assert re.search("absent +not installed", text)
    assert "All agree with fastnn float64" in text


def test_both_estimators_come_to_the_same(capsys, monkeypatch):
    monkeypatch.setattr(estimators, "limit_threads", lambda count: None)
    assert estimators.main(["--examples", "300", "--epochs", "1", "--repeats", "1"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[-2:] == ["loss", "apart"]
    assert len(rows) == 8
    for row in rows:
        theirs, ours = row.split()[-3:-1]
        assert theirs == ours


def test_estimators_that_part_are_noticed():
    line = estimators.Line("some", "sgd", 10, [0.9, 0.9], ([2.0], [1.0]), apart=0.1)
    assert estimators.report([line])[-1].endswith("DOES NOT AGREE")
    assert line.ratio == 2.0


def test_full_batches_have_the_norms_of_the_reference_or_that_is_noticed(capsys, monkeypatch):
    monkeypatch.setattr(full_batch, "limit_threads", lambda count: None)
    few = ["--images", "40", "--epochs", "3", "--reference-epochs", "2", "--repeats", "1"]
    assert full_batch.main(few) == 0
    words = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert words == ["fastnn", "reference", "ratio"]
    monkeypatch.setattr(full_batch, "TOLERANCE", -1.0)
    assert full_batch.main(few) == 1


def test_an_unknown_program_is_refused(capsys):
    with pytest.raises(SystemExit):
        peers.main(["--programs", "numpy,nonsense"])
    assert "nonsense" in capsys.readouterr().err


# --- the roofline -----------------------------------------------------------------------------


def test_work_counts_what_the_mathematics_asks_for():
    batch = MiniBatch([784, 30, 10], examples=10, nonzeros=150, item=8)
    assert batch.sparse_forward().operations == batch.sparse_update().operations == 2 * 1500 * 30
    assert batch.forward().operations == 2 * (1500 * 30 + 10 * 30 * 10)
    assert batch.backward().operations == 2 * 10 * 30 * 10
    assert batch.dense_forward().operations == 2 * 10 * 784 * 30
    # A row of the padded weights and an entry for each pixel.
    assert batch.sparse_forward().read == 1500 * (32 * 8 + 2)


def test_no_kernel_is_faster_than_the_core():
    shares = roofline.measure([784, 30, 10], "float64", 10, rounds=5)
    assert len({share.name for share in shares}) == len(shares) == 10
    for share in shares:
        assert 0 < share.of_peak < 1.2
        assert 0 < share.limit <= share.ceilings.peak


# --- many networks ----------------------------------------------------------------------------


def test_sweeps_are_timed_for_each_dtype_and_number_of_threads():
    lines = many.throughput(networks=2, examples=100, repeats=1)
    assert {"float64", "float32"} <= {line.split()[1] for line in lines[2:]}
    assert all(float(line.split()[3]) > 0 for line in lines[2:])
