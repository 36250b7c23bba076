"""What the fast way of single calls cannot see goes the usual way, with the same results."""

from __future__ import annotations

import copy
import gc
import weakref

import numpy as np
import pytest
from builders import Softsign, column, read_only, seeded_network
from small_networks import LAYERS, close, every_dtype, gradient, is_kept, net_for, pairs_for

from fastnn import (
    Dataset,
    QuadraticCost,
    network2,
)
from fastnn.engine import single, single_work
from fastnn.model.model import Model
from fastnn.model.one_example import gradient_of, output_of

pytestmark = pytest.mark.compiled


# --- what goes the usual way ------------------------------------------------------------------


class Halved(QuadraticCost):
    """A cost of one's own."""

    @staticmethod
    def fn(a, y):
        return float(0.25 * np.sum((a - y) ** 2))


def test_long_lists_go_the_usual_way():
    net, pairs = net_for([4, 4, 4]), pairs_for([4, 4, 4], single.MOST_IN_STEP + 1)
    for call, most in (
        (net.accuracy, single.MOST),
        (lambda data: net.total_cost(data, 0.0), single.MOST),
        (lambda data: net.update_mini_batch(data, 0.1, 0.0, 100), single.MOST_IN_STEP),
    ):
        single_work._WORKS.clear()
        call(pairs[: most + 1])
        assert not is_kept(net)
        call(pairs[:most])
        assert is_kept(net)


def test_activations_that_users_write_go_the_usual_way():
    net = seeded_network(network2, [4, 4, 4], activation=Softsign)
    x, y = pairs_for([4, 4, 4], 1)[0]
    net.feedforward(x)
    net.backprop(x, y)
    net.total_cost([(x, y)], 0.0)
    assert not is_kept(net)


def test_a_part_that_a_cost_has_from_a_built_in_one_goes_the_usual_way():
    net, plain = seeded_network(network2, [4, 4, 4], cost=Halved), net_for([4, 4, 4])
    plain.cost = QuadraticCost
    pairs = pairs_for([4, 4, 4])
    for _ in range(2):
        close(gradient(net, *pairs[0]), gradient(plain, *pairs[0]))
        net.update_mini_batch(pairs, 0.5, 0.1, 10)
        plain.update_mini_batch(pairs, 0.5, 0.1, 10)
        close(net.weights, plain.weights)
    assert not single_work._LAST or single_work._LAST[0].cost is not Halved


class Looking(Halved):
    """A cost that has the network, as one does that adds a penalty on its weights."""

    network = None


class Slotted:
    """A cost to whose instances there are no weak references."""

    __slots__ = ()
    fn, delta = staticmethod(Halved.fn), staticmethod(QuadraticCost.delta)


def test_a_cost_that_has_its_network_keeps_it_from_nothing():
    net = seeded_network(network2, [4, 4, 4], cost=Looking())
    net.cost.network = net
    net.feedforward(COLUMN)
    assert is_kept(net)
    gone = weakref.ref(net)
    del net
    gc.collect()
    assert gone() is None


def test_outputs_count_whatever_own_cost_comes_next():
    net, plain = (
        seeded_network(network2, [4, 4, 4], cost=cost) for cost in (Halved, QuadraticCost)
    )
    for cost in (Halved, Looking(), QuadraticCost, Slotted(), Halved):
        net.cost = cost
        for _ in range(2):
            close([net.feedforward(COLUMN)], [plain.feedforward(COLUMN)])


COLUMN, TARGET = np.arange(1.0, 5.0).reshape(4, 1), column(0, 1, 0, 0)


class Column(np.ndarray):
    """An array of one's own kind."""


OTHER_INPUTS = {
    "list": COLUMN.tolist(),
    "integers": COLUMN.astype(int),
    "half": COLUMN.astype(np.float16),
    "big-endian": COLUMN.astype(">f8"),
    "every second": np.repeat(COLUMN, 2, axis=0)[::2],
    "read-only": read_only(COLUMN),
    "subclass": COLUMN.view(Column),
}


@pytest.mark.parametrize("x", OTHER_INPUTS.values(), ids=OTHER_INPUTS.keys())
def test_other_forms_of_inputs_give_the_same(x):
    net = net_for([4, 4, 4])
    wanted = net.feedforward(COLUMN), gradient(net, COLUMN, TARGET)
    close([net.feedforward(x)], [wanted[0]])
    close(gradient(net, x, TARGET), wanted[1])
    pairs, others = [(COLUMN, TARGET)], [(x, TARGET)]
    assert net.total_cost(others, 1.0) == pytest.approx(net.total_cost(pairs, 1.0), rel=1e-12)


OTHER_DATA = {
    "iterator": lambda pairs: iter(pairs),
    "tuple": tuple,
    "pairs as lists": lambda pairs: [list(pair) for pair in pairs],
    "data set": Dataset.from_pairs,
    "pairs of a data set": lambda pairs: list(Dataset.from_pairs(pairs)),
    "flat": lambda pairs: [(x.ravel(), y.ravel()) for x, y in pairs],
    "many": lambda pairs: pairs * 20,
}


@pytest.mark.parametrize("form", OTHER_DATA.values(), ids=OTHER_DATA.keys())
def test_other_forms_of_data_give_the_same(form):
    net, pairs = net_for([4, 4, 4]), pairs_for([4, 4, 4])
    factor = 20 if len(list(form(pairs))) > len(pairs) else 1
    assert net.accuracy(form(pairs)) == factor * net.accuracy(pairs)
    wanted = net.total_cost(pairs, factor * 0.3)
    assert net.total_cost(form(pairs), factor * 0.3 * factor) == pytest.approx(wanted, rel=1e-12)


NAN = column(1, np.nan, 0, 0)
WRONG_PAIRS = {
    "none": [],
    "no pair": [(COLUMN, TARGET), 3],
    "three": [(COLUMN, TARGET, 1)],
    "short x": [(COLUMN[:3], TARGET)],
    "wide x": [(np.ones((4, 2)), TARGET)],
    "long y": [(COLUMN, np.ones((5, 1)))],
    "nan": [(NAN, TARGET)],
    "nan in y": [(COLUMN, NAN)],
    "label": [(COLUMN, 4)],
    "negative": [(COLUMN, -1)],
    "mixed": [(COLUMN, 1), (COLUMN, TARGET)],
    "truth": [(COLUMN, 1.5)],
    "text": [(COLUMN, "1")],
}


def error_of(call):
    try:
        call()
    except Exception as error:
        return type(error), str(error)
    return None


@pytest.mark.parametrize("data", WRONG_PAIRS.values(), ids=WRONG_PAIRS.keys())
def test_wrong_data_raise_what_they_always_raised(data, monkeypatch):
    net = net_for([4, 4, 4])
    net.accuracy([(COLUMN, TARGET)])
    calls = [
        lambda: net.update_mini_batch(data, 0.1, 0.0, 10),
        lambda: net.accuracy(data),
        lambda: net.total_cost(data, 0.0),
    ]
    before = copy.deepcopy(net.weights)
    errors = [error_of(call) for call in calls]
    monkeypatch.setattr(single, "work_for", lambda *_, **__: None)
    assert errors == [error_of(call) for call in calls]
    assert [error is None for error in errors] == [False, not data, False]  # none of none is right
    close(net.weights, before)


def test_one_identity_output_tells_no_classes():
    net = net_for([4, 1], LAYERS[2])
    with pytest.raises(ValueError, match="accuracy counts right classes"):
        net.accuracy([(COLUMN, column(1))])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e308])
def test_numbers_that_are_not_finite_give_what_they_always_gave(value):
    net = net_for([4, 4, 4])
    net.weights[0][1, 2] = value
    x, y = COLUMN, TARGET
    weights, biases = net.weights, net.biases
    architecture = single_work.architecture_of(net)
    np.testing.assert_allclose(
        net.feedforward(x), output_of(architecture, weights, biases, x), rtol=1e-12
    )
    for ours, wanted in zip(
        net.backprop(x, y), gradient_of(architecture, weights, biases, x, y), strict=True
    ):
        for a, b in zip(ours, wanted, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)
    net.weights[0][1, 2] = 0.5
    assert np.isfinite(net.feedforward(x)).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_weight_that_is_not_finite_counts_at_inputs_of_zero(value):
    """Zero times it is no number; an image has many such inputs."""
    x, y = np.zeros((784, 1)), np.zeros((10, 1))
    x[300:310] = 0.5
    for column_of_weight in (0, 299, 783):
        net = net_for([784, 12, 10])
        net.backprop(x, y)
        net.weights[0][3, column_of_weight] = value
        nabla_b, nabla_w = net.backprop(x, y)
        assert np.isnan(nabla_b[1]).all() and np.isnan(nabla_w[1]).all()
        assert np.isnan(net.feedforward(x)).all()


@every_dtype
def test_softmax_outputs_that_are_zero_stay_zero(dtype):
    net = net_for([1, 2], LAYERS[3], dtype)
    net.weights[0][:], net.biases[0][:] = 0.0, column(0, 1e4)
    assert net.feedforward(column(1)).tolist() == [[0], [1]]
    nabla_b, _ = net.backprop(column(1), column(0, 1))
    assert nabla_b[0].tolist() == [[0], [0]]


def test_wrong_parameters_raise_what_they_always_raised():
    net = net_for([4, 4, 4])
    net.feedforward(COLUMN)
    net.weights[0] = np.ones((4, 5))
    with pytest.raises(ValueError, match=r"weights\[0\] must be an array of numbers of shape"):
        net.feedforward(COLUMN)
    del net.weights
    with pytest.raises(AttributeError):
        net.feedforward(COLUMN)


def test_a_plain_model_has_the_usual_way():
    model = Model([4, 3])
    assert model.feedforward(COLUMN).shape == (3, 1)
    assert id(model) not in single_work._WORKS
