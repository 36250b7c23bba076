"""Arrays of every kind give the right result or one clear error, never a warning."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import assert_same_bits, parameters, read_only, seeded_network
from refusals import assert_refused

import fastnn
from fastnn import Dataset, gradients, network2

SIZES = [4, 5, 3]
LABELS = np.arange(20) % 3


def rows():
    return np.random.default_rng(1).random((20, 4))


def strided(array):
    return np.repeat(array, 2, axis=-1)[..., ::2]


def reversed_twice(array):
    return array[::-1, ::-1].copy()[::-1, ::-1]


def swapped(array):
    return array.astype(array.dtype.newbyteorder())


def misaligned(array):
    room = np.zeros(array.nbytes + 1, np.uint8)
    odd = room[1:].view(array.dtype).reshape(array.shape)
    odd[...] = array
    return odd


FORMS = [strided, reversed_twice, swapped, read_only, misaligned, np.asfortranarray]
every_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)


def trained(data, net=None, **options):
    net = net or seeded_network(network2, SIZES)
    random.seed(2)
    net.SGD(data, 2, 6, 0.3, 0.5, verbose=False, **options)
    return net


def pairs(inputs):
    return [
        (x.reshape(-1, 1), np.eye(3)[:, [label]]) for x, label in zip(inputs, LABELS, strict=True)
    ]


@every_form
def test_inputs_in_any_memory_layout_train_to_the_same_bits(form):
    usual = trained(Dataset(rows(), LABELS, classes=3))
    assert_same_bits(trained(Dataset(form(rows()), LABELS, classes=3)), usual)
    assert_same_bits(trained(pairs(form(rows()))), usual)
    unit = form(np.eye(3)[LABELS])
    assert_same_bits(trained(Dataset(rows(), unit)), usual)


@every_form
def test_weights_in_any_memory_layout_train_to_the_same_bits(form):
    net = seeded_network(network2, SIZES)
    net.weights, net.biases = [form(w) for w in net.weights], [form(b) for b in net.biases]
    usual = trained(Dataset(rows(), LABELS, classes=3))
    assert_same_bits(trained(Dataset(rows(), LABELS, classes=3), net), usual)


def test_inputs_that_are_the_networks_own_weights_are_not_changed_by_training():
    net = seeded_network(network2, [4, 4, 3])
    own = net.weights[0]
    before = own.copy()
    apart = trained(
        Dataset(before.copy(), [0, 1, 2, 0], classes=3), seeded_network(network2, [4, 4, 3])
    )
    trained(Dataset(own, [0, 1, 2, 0], classes=3), net)
    assert_same_bits(net, apart)
    np.testing.assert_array_equal(own, before)


def test_layers_that_share_one_array_are_trained_apart():
    net, shared = (seeded_network(network2, [3, 3, 3]) for _ in range(2))
    net.weights = [net.weights[0].copy(), net.weights[0].copy()]
    shared.weights = [shared.weights[0]] * 2
    first, second = (Dataset(rows()[:, :3], LABELS, classes=3) for _ in range(2))
    assert_same_bits(trained(first, shared), trained(second, net))


@pytest.mark.parametrize("scale", [5e-324, 1e-310, 1e-200, 1e150, 1e300])
def test_inputs_of_any_size_give_finite_numbers_without_a_warning(scale):
    net = trained(Dataset(rows() * scale, LABELS, classes=3))
    assert all(np.isfinite(array).all() for array in parameters(net))
    assert np.isfinite(net.total_cost(Dataset(rows() * scale, LABELS, classes=3), 0.0))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300, 5e-324, -0.0])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_weights_of_any_value_are_worked_with_without_a_warning(value, dtype):
    net = seeded_network(network2, SIZES, dtype=dtype)
    net.weights = [np.full(w.shape, value) for w in net.weights]
    data = Dataset(rows(), LABELS, classes=3)
    column, wanted = rows()[:1].T, np.eye(3)[:, :1]
    assert net.feedforward(column).shape == (3, 1)
    assert [b.shape for b in net.backprop(column, wanted)[0]] == [(5, 1), (3, 1)]
    assert 0 <= net.accuracy(data) <= 20
    # nan in, nan out; a number too large for a float has an infinite cost.
    cost = net.total_cost(data, 1.0)
    assert np.isnan(cost) if np.isnan(value) else cost > 0
    assert gradients.layer_speeds(net, data).shape == (2,)
    assert net.outputs(rows()).shape == (20, 3)


WRONG_INPUTS = {
    "objects": (rows().astype(object), TypeError, "type object"),
    "complex": (rows() + 0j, TypeError, "complex128"),
    "text": (rows().astype(str), TypeError, "<U"),
    "dates": (rows().astype("M8[s]"), TypeError, "datetime64"),
    "records": (np.zeros(20, [("a", "f8")]), TypeError, "numbers"),
    "nothing": (rows()[:0], ValueError, "(0, 4)"),
    "no inputs": (rows()[:, :0], ValueError, "(20, 0)"),
    "one number": (np.array(3.0), ValueError, "shape ()"),
    "nan": (np.where(rows() > 0.5, np.nan, rows()), ValueError, "nan in input"),
    "infinity": (np.where(rows() > 0.5, -np.inf, rows()), ValueError, "inf in input"),
    "beyond float64": (np.full((20, 4), np.longdouble("1e4000")), ValueError, "inf in input 0"),
}


@pytest.mark.parametrize("wrong", WRONG_INPUTS)
def test_arrays_that_are_no_finite_numbers_are_refused(wrong):
    inputs, error, word = WRONG_INPUTS[wrong]
    if wrong == "beyond float64" and np.isinf(np.longdouble("1e4000")):
        pytest.skip("long doubles are no longer than doubles here")
    assert_refused(lambda: Dataset(inputs, LABELS), error, "inputs must", word)


@pytest.mark.parametrize("make", [lambda x: Dataset(x, LABELS, classes=3), pairs])
def test_inputs_beyond_float32_are_refused_by_a_network_of_float32(make):
    net = seeded_network(network2, SIZES, dtype=np.float32)
    data = make(rows() * -1e300)
    refused = ("inputs must be finite in float32",)
    assert_refused(lambda: net.SGD(data, 1, 6, 0.3), ValueError, *refused, network=net)
    assert_refused(lambda: net.accuracy(data), ValueError, *refused, network=net)
    assert fastnn.Network(SIZES).accuracy(make(rows() * -1e300)) >= 0
