"""What an epoch draws: the order that Python would draw, and keys without drawing."""

from __future__ import annotations

import random

import numpy as np
import pytest

from fastnn.engine.draws import dropout_keys, shuffle_order


@pytest.mark.parametrize("n", [0, 1, 50, 51, 200])
@pytest.mark.parametrize("make", [lambda: random, random.Random], ids=["global", "own"])
def test_an_order_is_shuffled_as_python_shuffles_a_list(n, make):
    generator = make()
    generator.seed(3)
    wanted = [place + 7 for place in range(n)]
    generator.shuffle(wanted)
    state_after = generator.getstate()
    generator.seed(3)
    order = np.arange(7, n + 7, dtype=np.int32)
    shuffle_order(order, generator)
    assert order.tolist() == wanted
    assert generator.getstate() == state_after


def test_keys_of_dropout_differ_by_epoch_and_state_and_draw_nothing():
    first, second = random.Random(1), random.Random(2)
    before = first.getstate()
    keys = [dropout_keys(generator, epoch) for generator in (first, second) for epoch in (0, 1)]
    assert len(set(keys)) == 4
    assert keys[0] == dropout_keys(random.Random(1), 0)
    assert first.getstate() == before
    assert all(0 <= key < 2**32 for pair in keys for key in pair)
