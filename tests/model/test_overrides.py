"""Which methods of a network are a user's own."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from overriding import FORKS

from fastnn import network2
from fastnn.model.overrides import (
    calls_backprop,
    calls_feedforward,
    has_overrides,
    is_overridden,
    overridden,
)

METHODS = (
    *("update_mini_batch", "backprop", "feedforward", "accuracy", "total_cost"),
    *("default_weight_initializer", "large_weight_initializer"),
)


def own(*arguments):
    """Stand for a user's method."""


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_overridden_in_a_subclass_on_the_class_or_on_the_network(name, monkeypatch):
    net = network2.Network([2, 2])
    subclass = type("Fork", (network2.Network,), {})
    assert not is_overridden(net, name)
    assert not is_overridden(subclass([2, 2]), name)

    assert is_overridden(type("Fork", (network2.Network,), {name: own})([2, 2]), name)
    with monkeypatch.context() as patch:
        patch.setattr(network2.Network, name, own)
        assert is_overridden(net, name)
        assert is_overridden(subclass([2, 2]), name)
    assert not is_overridden(net, name)
    setattr(net, name, functools.partial(own, net))
    assert is_overridden(net, name)
    delattr(net, name)
    assert not is_overridden(net, name)


@pytest.mark.parametrize("name", METHODS)
def test_any_method_that_is_overridden_is_found(name, monkeypatch):
    net = network2.Network([2, 2])
    assert not has_overrides(net)
    assert has_overrides(type("Fork", (network2.Network,), {name: own})([2, 2]))
    vars(net)[name] = own
    assert has_overrides(net)
    del vars(net)[name]
    monkeypatch.setattr(network2.Network, name, own)
    assert has_overrides(net)


def test_a_mixin_overrides_where_it_comes_first():
    mixin = type("Mixin", (), {"backprop": own})
    first = type("First", (mixin, network2.Network), {})
    last = type("Last", (network2.Network, mixin), {})
    assert calls_backprop(first([2, 2]))
    assert not calls_backprop(last([2, 2]))


def test_what_is_overridden_is_named_as_one_would_say_it(monkeypatch):
    net = FORKS["softmax"](network2)([2, 2])
    assert overridden(net, "backprop", "accuracy") == ["Softmax.backprop"]
    monkeypatch.setattr(network2, "sigmoid_prime", np.cos)
    assert overridden(net, "accuracy") == ["network2.sigmoid_prime"]
    monkeypatch.setattr(network2, "sigmoid", np.sin)
    assert overridden(net, "accuracy") == ["network2.sigmoid", "network2.sigmoid_prime"]
    monkeypatch.undo()
    assert overridden(net, "accuracy") == []


def test_a_sigmoid_that_is_rebound_is_for_python_alone(monkeypatch):
    net = network2.Network([2, 2])
    assert not calls_feedforward(net)
    assert not calls_backprop(net)
    monkeypatch.setattr(network2, "sigmoid", np.tanh)
    assert calls_feedforward(net)
    assert calls_backprop(net)
