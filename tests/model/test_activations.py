"""Activations: slopes that fit their functions, codes for the kernels, and what is refused."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest
from builders import Softplus
from own_functions import call_row

from fastnn.kernels.activations import CUSTOM
from fastnn.model.activations import (
    HIDDEN,
    OUTPUT,
    activation_codes,
    activation_name,
    functions_of,
    hidden_activations,
    output_activation,
    own_activations,
    sigmoid,
    sigmoid_prime,
)

Z = np.array([-3.0, -0.5, 0.25, 2.0])


class Cube:
    """An activation of a user's own."""

    @staticmethod
    def fn(z):
        return z * z * z

    @staticmethod
    def prime(z):
        return 3.0 * z * z


@pytest.mark.parametrize(
    ("activation", "wanted"),
    [
        ("sigmoid", [1 / (1 + math.exp(-z)) for z in Z]),
        ("tanh", [math.tanh(z) for z in Z]),
        ("relu", [0.0, 0.0, 0.25, 2.0]),
        ("identity", Z),
        (Cube, Z**3),
    ],
)
def test_an_activation_is_its_formula(activation, wanted):
    fn, _ = functions_of(activation)
    np.testing.assert_allclose(fn(Z.reshape(2, 2)), np.reshape(wanted, (2, 2)), rtol=1e-15)


@pytest.mark.parametrize("activation", [*sorted({*HIDDEN, *OUTPUT}), Cube, Softplus])
def test_a_slope_is_that_of_the_function(activation):
    fn, prime = functions_of(activation)
    # Each z in a row of its own: softmax goes down the columns, over the neurons of an example.
    z, h = Z.reshape(-1, 1), 1e-6
    slopes = np.empty_like(z)
    for neuron in range(len(z)):
        step = np.zeros_like(z)
        step[neuron] = h
        slopes[neuron] = (fn(z + step) - fn(z - step))[neuron] / (2 * h)
    np.testing.assert_allclose(prime(z), slopes, rtol=1e-8)


def test_softmax_goes_down_the_columns_and_does_not_overflow():
    fn, _ = functions_of("softmax")
    a = fn(np.array([[1000.0, 0.0], [1000.0, math.log(3.0)]]))
    np.testing.assert_allclose(a, [[0.5, 0.25], [0.5, 0.75]], rtol=1e-15)


def test_the_sigmoid_takes_numbers_and_arrays_of_any_shape():
    assert sigmoid(0.0) == 0.5
    assert sigmoid_prime(0.0) == 0.25
    assert sigmoid(np.zeros((2, 3, 4))).shape == (2, 3, 4)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("tanh", ["tanh", "tanh"]),
        (["relu", "tanh"], ["relu", "tanh"]),
        (("relu", Cube), ["relu", Cube]),
        (Cube, [Cube, Cube]),
    ],
)
def test_hidden_layers_have_one_activation_for_all_or_one_each(given, wanted):
    assert hidden_activations(given, 2) == wanted


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ("step", ValueError, "activation must be one of sigmoid, tanh, relu"),
        ("softmax", ValueError, "activation must be one of sigmoid, tanh, relu"),
        (7, TypeError, "activation must be one of sigmoid, tanh, relu"),
        (["tanh"], ValueError, "one activation for each of 2 hidden layers, got 1"),
        (["tanh", np.tanh], TypeError, r"a class with static methods fn\(z\) and prime\(z\)"),
    ],
)
def test_what_no_hidden_layer_can_have_is_refused(given, error, words):
    with pytest.raises(error, match=words):
        hidden_activations(given, 2)


@pytest.mark.parametrize(("given", "error"), [("tanh", ValueError), (Cube, TypeError)])
def test_what_the_output_layer_cannot_have_is_refused(given, error):
    with pytest.raises(error, match="output must be one of sigmoid, softmax, identity"):
        output_activation(given)
    assert [output_activation(name) for name in OUTPUT] == list(OUTPUT)


def test_a_class_is_called_by_its_name():
    assert [activation_name(a) for a in ("relu", Cube, Cube())] == ["relu", "Cube", "Cube"]


def test_kernels_know_every_activation_by_a_code_of_its_own():
    codes = activation_codes([*HIDDEN, *OUTPUT])
    assert len(set(codes)) == len({*HIDDEN, *OUTPUT})
    assert max(codes) < CUSTOM


def test_kernels_get_a_table_with_each_class_of_a_users_own():
    activations = [Cube, "tanh", Softplus, Cube]
    codes = activation_codes(activations)
    assert codes[0] == codes[3] == CUSTOM
    assert codes[2] == CUSTOM + 1
    own = own_activations(activations, np.float64)
    a, slopes = call_row(own.custom, codes[0] - CUSTOM, np.array([2.0, -1.0]))
    assert (a.tolist(), slopes.tolist()) == ([8.0, -1.0], [12.0, 3.0])
    (a,), (slope,) = call_row(own.custom, codes[2] - CUSTOM, np.zeros(1))
    assert (a, slope) == pytest.approx((math.log(2.0), 0.5), rel=1e-15)


def test_without_classes_of_a_users_own_there_is_no_table():
    own = own_activations(["tanh", "sigmoid"], np.float64)
    assert len(own.table) == 0
    assert not own.custom


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled then")
def test_a_class_that_numba_cannot_compile_is_refused():
    class Hexadecimal:
        fn = staticmethod(lambda z: float.fromhex(z.hex()))
        prime = staticmethod(lambda z: 1.0)

    with pytest.raises(TypeError, match=r"^activation .* cannot be compiled by Numba"):
        own_activations([Hexadecimal], np.float64)
