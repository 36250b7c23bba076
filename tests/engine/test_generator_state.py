"""The state of a generator is what `getstate` says, wherever it is read from."""

from __future__ import annotations

import random

import numpy as np
import pytest

from fastnn.engine import generator_state
from fastnn.engine.generator_state import GeneratorState
from fastnn.kernels.shuffle import shuffle


def draw(generator):
    """Leave a generator somewhere within its words, with half of a pair of normal numbers kept."""
    generator.seed(3)
    for _ in range(700):
        generator.random()
    generator.gauss(0.0, 1.0)


@pytest.fixture(params=[True, False], ids=["from memory", "from getstate"])
def way(request, monkeypatch):
    if not request.param:
        monkeypatch.setattr(generator_state, "_lies_as_expected", lambda: False)


@pytest.mark.parametrize("make", [lambda: random, random.Random], ids=["global", "own"])
def test_the_state_is_that_of_getstate(make, way):
    generator = make()
    draw(generator)
    wanted, state = generator.getstate(), GeneratorState(generator)
    assert state.as_python_has_it() == wanted
    assert tuple(state.words.tolist()) == wanted[1]


def test_a_state_stays_while_the_generator_goes_on(way):
    generator = random.Random(1)
    draw(generator)
    wanted, state = generator.getstate(), GeneratorState(generator)
    generator.random()
    assert state.as_python_has_it() == wanted != generator.getstate()


def test_changed_words_are_the_state(way):
    generator = random.Random(1)
    state = GeneratorState(generator)
    state.words[3] = 9
    assert state.as_python_has_it()[1][3] == 9
    assert state.words.dtype == np.uint32
    assert generator.getstate()[1][3] != 9


def test_a_generator_with_a_getstate_of_its_own_is_asked():
    class Own(random.Random):
        def getstate(self):
            version, words, _ = super().getstate()
            return version, words, 0.25

    assert GeneratorState(Own(1)).as_python_has_it()[2] == 0.25


@pytest.mark.parametrize("make", [lambda: random, random.Random], ids=["global", "own"])
def test_a_state_given_back_is_that_of_the_generator(make, way):
    generator, shuffled = make(), list(range(60))
    draw(generator)
    order = np.arange(60, dtype=np.int32)
    state = GeneratorState(generator)
    shuffle(order, state.words)
    random_state = generator.getstate()
    generator.shuffle(shuffled)
    wanted, drawn = generator.getstate(), generator.gauss(0.0, 1.0)
    generator.setstate(random_state)
    generator.gauss_next = None
    state.give_back()
    assert order.tolist() == shuffled
    assert generator.getstate() == wanted
    assert generator.gauss(0.0, 1.0) == drawn


def test_a_generator_of_another_kind_is_given_its_state_by_setstate():
    given = []

    class Own(random.Random):
        def setstate(self, state):
            given.append(state)

    generator = Own(1)
    GeneratorState(generator).give_back()
    assert given == [generator.getstate()]


@pytest.mark.parametrize("fault", ["read", "write"])
def test_memory_laid_out_otherwise_is_left_alone(fault, monkeypatch):
    memory_of = generator_state._memory_of

    class Elsewhere:
        raw = bytes(2500)

    class Unwritten:
        def __init__(self, generator):
            self.raw = memory_of(generator).raw

    wrong = (lambda generator: Elsewhere()) if fault == "read" else Unwritten
    monkeypatch.setattr(generator_state, "_memory_of", wrong)
    assert not generator_state._lies_as_expected.__wrapped__()
