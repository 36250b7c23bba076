"""A trainer on its own: its order, its memory, and the speeds of its last step."""

from __future__ import annotations

import random

import numpy as np
from builders import digits, seeded_network

from fastnn import Dataset, network2
from fastnn.engine.meter import Meter
from fastnn.engine.trainer import StepSettings, Trainer
from fastnn.kernels.optimisers import Momentum
from fastnn.model.description import architecture_of, parameters_of

SIZES = [20, 17, 5]
N = 60


def trainer_of(net, data, settings):
    trainer = Trainer(architecture_of(net), data, settings, random.Random(3))
    trainer.packed.pack(*parameters_of(net))
    return trainer


def test_the_order_is_shuffled_as_python_does_and_the_data_keep_theirs():
    data = Dataset.from_pairs(digits(N, 20, 5, seed=1))
    trainer = trainer_of(seeded_network(network2, SIZES), data, StepSettings(7, 0.0, N))
    wanted, generator = list(range(N)), random.Random(3)
    for _ in range(2):
        trainer.run_epoch(0.5)
        generator.shuffle(wanted)
        assert trainer.order.tolist() == wanted
    assert data.order.tolist() == list(range(N))
    assert trainer.epochs == 2


def test_a_trainer_that_remembers_another_goes_on_to_the_same_bits():
    net, data = seeded_network(network2, SIZES), Dataset.from_pairs(digits(N, 20, 5, seed=1))
    settings = StepSettings(7, 0.1, N, rule=Momentum(0.9), shuffle=False)
    first, second = (trainer_of(net, data, settings) for _ in range(2))
    first.run_epoch(0.1)
    second.packed.pack(*first.packed.unpack())
    second.remember({name: array.copy() for name, array in first.memory().items()})
    for trainer in (first, second):
        trainer.run_epoch(0.1)
    assert second.epochs == 2
    for mine, other in zip(*(t.packed.unpack()[0] for t in (first, second)), strict=True):
        np.testing.assert_array_equal(mine, other)
    for name, array in first.memory().items():
        np.testing.assert_array_equal(second.memory()[name], array)


def test_the_speeds_of_the_last_step_are_those_before_it():
    net, data = seeded_network(network2, SIZES), Dataset.from_pairs(digits(N, 20, 5, seed=1))
    trainer = trainer_of(net, data, StepSettings(N, 0.0, N, rule=Momentum(0.0)))
    wanted = Meter(architecture_of(net), data).speeds(*parameters_of(net))
    assert trainer.keeps_speeds(0.5)
    assert not trainer.keeps_speeds(0.0)
    trainer.run_epoch(0.5)
    np.testing.assert_allclose(trainer.speeds_of_last_step(0.5), wanted, rtol=1e-10)
