"""CONTRIBUTING's steps add a schedule: nothing else has to know of it."""

from pathlib import Path

import pytest
from documented_changes import apply_documented, copied_package
from processes import run_python

pytestmark = pytest.mark.thorough  # each process compiles the kernels of the changed copy

SUPPORT = Path(__file__).resolve().parents[1] / "support"

START = """
import numpy as np
from builders import assert_same_bits, digits, labelled, seed_generators
import fastnn
from fastnn.schedules import Tenths

def start(epochs, schedule, **options):
    seed_generators(3)
    net = fastnn.Network([20, 12, 5])
    history = net.SGD(
        digits(60, 20, 5, seed=1), epochs, 7, 3.0, 0.3, labelled(digits(40, 20, 5, seed=2)),
        monitor_evaluation_cost=True, schedule=schedule, verbose=False, **options,
    )
    return net, history.evaluation_cost
"""

TRAINING = """
net, costs = start(8, Tenths(1))
factors, factor, best = [], 1.0, float("inf")
for cost in costs:
    factors.append(factor)
    if cost >= best:
        factor /= 10
    best = min(best, cost)
assert factors[-1] < 1.0, costs
wanted, _ = start(8, factors.__getitem__)
for mine, theirs in zip(net.weights + net.biases, wanted.weights + wanted.biases):
    np.testing.assert_allclose(mine, theirs, rtol=1e-9)

start(3, Tenths(1), checkpoint="run.npz")
resumed, history = fastnn.resume(
    "run.npz", digits(60, 20, 5, seed=1), 8, labelled(digits(40, 20, 5, seed=2)), verbose=False
)
assert_same_bits(resumed, net)
assert history.evaluation_cost == costs
for schedule, words in ((Tenths(0), "schedule.n"), (Tenths(1), "monitor_evaluation_cost=True")):
    try:
        net.SGD(digits(60, 20, 5, seed=1), 1, 7, 3.0, schedule=schedule)
    except ValueError as problem:
        assert words in str(problem)
    else:
        raise AssertionError(words)
rows = fastnn.train_many(
    [20, 12, 5], digits(60, 20, 5, seed=1), seeds=[1], grid={"schedule": [None, Tenths(1)]},
    epochs=3, mini_batch_size=7, eta=3.0, evaluation_data=labelled(digits(40, 20, 5, seed=2)),
    monitor_evaluation_cost=True, progress=False, results="rows.jsonl",
)
assert not rows.failed
"""

PROGRAM = """
from builders import arrays
from fastnn import cli
x, y = arrays(digits(60, 20, 5, seed=1))
np.savez("data.npz", x=x, y=y)
options = "train --data data.npz --epochs 3 --eta 3 --seed 1 --divide-after 1"
assert cli.main([*options.split(), "--checkpoint", "program.npz"]) == 0
assert cli.main("train --data data.npz --epochs 4 --seed 1 --resume program.npz".split()) == 0
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of fastnn that has the new schedule."""
    folder = copied_package(tmp_path_factory.mktemp("changed"))
    apply_documented("Adding a schedule", folder)
    return folder


def test_the_new_schedule_goes_through_training_checkpoints_and_sweeps(folder):
    run_python(START + TRAINING, folders=[folder, SUPPORT])


def test_the_command_line_offers_the_new_schedule_and_monitors_its_figure(folder):
    printed = run_python(START + PROGRAM, folders=[folder, SUPPORT])
    assert printed.count("Cost on evaluation data: ") == 4
