"""Options of `SGD` to compare with the reference: optimisers, mini-batches, depths of networks."""

from __future__ import annotations

import pytest
from builders import Softplus, assert_programs_agree, examples, run

from fastnn import network2, reference, schedules
from fastnn.kernels.layout import BLOCK

MORE_THAN_A_BLOCK = BLOCK + 5  # goes through other kernels than a smaller mini-batch
MINI_BATCH_SIZES = [1, 7, 10, 64, MORE_THAN_A_BLOCK]
LAYERS = {1: [33], 2: [17, 3], 3: [100, 1, 17], 4: [17, 33, 3, 17]}
# Options of SGD with a learning rate that suits them.
OPTIMISERS = {
    "plain": (0.3, {}),
    "momentum": (0.1, {"momentum": 0.8}),
    "nesterov": (0.1, {"momentum": 0.8, "nesterov": True}),
    "adam": (0.01, {"optimizer": "adam"}),
}

# A user's own function is compiled for every kernel in every process, which takes seconds each.
long = pytest.mark.long
OWN_ACTIVATION = pytest.param(Softplus, marks=long)

every_optimiser = pytest.mark.parametrize("optimiser", OPTIMISERS)
every_mini_batch = pytest.mark.parametrize("mini_batch_size", MINI_BATCH_SIZES)
small_and_large_mini_batch = pytest.mark.parametrize("mini_batch_size", [10, MORE_THAN_A_BLOCK])


def assert_training_agrees(
    sizes, optimiser, mini_batch_size, *, epochs=2, lmbda=2.0, data=None, **options
):
    """Train the same network with both programs by one of `OPTIMISERS`; compare all they leave."""
    eta, steps = OPTIMISERS[optimiser]
    data = data or examples(sizes[0], sizes[-1])
    assert_programs_agree(sizes, *data, epochs, mini_batch_size, eta, lmbda, **steps, **options)


def runs(data, *arguments, sizes=(25, 17, 10), **options):
    """Train with fastnn and with the reference, each with its own Halving; return both runs."""
    halving = options.pop("halving", None)
    made = []
    for module, kind in ((network2, schedules.Halving), (reference, reference.Halving)):
        schedule = {"schedule": kind(**halving)} if halving else {}
        made.append(run(module, list(sizes), data, *arguments, **options, **schedule))
    return made
