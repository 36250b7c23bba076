"""A trainer on its own: its order, its memory, and the speeds of its last step."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
from builders import digits, seeded_network

from fastnn import Dataset, network2
from fastnn.engine.meter import Meter
from fastnn.engine.step_settings import StepSettings
from fastnn.engine.trainer import Trainer
from fastnn.kernels.layout import padded
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


def test_what_a_rule_remembered_beside_second_copies_of_weights_is_still_read():
    sizes = [20, 17, 33, 5]
    net, data = seeded_network(network2, sizes), Dataset.from_pairs(digits(N, 20, 5, seed=1))
    trainer = trainer_of(net, data, StepSettings(7, 0.1, N, rule=Momentum(0.9)))
    trainer.run_epoch(0.5)
    memory = trainer.memory()
    # Once, each layer but the first had its weights a second time, between weights and biases.
    old, place, gradient = [], 0, memory["gradient"]
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        weights, biases = fan_in * padded(fan_out), padded(fan_out)
        old.append(gradient[place : place + weights])
        old.append(np.ones(fan_out * padded(fan_in) if layer > 0 else 0))
        old.append(gradient[place + weights : place + weights + biases])
        place += weights + biases
    for stored in (np.concatenate(old), gradient):
        read = trainer.brought_up_to_date({**memory, "gradient": stored})
        np.testing.assert_array_equal(read["gradient"], gradient)
