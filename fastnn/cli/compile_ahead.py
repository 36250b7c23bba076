"""`fastnn compile`: compile the kernels of all options ahead of time, into the package's store."""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from fastnn import gradients
from fastnn.common.checks import printable
from fastnn.common.processors import threads_available
from fastnn.common.writing import check_writable, write_whole
from fastnn.datasets.dataset import Dataset
from fastnn.kernels.compiling import STORE
from fastnn.kernels.numba_parts import has_avx512, machine
from fastnn.kernels.store import Collected
from fastnn.mnist_loader import load_data_wrapper
from fastnn.network2 import Network, QuadraticCost

_TYPES = ("float64", "float32")
_EXAMPLES = 100  # more numbers that are not zero than there are codes for


def add_parser(commands: Any) -> None:
    """Add the command to the program's subparsers."""
    parser = commands.add_parser(
        "compile",
        help="compile for all options ahead of time",
        epilog="Example: fastnn compile",
        description="Compile what training with any of the options needs, and keep it in the "
        "package's own folder, so that no first call waits for a compiler: for images of "
        "containers, and before a wheel is built. Takes minutes on all processors.",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Run the command with the options that its parser found."""
    _make_folder()
    for features in _features():
        name, content = _archive(features)
        path = STORE.path.with_name(name)
        write_whole(path, content)
        path.chmod(0o644)  # whatever the umask: what others may write is not used
        print(f"{printable(path)}: {len(content) / 1e6:.1f} MB")
    if not STORE.is_there():
        raise OSError(
            f"{STORE.path} would not be used by this user: the file and its folder must belong to "
            "this user or to the administrator, nobody else may write to them, and the sources of "
            "fastnn must not change meanwhile"
        )


def _make_folder() -> None:
    """Make the folder of the store, or raise OSError now if nothing can be written into it."""
    folder = STORE.path.parent
    try:
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
        check_writable(STORE.path)
    except OSError as problem:
        raise OSError(
            f"cannot write into {folder}, where fastnn is installed: {problem.strerror}"
        ) from None


def _features() -> list[str]:
    """The features of CPUs to compile for: of this one, and of one without AVX-512."""
    own = machine()[2]
    if not has_avx512():
        return [own]
    narrow = [name.replace("+avx512", "-avx512") for name in own.split(",")]
    return [own, ",".join(narrow)]


def _archive(features: str) -> tuple[str, bytes]:
    """Compile everything for a CPU; return a file for the store, with its name."""
    collected: Collected = {}
    with tempfile.TemporaryDirectory() as folder:
        variables = {"NUMBA_CPU_FEATURES": features, "NUMBA_CPU_NAME": machine()[1]}
        with _environment(NUMBA_CACHE_DIR=folder, **variables):
            spawn = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(threads_available(), spawn) as pool:
                for kernels in pool.map(_collect, *zip(*_jobs(), strict=True)):
                    collected.update(kernels)
                return pool.submit(_pack, collected).result()


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _pack(collected: Collected) -> tuple[str, bytes]:
    """In a process that compiles for the CPU in question, which the file's name tells."""
    return STORE.path.name, STORE.archive(collected)


def _collect(job: Callable[..., None], *arguments: Any) -> Collected:
    """Run a job; return the kernels that it compiled."""
    collected = STORE.begin()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # few epochs on few examples converge nowhere
        job(*arguments)
    return collected


# What to compile --------------------------------------------------------------------------------
#
# The kernels are the same for all sizes, costs, activations, optimisers and desired outputs. They
# differ in the type of numbers and in the form of the inputs.


def _jobs() -> Iterator[tuple[Callable[..., None], str, str]]:
    for dtype, form in itertools.product(_TYPES, _FORMS):
        yield _sgd, dtype, form
    for dtype in _TYPES:
        yield _single_calls, dtype, ""
        yield _single_calls_with_own_cost, dtype, ""
        yield _estimators, dtype, ""


def _sgd(dtype: str, form: str) -> None:
    """Everything that SGD does with inputs of a form, and what chapter 5 measures."""
    data = _dataset(form)
    net = Network([data.inputs.shape[1], 4, 3], QuadraticCost, dtype=dtype)
    net.SGD(data, 1, 10, 0.1, verbose=False)
    for _ in range(2):  # the second call, on a list, copies in kernels of its own
        net.SGD(list(data), 1, 10, 0.1, verbose=False)
    net.SGD(data, 1, 10, 0.1, momentum=0.5, verbose=False)
    net.SGD(data, 5, len(data), 0.1, momentum=0.5, verbose=False)  # inputs listed by input
    monitors: dict[str, Any] = {"monitor_evaluation_cost": True, "monitor_layer_speeds": True}
    net.SGD(data, 1, 10, 0.1, evaluation_data=data, speed_data=data, verbose=False, **monitors)
    gradients.mean_slopes(net, data)


def _single_calls(dtype: str, form: str) -> None:
    """The methods of a network on one example or a few, as pairs of MNIST or of a script."""
    for number in _TYPES:
        training, _, test = load_data_wrapper()
        pairs = [(x.astype(number), y) for x, y in training[:10]]
        tests = [(x.astype(number), y) for x, y in test[:10]]
        net = Network([784, 4, 10], dtype=dtype)
        net.feedforward(pairs[0][0])
        net.feedforward(np.hstack([x for x, _ in pairs]))
        net.backprop(*pairs[0])
        net.update_mini_batch(pairs, 0.1, 0.0, 10)
        net.accuracy(tests)
        net.accuracy(pairs, convert=True)
        net.total_cost(pairs, 0.1)
        net.total_cost(tests, 0.1, convert=True)


class _OwnCost(QuadraticCost):
    """As if a user had written it: Python calls it between two kernels."""

    @staticmethod
    def delta(z: Any, a: Any, y: Any) -> Any:
        return a - y


def _single_calls_with_own_cost(dtype: str, form: str) -> None:
    """Those that ask the cost."""
    x, y = np.ones((4, 1)), np.ones((3, 1))
    net = Network([4, 3], _OwnCost, dtype=dtype)
    net.backprop(x, y)
    net.update_mini_batch([(x, y)], 0.1, 0.0, 10)


def _estimators(dtype: str, form: str) -> None:
    """scikit-learn's interface, where that is installed."""
    try:
        from scipy.sparse import csr_matrix

        from fastnn.estimator import MLPClassifier, MLPRegressor
    except ImportError:
        return
    random = np.random.RandomState(1)
    for density, kind in ((1.0, np.asarray), (0.2, np.asarray), (0.2, csr_matrix)):
        rows = kind(_rows(random, density, dtype))
        for solver in ("adam", "lbfgs"):
            classes, values = random.randint(3, size=_EXAMPLES), random.rand(_EXAMPLES, 2)
            classifier = MLPClassifier(hidden_layer_sizes=(4,), max_iter=5, solver=solver)
            classifier.fit(rows, classes).predict_proba(rows)
            regressor = MLPRegressor(hidden_layer_sizes=(4,), max_iter=5, solver=solver)
            regressor.fit(rows, values).predict(rows)


def _dataset(form: str) -> Dataset:
    """Make examples whose inputs kernels get in this form."""
    random = np.random.RandomState(1)
    labels = random.randint(3, size=_EXAMPLES)
    return Dataset(_FORMS[form](random), labels, classes=3)


def _rows(random: Any, density: float, dtype: str) -> Any:
    return (random.rand(_EXAMPLES, 20) * (random.rand(_EXAMPLES, 20) < density)).astype(dtype)


_FORMS: dict[str, Callable[[Any], Any]] = {
    "images": lambda random: np.round(255.0 * _rows(random, 0.2, "float64")).astype(np.uint8),
    "codes": lambda random: np.round(3.0 * _rows(random, 0.2, "float64")),
    "sparse64": lambda random: _rows(random, 0.2, "float64"),
    "sparse32": lambda random: _rows(random, 0.2, "float32"),
    "dense64": lambda random: _rows(random, 1.0, "float64"),
    "dense32": lambda random: _rows(random, 1.0, "float32"),
    "bytes": lambda random: random.randint(1, 256, (_EXAMPLES, 20)).astype(np.uint8),
}
