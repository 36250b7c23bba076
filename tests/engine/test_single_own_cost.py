"""Single calls with a cost of a user's own give network2's numbers, and ask it as often."""

from __future__ import annotations

import numpy as np
import pytest
from builders import labelled, seeded_network
from small_networks import (
    TOLERANCE,
    close,
    every_dtype,
    every_shape,
    gradient,
    is_kept,
    pairs_for,
)

from fastnn import CrossEntropyCost, QuadraticCost, network2, reference

pytestmark = pytest.mark.compiled

SIZES = [12, 5, 3]


class Fourth:
    """sum |a - y|^4 / 4, of sigmoids."""

    @staticmethod
    def fn(a, y):
        return np.sum((a - y) ** 4) / 4

    @staticmethod
    def delta(z, a, y):
        return (a - y) ** 3 * a * (1 - a)


class Noting:
    """The same; notes what it is called with."""

    def __init__(self):
        self.calls = []

    def fn(self, a, y):
        self.calls.append(("fn", a, y))
        return Fourth.fn(a, y)

    def delta(self, z, a, y):
        self.calls.append(("delta", z, a, y))
        return Fourth.delta(z, a, y)


def both(sizes=SIZES, dtype=np.float64, cost=Fourth):
    """A network and its reference."""
    net = seeded_network(network2, sizes, cost=cost, dtype=dtype)
    return net, seeded_network(reference, sizes, cost)


@every_dtype
@every_shape
def test_gradients_steps_and_costs_are_those_of_the_reference(sizes, dtype):
    net, plain = both(sizes, dtype)
    pairs = pairs_for(sizes)
    for _ in range(3):
        for x, y in pairs[:2] + pairs_for(sizes, 2, np.float32):
            ours = gradient(net, x, y)
            close(ours, gradient(plain, x, y), dtype)
            assert is_kept(net) and {g.dtype for g in ours} == {np.dtype(dtype)}
        net.update_mini_batch(pairs, 0.5, 0.3, 20)
        plain.update_mini_batch(pairs, 0.5, 0.3, 20)
        assert is_kept(net)
    close(net.weights + net.biases, plain.weights + plain.biases, dtype)
    wanted = pytest.approx(plain.total_cost(pairs, 0.7), rel=TOLERANCE[dtype])
    assert net.total_cost(pairs, 0.7) == wanted
    assert is_kept(net)


def test_labels_are_desired_outputs_too():
    net, plain = both()
    labels = labelled(pairs_for(SIZES))
    assert net.total_cost(labels, 0.7) == pytest.approx(
        plain.total_cost(labels, 0.7, convert=True), rel=1e-12
    )
    desired = [(x, np.eye(3)[:, [y]]) for x, y in labels]
    net.update_mini_batch(labels, 0.5, 0.0, 10)
    plain.update_mini_batch(desired, 0.5, 0.0, 10)
    assert is_kept(net)
    close(net.weights, plain.weights)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_cost_is_called_once_for_each_example_with_columns_of_its_own(dtype):
    net, _ = both(dtype=dtype, cost=Noting())
    pairs, calls = pairs_for(SIZES, 4), net.cost.calls
    net.feedforward(pairs[0][0])
    for _ in range(2):
        calls.clear()
        net.backprop(*pairs[0])
        net.update_mini_batch(pairs, 0.1, 0.0, 10)
        net.total_cost(pairs, 0.0)
        assert is_kept(net)
        assert [name for name, *_ in calls] == ["delta"] * 5 + ["fn"] * 4
    for _, *columns in calls:
        assert [column.shape for column in columns] == [(3, 1)] * len(columns)
        assert {column.dtype for column in columns[:-1]} == {np.dtype(dtype)}
    kept = [column.copy() for _, *columns in calls for column in columns]
    net.backprop(*pairs[1])
    close([column for _, *columns in calls[:9] for column in columns], kept)


def test_what_a_cost_writes_into_desired_outputs_is_refused_or_lost():
    class Writing(Fourth):
        @staticmethod
        def delta(z, a, y):
            y -= a
            return -y

    net, _ = both(cost=Writing)
    (x, y), before = pairs_for(SIZES, 1)[0], [w.copy() for w in net.weights]
    kept = y.copy()
    net.backprop(x, y)
    np.testing.assert_array_equal(y, kept)
    with pytest.raises(ValueError, match=r"y = y\.copy"):
        net.update_mini_batch([(x, y)], 0.1, 0.0, 10)
    np.testing.assert_array_equal(y, kept)
    close(net.weights, before)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (lambda z, a, y: (a - y).T, ValueError),
        (lambda z, a, y: 1j * a, TypeError),
        (lambda z, a, y: 1 / 0, ZeroDivisionError),
    ],
)
def test_what_is_wrong_with_a_cost_raises_and_changes_nothing(error, raised):
    cost = type("Wrong", (Fourth,), {"delta": staticmethod(error)})
    net, pairs = both(cost=cost)[0], pairs_for(SIZES, 3)
    before = [array.copy() for array in net.weights + net.biases]
    with pytest.raises(raised):
        net.backprop(*pairs[0])
    with pytest.raises(raised):
        net.update_mini_batch(pairs, 0.1, 0.0, 10)
    close(net.weights + net.biases, before)
    assert net.total_cost(pairs, 0.0) > 0


def test_a_cost_is_asked_once_where_its_errors_are_not_finite():
    class Infinite(Noting):
        def delta(self, z, a, y):
            return super().delta(z, a, y) + np.inf

    net, plain = both(cost=Infinite())
    x, y = pairs_for(SIZES, 1)[0]
    with np.errstate(invalid="ignore"):
        wanted = gradient(plain, x, y)
    net.cost.calls.clear()
    for ours, theirs in zip(gradient(net, x, y), wanted, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert len(net.cost.calls) == 1


def test_a_cost_may_use_the_network_that_calls_it():
    class Asking(Fourth):
        def delta(self, z, a, y):
            outer.update(output=net.feedforward(x), gradient=other.backprop(x, y))
            return Fourth.delta(z, a, y)

    outer, (net, plain) = {}, both(cost=Asking())
    other, _ = both()
    x, y = pairs_for(SIZES, 1)[0]
    plain.cost = Fourth
    for _ in range(2):
        close(gradient(net, x, y), gradient(plain, x, y))
        close([outer["output"]], [plain.feedforward(x)])
        close(outer["gradient"][0], plain.backprop(x, y)[0])


def test_a_part_that_is_another_one_at_each_look_is_looked_at_once_for_each_example():
    class Changing(type):
        looks = 0

        @property
        def delta(cls):
            Changing.looks += 1
            return Fourth.delta

    cost = Changing("Cost", (), {"fn": staticmethod(Fourth.fn)})
    net, pairs = both(cost=cost)[0], pairs_for(SIZES, 3)
    net.feedforward(pairs[0][0])
    for call, looks in (
        (lambda: net.backprop(*pairs[0]), 1),
        (lambda: net.total_cost(pairs, 0.0), 0),
    ):
        Changing.looks = 0
        call()
        assert Changing.looks == looks


@pytest.mark.parametrize("built_in", [QuadraticCost, CrossEntropyCost])
def test_what_a_cost_has_from_a_built_in_one_goes_with_the_activation(built_in):
    options = {"output": "identity" if built_in is QuadraticCost else "sigmoid"}
    cost = type("Named", (built_in,), {"fn": staticmethod(Fourth.fn)})
    net = seeded_network(network2, SIZES, cost=cost, **options)
    plain = seeded_network(network2, SIZES, cost=built_in, **options)
    pairs = pairs_for(SIZES, 3)
    close(gradient(net, *pairs[0]), gradient(plain, *pairs[0]))
    net.update_mini_batch(pairs, 0.5, 0.0, 10)
    plain.update_mini_batch(pairs, 0.5, 0.0, 10)
    close(net.weights, plain.weights)


def test_another_cost_or_another_function_of_it_counts_from_the_next_call_on():
    net, plain = both()
    x, y = pairs_for(SIZES, 1)[0]
    net.backprop(x, y)
    doubled = type("Doubled", (Fourth,), {"delta": staticmethod(lambda z, a, y: 2 * (a - y))})
    for cost in (doubled, CrossEntropyCost, Fourth):
        net.cost = cost
        plain.cost = getattr(reference, cost.__name__, cost)
        close(gradient(net, x, y), gradient(plain, x, y))
    own = type("Own", (Fourth,), {})
    net.cost = plain.cost = own
    net.backprop(x, y)
    own.delta = staticmethod(lambda z, a, y: 3 * (a - y))
    close(gradient(net, x, y), gradient(plain, x, y))


def test_weights_changed_in_place_count():
    net, plain = both()
    x, y = pairs_for(SIZES, 1)[0]
    net.backprop(x, y)
    for w, other in zip(net.weights, plain.weights, strict=True):
        w *= 2
        other *= 2
    close(gradient(net, x, y), gradient(plain, x, y))
