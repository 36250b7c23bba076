"""asv's suites: each benchmark runs and gives a value. No test looks at a time."""

import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import suites
from benchmarks.suites import loading, shared, starting
from fastnn import mnist_loader

pytestmark = [pytest.mark.thorough, pytest.mark.compiled]

ROOT = Path(__file__).resolve().parents[2]
SUITES = [found.name for found in pkgutil.iter_modules(suites.__path__) if found.name != "shared"]
ASV_NAME = re.compile("(time|timeraw|track|peakmem)_")


# Parameters that are tried with every value, not only with the first.
ALL_OF = ("implementation", "option")


def asv_benchmarks():
    """List (class, method name, parameters), with the first value of all but those in ALL_OF."""
    found = []
    for name in SUITES:
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
    """Return a function that gives the result of `setup_cache`, in a tuple, and its folder."""
    kept = {}

    def cache_of(cls):
        if not hasattr(cls, "setup_cache"):
            return (), tmp_path_factory.mktemp("cache")
        source = cls.setup_cache
        if source not in kept:
            folder = tmp_path_factory.mktemp("cache")
            with pytest.MonkeyPatch.context() as patch:
                patch.chdir(folder)
                if cls.__module__ == loading.__name__:  # it writes what it loads
                    few = tuple((x[:50], y[:50]) for x, y in mnist_loader.load_data())
                    patch.setattr(loading.mnist_loader, "load_data", lambda: few)
                cache = cls().setup_cache()
            kept[source] = (() if cache is None else (cache,)), folder
        return kept[source]

    return cache_of


def call(cls, method, parameters, caches, monkeypatch):
    """Do as asv does: set up in the cache's folder, then call once."""
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
        cwd=ROOT,
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


def test_the_suites_cover_speed_memory_and_accuracy():
    names = {method for _, method, _ in BENCHMARKS}
    assert {"time_epoch", "time_evaluation", "time_backprop", "time_load_data"} <= names
    assert {"track_speedup", "track_accuracy", "peakmem_epoch"} <= names
    assert shared.IMPLEMENTATIONS == ("reference", "fastnn")


def test_asv_finds_the_suites_and_the_plugin_where_its_settings_say():
    settings = (ROOT / "asv.conf.json").read_text(encoding="utf-8")
    assert (
        f'"benchmark_dir": "{Path(suites.__file__).parent.relative_to(ROOT).as_posix()}"'
        in settings
    )
    (plugin,) = re.findall(r'"plugins": \["\.([\w.]+)"\]', settings)
    assert importlib.import_module(plugin).setup


def test_the_suites_import_nothing_else_of_the_benchmarks():
    """asv imports them as a package of their own, and runs them on old commits of fastnn too."""
    modules = ", ".join(f"suites.{name}" for name in SUITES)
    code = f"import sys; sys.path.insert(0, sys.argv[1]); import {modules}; print(*sys.modules)"
    beside = str(Path(suites.__file__).parents[1])
    process = subprocess.run(
        [sys.executable, "-c", code, beside], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert "benchmarks" not in process.stdout.split()
