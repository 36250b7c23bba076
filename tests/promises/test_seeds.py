"""`seed=`: what seeding both global generators gives, while both stay as they are."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import assert_same_bits, digits, seed_generators, state_of_numpy
from refusals import assert_refused

import fastnn
from fastnn import network2, reference
from fastnn.model.initialisers import INITIALISERS

SIZES = [6, 5, 4, 3]
SEEDS = [0, 3, 2**32 - 1]
MODULES = pytest.mark.parametrize("module", [network2, reference], ids=["fastnn", "reference"])


@pytest.fixture
def data():
    return digits(12, 6, 3, seed=4)


def states():
    return random.getstate(), state_of_numpy()


@MODULES
@pytest.mark.parametrize("initializer", INITIALISERS)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_seeded_network_is_the_one_after_seeding_numpy(module, initializer, seed):
    before = states()
    net = module.Network(SIZES, initializer=initializer, seed=seed)
    assert states() == before
    np.random.seed(seed)
    assert_same_bits(net, module.Network(SIZES, initializer=initializer))


@MODULES
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("options", [{}, {"dropout": 0.5}], ids=["plain", "dropout"])
def test_seeded_training_is_the_one_after_seeding_python(module, seed, options, data):
    nets = [module.Network(SIZES, seed=1) for _ in range(2)]
    lists = [list(data) for _ in nets]
    seed_generators(99)
    before = states()
    nets[0].SGD(lists[0], 3, 4, 0.5, verbose=False, seed=seed, **options)
    assert states() == before
    random.seed(seed)
    nets[1].SGD(lists[1], 3, 4, 0.5, verbose=False, **options)
    assert_same_bits(*nets)
    assert all(x is y for (x, _), (y, _) in zip(*lists, strict=True))


@MODULES
def test_another_seed_is_another_network_and_another_order(module, data):
    nets = [module.Network(SIZES, seed=seed) for seed in (1, 2)]
    assert np.any(nets[0].weights[0] != nets[1].weights[0])
    lists = [list(data) for _ in nets]
    for seed, examples in enumerate(lists):
        nets[0].SGD(examples, 1, 4, 0.5, verbose=False, seed=seed)
    assert [id(x) for x, _ in lists[0]] != [id(x) for x, _ in lists[1]]


@MODULES
@pytest.mark.parametrize("initializer", INITIALISERS)
def test_numpys_new_generators_draw_initial_values_too(module, initializer):
    before = states()
    made = [
        module.Network(SIZES, initializer=initializer, generator=np.random.default_rng(5))
        for _ in range(2)
    ]
    assert states() == before
    assert_same_bits(*made)
    old = module.Network(SIZES, initializer=initializer, seed=5)
    assert np.any(made[0].weights[0] != old.weights[0])


def test_both_programs_draw_the_same_from_a_new_generator():
    made = [
        module.Network(SIZES, generator=np.random.default_rng(5))
        for module in (network2, reference)
    ]
    assert_same_bits(*made)


@MODULES
def test_a_seed_and_a_generator_are_refused_together(module):
    with pytest.raises(ValueError, match="seed"):
        module.Network(SIZES, seed=1, generator=np.random.RandomState(1))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"seed": "1"}, TypeError, ["seed must be an integer", "'1'"]),
        ({"seed": 1.5}, TypeError, ["seed must be an integer", "1.5"]),
        ({"seed": -1}, ValueError, ["seed must be an integer of at least 0", "-1"]),
        ({"seed": 2**32}, ValueError, ["seed must be an integer below 2**32"]),
        ({"generator": random.Random(1)}, TypeError, ["generator must be a numpy.random"]),
        ({"generator": 3}, TypeError, ["generator must be a numpy.random", "got 3"]),
    ],
)
def test_wrong_seeds_and_generators_of_a_network_are_refused(arguments, error, words):
    before = states()
    assert_refused(lambda: network2.Network(SIZES, **arguments), error, *words)
    assert states() == before


def test_a_seed_does_not_go_with_what_would_not_be_told_of_it(data, monkeypatch):
    own = {"default_weight_initializer": lambda net: None}
    for module in (network2, reference):
        kind = type("Fork", (module.Network,), own)
        with pytest.raises(ValueError, match=r"seed .*default_weight_initializer"):
            kind(SIZES, seed=1)
    net = network2.Network(SIZES, seed=1)
    monkeypatch.setattr(random, "shuffle", lambda examples: examples.reverse())
    with pytest.raises(ValueError, match=r"seed= .*random\.shuffle is rebound"):
        net.SGD(data, 1, 4, 0.5, verbose=False, seed=1)
    net.SGD(data, 1, 4, 0.5, verbose=False, seed=1, shuffle=False)


def test_a_seeded_run_goes_on_from_its_checkpoint_to_the_same_bits(data, tmp_path):
    whole, parted = (network2.Network(SIZES, seed=1) for _ in range(2))
    whole.SGD(list(data), 6, 4, 0.5, verbose=False, seed=2, dropout=0.25)
    file = tmp_path / "run.npz"
    parted.SGD(list(data), 2, 4, 0.5, verbose=False, seed=2, dropout=0.25, checkpoint=file)
    random.seed(98)
    before = random.getstate()
    resumed, _ = fastnn.resume(file, list(data), 6, verbose=False)
    assert random.getstate() == before
    assert_same_bits(resumed, whole)
