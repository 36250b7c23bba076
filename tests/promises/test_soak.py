"""Half an hour of everything in one process: memory, files and threads flat, the bits the same."""

from __future__ import annotations

import gc
import os
import random
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from builders import ALL_MONITORS, digits, labelled, parameters, seed_generators
from waiting import running_threads, wait_until

import fastnn

MINUTES = float(os.environ.get("FASTNN_SOAK_MINUTES", "30"))


def resident_bytes():
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def open_files():
    return len(os.listdir("/proc/self/fd"))


def one_of_everything(folder, seed):
    """Train, save, load, checkpoint, resume, sweep and evaluate as `seed` says; return all bits."""
    drawn = random.Random(seed)
    sizes = [30, drawn.choice([10, 40, 100]), 5]
    cost = drawn.choice([fastnn.CrossEntropyCost, fastnn.QuadraticCost, fastnn.LogLikelihoodCost])
    network = {"cost": cost, "dtype": drawn.choice([np.float64, np.float32])}
    training = {
        "optimizer": drawn.choice(["sgd", "adam"]),
        "dropout": drawn.choice([0.0, 0.3]),
        "l1": drawn.choice([0.0, 0.1]),
        "threads": drawn.choice([1, 2]),
    }
    density = drawn.choice([0.2, 1.0])
    data = digits(drawn.choice([100, 300]), 30, 5, seed=seed % 4, density=density)
    seed_generators(seed)
    net = fastnn.Network(sizes, **network)
    size = drawn.choice([1, 10, 150])
    net.SGD(data, 2, size, 0.01, 0.1, labelled(data), **ALL_MONITORS, **training, verbose=False,
            checkpoint=folder / "run.npz")  # fmt: skip
    net.save(folder / "net.npz")
    if cost is not fastnn.LogLikelihoodCost:  # network2's JSON cannot hold softmax
        net.save(folder / "net.json")
    loaded = fastnn.load(folder / "net.npz")
    assert loaded.accuracy(labelled(data)) == net.accuracy(labelled(data))
    again, _ = fastnn.resume(folder / "run.npz", data, 3, labelled(data), verbose=False)
    fastnn.gradients.layer_speeds(again, data)
    results = folder / "sweep.jsonl"
    results.unlink(missing_ok=True)
    rows = fastnn.train_many(
        sizes, data, seeds=range(3), grid={"eta": [0.1, 0.5]}, epochs=1, mini_batch_size=10,
        evaluation_data=labelled(data), monitor_training_cost=True, results=results, progress=False,
    )  # fmt: skip
    swept = repr([tuple(row.history) for row in rows]).encode()
    arrays = [*parameters(net), *parameters(loaded), *parameters(again)]
    return swept + b"".join(array.tobytes() for array in arrays)


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_half_an_hour_of_everything_leaves_memory_files_threads_and_bits_as_they_were(tmp_path):
    seeds = range(40)
    first = {seed: one_of_everything(tmp_path, seed) for seed in seeds}
    for seed in list(seeds) * 3:  # until the allocator holds all it needs
        one_of_everything(tmp_path, seed)
    memory, files, threads = resident_bytes(), open_files(), running_threads()
    ends = time.monotonic() + 60 * MINUTES
    rounds = 0
    while time.monotonic() < ends:
        for seed in seeds:
            assert one_of_everything(tmp_path, seed) == first[seed]
        assert open_files() == files
        wait_until(lambda: running_threads() <= threads)
        rounds += 1
    assert rounds > 0
    assert resident_bytes() < 1.01 * memory
