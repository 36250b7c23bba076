"""Time chapter 5's 500 epochs of full batches, with the norm of every layer's gradient in each.

Run as ``python -m benchmarks.full_batch``; ``--help`` lists the options. fastnn and the NumPy
reference train [784, 30, 30, 30, 30, 10] on the same 1,000 images in turn. The reference trains
for fewer epochs: it is slow, and takes the same time for each.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.support.threads import cores, limit_threads

SIZES = (784, 30, 30, 30, 30, 10)
TOLERANCE = 1e-9  # relative distance of the norms


def train(
    network_class: Any, data: Sequence[Any], epochs: int
) -> tuple[float, npt.NDArray[np.float64]]:
    """Train a new network; return the seconds an epoch took, and the norms, one row an epoch."""
    np.random.seed(1)
    random.seed(1)
    network = network_class(list(SIZES))
    started = time.perf_counter()
    history = network.SGD(
        list(data),
        epochs,
        len(data),
        0.1,
        lmbda=5.0,
        verbose=False,
        monitor_layer_speeds=True,
    )
    seconds = time.perf_counter() - started
    return seconds / epochs, np.array(history.layer_speeds)


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, print, and return 1 if the norms differ by more than rounding."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.full_batch", description=__doc__)
    parser.add_argument("--images", type=int, default=1000, help="to train on (1000)")
    parser.add_argument("--epochs", type=int, default=500, help="for fastnn (500)")
    parser.add_argument("--reference-epochs", type=int, default=5, help="for the reference (5)")
    parser.add_argument("--repeats", type=int, default=5, help="timed turns (5)")
    parser.add_argument("--threads", type=int, default=cores(), help="for fastnn (all)")
    arguments = parser.parse_args(argv)
    limit_threads(arguments.threads)  # before the libraries are loaded
    from fastnn import mnist_loader, network2, reference

    training_data = mnist_loader.load_data_wrapper()[0]
    data = [training_data[k] for k in range(arguments.images)]
    train(network2.Network, data, arguments.epochs)  # compiles all that the timed calls use
    times = []
    apart = 0.0
    for _ in range(arguments.repeats):
        ours, norms = train(network2.Network, data, arguments.epochs)
        theirs, wanted = train(reference.Network, data, arguments.reference_epochs)
        times.append((ours, theirs))
        both = min(len(norms), len(wanted))
        apart = max(apart, float(np.max(np.abs(norms[:both] / wanted[:both] - 1))))
    seconds = np.array(times)
    for name, column in zip(("fastnn", "reference"), seconds.T * 1e3, strict=True):
        spread = f"{column.min():.2f} - {column.max():.2f}"
        print(f"{name:10}{np.median(column):9.2f} ms an epoch  ({spread})")
    print(f"ratio     {np.median(seconds[:, 1] / seconds[:, 0]):9.1f}, norms apart {apart:.1e}")
    return 0 if apart <= TOLERANCE else 1


if __name__ == "__main__":
    raise SystemExit(main())
