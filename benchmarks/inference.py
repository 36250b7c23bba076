"""Time outputs of a trained network for many examples: fastnn, onnxruntime and scikit-learn.

Run as ``python -m benchmarks.inference``; ``--help`` lists the options. All have the same
parameters, sigmoid hidden neurons and softmax outputs, and use all cores. They take turns on the
same normally distributed inputs. What the others call by its class is called likewise.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.support.arguments import DTYPES, layer_sizes
from benchmarks.support.machine import Others
from fastnn import Dataset, LogLikelihoodCost, Network

Rows = npt.NDArray[Any]
Call = Callable[[], Any]

# Seconds between two programs, in which the threads of linear algebra libraries stop to spin.
PAUSE = 0.2

TOLERANCE = {"float64": 1e-9, "float32": 1e-4}  # between outputs


def _onnx(network: Network, rows: Rows) -> Call:
    """A run of the network's ONNX file."""
    import onnxruntime

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.onnx"
        network.to_onnx(file)
        session = onnxruntime.InferenceSession(file.read_bytes())
    return lambda: session.run(None, {"inputs": rows})[0]


def _estimator(kind: type[Any], network: Network, rows: Rows) -> Call:
    """`predict_proba` of a class like scikit-learn's, with the network's parameters."""
    labels = np.arange(network.sizes[-1])
    classifier = kind(tuple(network.sizes[1:-1]), activation="logistic")
    classifier.partial_fit(rows[: len(labels)], labels, classes=labels)
    classifier.coefs_ = [w.T.copy() for w in network.weights]
    classifier.intercepts_ = [b[:, 0] for b in network.biases]
    return lambda: classifier.predict_proba(rows)


def calls_of(network: Network, rows: Rows) -> dict[str, Call]:
    """What races, by name: outputs as arrays, but for `predict` and `accuracy`."""
    labels = np.random.default_rng(2).integers(network.sizes[-1], size=len(rows))
    data = Dataset(rows, labels, classes=network.sizes[-1])
    calls: dict[str, Call] = {
        "fastnn outputs": lambda: network.outputs(rows),
        "fastnn predict": lambda: network.predict(rows),
        "fastnn accuracy": lambda: network.accuracy(data),
        "fastnn feedforward": lambda: network.feedforward(rows.T).T,
    }
    if importlib.util.find_spec("onnx") and importlib.util.find_spec("onnxruntime"):
        calls["onnxruntime run"] = _onnx(network, rows)
    if importlib.util.find_spec("sklearn"):
        from sklearn.neural_network import MLPClassifier as Theirs

        from fastnn.estimator import MLPClassifier as Ours

        calls["fastnn predict_proba"] = _estimator(Ours, network, rows)
        calls["sklearn predict_proba"] = _estimator(Theirs, network, rows)
    return calls


def race(calls: dict[str, Call], repeats: int) -> dict[str, list[float]]:
    """The seconds of each call, which take turns; the first turn is not timed."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(repeats + 1):
        for name, call in calls.items():
            time.sleep(PAUSE)
            started = time.perf_counter()
            call()
            if turn > 0:
                seconds[name].append(time.perf_counter() - started)
    return seconds


def peak_of(call: Call) -> int:
    """The most bytes that a call of NumPy and Python holds at once."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table; return 1 if the outputs differ by more than rounding."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inference", description=__doc__)
    parser.add_argument("--sizes", type=layer_sizes, default=[784, 100, 10], help="784,100,10")
    parser.add_argument("--examples", type=int, default=100_000, help="rows of inputs (100000)")
    parser.add_argument("--dtype", choices=DTYPES, default="float32", help="float32")
    parser.add_argument("--repeats", type=int, default=5, help="timed turns (5)")
    arguments = parser.parse_args(argv)
    rng = np.random.default_rng(1)
    shape = (arguments.examples, arguments.sizes[0])
    rows = rng.standard_normal(shape, dtype=np.dtype(arguments.dtype).type)
    network = Network(arguments.sizes, LogLikelihoodCost, dtype=arguments.dtype, seed=1)
    calls = calls_of(network, rows)
    others = Others()
    seconds = race(calls, arguments.repeats)
    share = others.share()
    wanted = network.outputs(rows)
    apart = 0.0
    print(f"{'call':22} {'ms':>8}   {'min - max':>15} {'MB held':>9}")
    for name, call in calls.items():
        times = np.array(seconds[name]) * 1e3
        spread = f"{times.min():.1f} - {times.max():.1f}"
        # What onnxruntime holds is not Python's to count.
        held = "" if name.startswith("onnx") else f"{peak_of(call) / 1e6:.1f}"
        print(f"{name:22} {np.median(times):8.1f}   {spread:>15} {held:>9}")
        result = call()
        if np.shape(result) == wanted.shape:
            apart = max(apart, float(np.abs(result - wanted).max()))
    print(f"inputs {rows.nbytes / 1e6:.0f} MB, outputs apart {apart:.1e}")
    if share is not None:
        print(f"other programs took {100 * share:.0f} % of all cores meanwhile")
    return 0 if apart <= TOLERANCE[arguments.dtype] else 1


if __name__ == "__main__":
    raise SystemExit(main())
