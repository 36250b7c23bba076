"""What is left where a method of a user's own raises an error in the middle of training."""

from __future__ import annotations

import contextlib
import itertools
import random

import numpy as np
import pytest
from builders import (
    ALL_MONITORS,
    assert_close,
    assert_same_histories,
    parameters,
    seed_generators,
)
from overriding import FORKS, SIZES

from fastnn import network, network2, reference
from fastnn.reference import chapter1

pytestmark = pytest.mark.filterwarnings("ignore:.* goes through Python, at NumPy speed")


# The call of the third epoch in which a method fails.
FAILS_AT = {"update_mini_batch": 10, "backprop": 70, "accuracy": 6, "total_cost": 5}


def train_and_fail(where, error, data, held_out, *, module=network2, epochs=5, fork="L1"):
    """Train until a method raises an error, or none; return the network, the order, the state."""

    class Failing(FORKS[fork](module)):
        pass

    original, calls = getattr(Failing, where), itertools.count(1)

    def failing(self, *arguments, **named):
        if error is not None and next(calls) == FAILS_AT[where]:
            raise error
        return original(self, *arguments, **named)

    setattr(Failing, where, failing)
    seed_generators(11)
    net, examples = Failing(SIZES), list(data)
    with pytest.raises(error) if error else contextlib.nullcontext():
        net.SGD(examples, epochs, 10, 0.3, 0.4, held_out, **ALL_MONITORS)
    return net, [id(pair) for pair in examples], random.getstate()


@pytest.mark.parametrize("where", FAILS_AT)
def test_ctrl_c_leaves_everything_as_after_the_last_whole_epoch(where, data, held_out):
    net, order, state = train_and_fail(where, KeyboardInterrupt, data, held_out)
    wanted, wanted_order, wanted_state = train_and_fail(where, None, data, held_out, epochs=2)
    for mine, theirs in zip(parameters(net), parameters(wanted), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert (order, state) == (wanted_order, wanted_state)
    assert_same_histories(net.history, wanted.history)


class EnoughError(StopIteration):
    """What ends training from within a monitor; no generator may turn it into another error."""


@pytest.mark.parametrize("fork", ["L1", "clipped weights", "a property"])
@pytest.mark.parametrize("where", ["update_mini_batch", "backprop"])
def test_an_error_in_a_step_ends_training_there(where, fork, data, held_out):
    """As a limit on steps or on time does, which may well come within the first epoch."""
    (wanted, *wanted_order_and_state), (net, *order_and_state) = (
        train_and_fail(where, ZeroDivisionError, data, held_out, module=module, fork=fork)
        for module in (reference, network2)
    )
    assert_close(parameters(net), parameters(wanted))
    assert order_and_state == wanted_order_and_state
    assert [len(figures) for figures in net.history] == [2, 2, 2, 2]
    net.SGD(data, 1, 10, 0.3, verbose=False)  # it goes on from there


@pytest.mark.parametrize("fork", ["monitors", "L1"])
@pytest.mark.parametrize("where", ["accuracy", "total_cost"])
def test_an_error_that_a_monitor_raises_stops_training_after_the_steps_of_its_epoch(
    where, fork, data, held_out
):
    (wanted, *wanted_order_and_state), (net, *order_and_state) = (
        train_and_fail(where, EnoughError, data, held_out, module=module, fork=fork)
        for module in (reference, network2)
    )
    assert_close(parameters(net), parameters(wanted))
    assert order_and_state == wanted_order_and_state
    assert [len(figures) for figures in net.history] == [2, 2, 2, 2]


@pytest.mark.filterwarnings("ignore:cost Stopping cannot be compiled")
def test_an_error_that_a_cost_raises_when_it_is_measured_leaves_the_epoch(data):
    calls = itertools.count(1)

    class Stopping(network2.QuadraticCost):
        @staticmethod
        def fn(a, y):
            if next(calls) == 40:
                raise EnoughError
            return 0.0

    nets = []
    for epochs, cost in ((5, Stopping), (2, network2.QuadraticCost)):
        seed_generators(11)
        nets.append(network2.Network(SIZES, cost))
        with pytest.raises(EnoughError) if cost is Stopping else contextlib.nullcontext():
            nets[-1].SGD(list(data), epochs, 10, 0.3, monitor_training_cost=True, verbose=False)
    for mine, theirs in zip(*map(parameters, nets), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert len(nets[0].history.training_cost) == 1


STOPS_AT = {"evaluate": 2, "update_mini_batch": 6, "backprop": 50}


@pytest.mark.parametrize("method", STOPS_AT)
def test_methods_of_chapter_1_may_stop_training(method, data, held_out):
    results = []
    for module in (chapter1, network):

        class Stopping(module.Network):
            pass

        original, calls = getattr(Stopping, method), itertools.count(1)

        def stopping(self, *arguments, original=original, calls=calls):
            if next(calls) == STOPS_AT[method]:
                raise ZeroDivisionError
            return original(self, *arguments)

        setattr(Stopping, method, stopping)
        seed_generators(11)
        net, examples = Stopping(SIZES), list(data)
        with pytest.raises(ZeroDivisionError):
            net.SGD(examples, 5, 10, 0.3, held_out)
        results.append((parameters(net), [id(pair) for pair in examples], random.getstate()))
    (wanted, *order_and_state), (got, *own) = results
    assert_close(got, wanted)
    assert own == order_and_state
