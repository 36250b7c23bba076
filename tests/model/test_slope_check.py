"""A slope that is not that of the activation is pointed out once; a right one never is."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest
from builders import Softplus

from fastnn import network2
from fastnn.model.slope_check import warn_of_wrong_slope


def activation_of(fn, prime):
    return type("Own", (), {"fn": staticmethod(fn), "prime": staticmethod(prime)})


@pytest.mark.parametrize(
    ("fn", "prime"),
    [
        (np.tanh, lambda z: 1 - np.tanh(z)),  # the square is missing
        (lambda z: z * z, lambda z: z),
        (lambda z: max(0.1 * z, z), lambda z: 1.0 if z > 0 else 0.0),
    ],
    ids=["tanh", "square", "leaky"],
)
def test_a_wrong_slope_is_pointed_out_once(fn, prime):
    own = activation_of(fn, prime)
    with pytest.warns(RuntimeWarning, match="prime of the activation .*Own.* is not the slope"):
        warn_of_wrong_slope(own)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_wrong_slope(own)
        own.prime = staticmethod(lambda z: 3.0)
    with pytest.warns(RuntimeWarning, match="it gives 3, and fn has"):
        warn_of_wrong_slope(own)


@pytest.mark.parametrize(
    ("fn", "prime"),
    [
        (Softplus.fn, Softplus.prime),
        (lambda z: max(0.0, z), lambda z: 1.0 if z > 0 else 0.0),
        (lambda z: min(max(z, -1.0), 1.0), lambda z: 1.0 if -1 < z < 1 else 0.0),
        (lambda z: np.float32(np.tanh(np.float32(z))), lambda z: 1 - np.tanh(z) ** 2),
        (lambda z: z**3, lambda z: 3 * z**2),
    ],
    ids=["softplus", "relu", "hard tanh", "float32 tanh", "cube"],
)
def test_a_right_slope_is_not(fn, prime):
    warn_of_wrong_slope(activation_of(fn, prime))  # a warning would be an error


def test_the_test_draws_no_numbers_and_leaves_errors_to_the_caller():
    def noisy(z):
        return random.random() + np.random.rand()

    random.seed(1)
    np.random.seed(1)
    before = random.getstate(), np.random.get_state()[1].copy()
    warn_of_wrong_slope(activation_of(noisy, lambda z: 0.0))
    assert random.getstate() == before[0]
    assert (np.random.get_state()[1] == before[1]).all()

    def failing(z):
        raise ValueError

    warn_of_wrong_slope(activation_of(failing, failing))


def test_a_network_with_a_wrong_slope_warns_before_it_trains():
    own = activation_of(lambda z: z * z, lambda z: z)
    with pytest.warns(RuntimeWarning, match="is not the slope of its fn"):
        network2.Network([2, 3, 1], activation=own).SGD(
            [(np.ones((2, 1)), np.ones((1, 1)))], 1, 1, 0.1, verbose=False
        )
