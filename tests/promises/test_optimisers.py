"""fastnn against the reference for every optimiser: depths, costs, data, penalties, decay.

A step is a sweep over the parameters.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import (
    ALL_EXAMPLES,
    CubicCost,
    Softplus,
    assert_programs_agree,
    assert_same_networks,
    assert_same_runs,
    dense_digits,
    digits,
    examples,
    labelled,
    run,
    seeded_network,
)
from training_options import (
    LAYERS,
    OPTIMISERS,
    assert_training_agrees,
    every_mini_batch,
    every_optimiser,
    long,
    small_and_large_mini_batch,
)

from fastnn import Dataset, network2, optimisers, reference


@every_optimiser
@every_mini_batch
@pytest.mark.parametrize("hidden", LAYERS)
def test_optimisers_agree_for_every_depth_and_mini_batch(optimiser, mini_batch_size, hidden):
    assert_training_agrees([25, *LAYERS[hidden], 10], optimiser, mini_batch_size)


@every_optimiser
@every_mini_batch
@pytest.mark.parametrize("lmbda", [0.0, 2.0])
def test_l1_agrees_with_and_without_decay(optimiser, mini_batch_size, lmbda):
    assert_training_agrees([25, 17, 10], optimiser, mini_batch_size, lmbda=lmbda, l1=1.5)


@every_optimiser
@small_and_large_mini_batch
def test_l1_leaves_weights_of_exactly_zero_as_the_reference_does(optimiser, mini_batch_size):
    # Weights of inputs that are always zero have no slope except the penalty's.
    training, evaluation = examples(25, 10)
    blank = [(np.concatenate([x, np.zeros((3, 1), x.dtype)]), y) for x, y in training]
    blank_evaluation = [(np.concatenate([x, np.zeros((3, 1), x.dtype)]), y) for x, y in evaluation]
    eta, steps = OPTIMISERS[optimiser]
    nets = []
    for module in (network2, reference):
        net = seeded_network(module, [28, 17, 10])
        net.weights[0][:, 26] = 0.0
        random.seed(1)
        net.SGD(
            list(blank),
            2,
            mini_batch_size,
            eta,
            0.0,
            blank_evaluation,
            l1=1.5,
            verbose=False,
            **steps,
        )
        nets.append(net)
    assert_same_networks(*nets)
    assert not np.any(nets[0].weights[0][:, 26])


@every_optimiser
@small_and_large_mini_batch
@pytest.mark.parametrize(
    ("cost", "network"),
    [
        ("LogLikelihoodCost", {"activation": "relu", "initializer": "he"}),
        ("LogLikelihoodCost", {"activation": ["tanh", "relu"], "initializer": "glorot"}),
        ("QuadraticCost", {"activation": "tanh", "output": "identity"}),
        pytest.param("CrossEntropyCost", {"activation": Softplus}, marks=long),
        pytest.param(CubicCost, {"activation": "sigmoid", "output": "softmax"}, marks=long),
    ],
    ids=["relu", "mixed", "identity", "own-activation", "own-cost"],
)
def test_optimisers_agree_for_other_layers_and_costs(optimiser, mini_batch_size, cost, network):
    eta, steps = OPTIMISERS[optimiser]
    assert_programs_agree(
        [25, 17, 33, 10],
        *examples(25, 10),
        *(2, mini_batch_size, eta / 5, 2.0),
        cost=cost,
        network=network,
        **steps,
    )


@every_optimiser
@small_and_large_mini_batch
def test_optimisers_agree_on_inputs_without_zeros(optimiser, mini_batch_size):
    training = dense_digits(ALL_EXAMPLES, 12, 5, seed=3, dtype=np.float32)
    evaluation = labelled(dense_digits(60, 12, 5, seed=4, dtype=np.float32))
    assert_training_agrees(
        [12, 17, 5], optimiser, mini_batch_size, data=(training, evaluation), l1=0.5
    )


@every_optimiser
def test_optimisers_agree_on_images_of_784_pixels(optimiser):
    assert_training_agrees([784, 30, 10], optimiser, 10, l1=0.5)


@every_optimiser
@pytest.mark.parametrize("lmbda", [85.0, 510.0, -5.0])
def test_optimisers_agree_for_large_and_negative_decay(optimiser, lmbda):
    assert_training_agrees([25, 17, 10], optimiser, 10, lmbda=lmbda)


@pytest.mark.compiled
@pytest.mark.parametrize("optimiser", ["momentum", "nesterov", "adam"])
def test_weights_that_decay_to_nothing_do_not_stay_among_the_smallest_numbers(optimiser):
    # These are weights of inputs that are always zero. Many CPUs need a hundred cycles for each
    # subnormal number.
    inputs = np.random.default_rng(1).uniform(0, 1, (100, 20)) * (np.arange(20) < 10)
    data = Dataset(inputs, np.arange(100) % 3, classes=3)
    net = seeded_network(network2, [20, 5, 3], dtype=np.float32)
    eta, steps = OPTIMISERS[optimiser]
    net.SGD(data, 100, 1, eta, lmbda=100.0, verbose=False, **steps)
    unused = net.weights[0][:, 10:]
    assert np.all((unused == 0) | (np.abs(unused) >= np.finfo(np.float32).tiny))


@small_and_large_mini_batch
def test_adam_agrees_for_other_settings(mini_batch_size):
    settings = {"beta1": 0.7, "beta2": 0.9, "epsilon": 0.01}
    wanted, got = (
        run(
            module,
            [25, 17, 10],
            examples(25, 10)[0],
            *(3, mini_batch_size, 0.05, 2.0),
            optimizer=adam(**settings),
        )
        for module, adam in ((reference, reference.Adam), (network2, optimisers.Adam))
    )
    assert_same_runs(got, wanted)


@every_optimiser
def test_optimisers_agree_when_a_second_call_goes_on(optimiser):
    eta, steps = OPTIMISERS[optimiser]
    nets = []
    for module in (network2, reference):
        net, data = seeded_network(module, [25, 17, 10]), list(examples(25, 10)[0])
        random.seed(2)
        for _ in range(2):
            net.SGD(data, 2, 10, eta, 2.0, verbose=False, **steps)
        nets.append(net)
    assert_same_networks(*nets)


@pytest.mark.compiled
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("options", [{"momentum": 0.5}, {"optimizer": "adam"}], ids=str)
def test_numbers_below_the_smallest_normal_one_are_the_callers_again_after_training(
    options, threads
):
    net = seeded_network(network2, [20, 40, 5])
    net.SGD(digits(50, 20, 5, seed=1), 1, 7, 0.1, verbose=False, threads=threads, **options)
    # Bits, as a comparison would take such numbers for zero, too.
    tiny = float(np.finfo(float).tiny)
    assert (tiny / 4).hex() == "0x0.4000000000000p-1022"
    assert (np.array([tiny]) / 4).view(np.uint64).tolist() == [1 << 50]
