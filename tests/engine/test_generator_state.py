"""The state of Python's generator, read and advanced as Python would have it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from fastnn.engine import generator_state
from fastnn.engine.generator_state import GeneratorState


class Counting(random.Random):
    """A generator of another class, whose state is asked for."""


@pytest.fixture(params=[True, False], ids=["from memory", "by getstate"])
def way(request, monkeypatch):
    """Read the words from the generator's memory, or as where they do not lie as expected."""
    if not request.param:
        monkeypatch.setattr(generator_state, "_lies_as_expected", lambda: False)


@pytest.mark.parametrize("drawn", [0, 1, 5, 623, 624, 1000])
def test_the_state_is_that_of_getstate(way, drawn):
    generator = random.Random(7)
    for _ in range(drawn):
        generator.getrandbits(32)
    state = GeneratorState(generator)
    assert state.as_python_has_it() == generator.getstate()
    assert state.words.tolist() == list(generator.getstate()[1])


def test_the_global_generator_and_its_second_gaussian_are_read(way):
    random.seed(3)
    random.gauss(0.0, 1.0)  # which keeps another one for the next call
    assert GeneratorState(random).as_python_has_it() == random.getstate()
    assert random.getstate()[2] is not None


def test_a_generator_of_another_class_is_asked(way):
    generator = Counting(5)
    assert GeneratorState(generator).as_python_has_it() == generator.getstate()


def test_words_may_be_changed_without_changing_the_generator(way):
    generator = random.Random(1)
    before = generator.getstate()
    state = GeneratorState(generator)
    state.words[3] ^= np.uint32(1)
    assert generator.getstate() == before
    assert state.as_python_has_it() != before
