"""Files of networks with costs, and of classes, that a user wrote."""

from __future__ import annotations

import pytest
from builders import assert_same_bits, seeded_network

import fastnn
from fastnn import network2

SIZES = [4, 3, 2]


class Halved(fastnn.QuadraticCost):
    """A cost of a user's own."""


both_formats = pytest.mark.parametrize("name", ["net.json", "net.npz"])


@pytest.fixture
def net():
    return seeded_network(network2, SIZES, Halved)


@both_formats
def test_a_cost_that_a_script_puts_into_the_module_is_found_there(
    name, net, tmp_path, monkeypatch, recwarn
):
    monkeypatch.setattr(network2, "Halved", Halved, raising=False)
    net.save(tmp_path / name)
    assert list(recwarn) == []
    again = network2.load(tmp_path / name)
    assert again.cost is Halved
    assert_same_bits(again, net)


@both_formats
def test_a_cost_that_is_not_there_is_given(name, net, tmp_path):
    with pytest.warns(RuntimeWarning, match="give load cost=Halved, or put"):
        net.save(tmp_path / name)
    net.check_saving(tmp_path / name)
    again = network2.load(tmp_path / name, cost=Halved)
    assert again.cost is Halved
    assert_same_bits(again, net)
    with pytest.raises(ValueError, match=r"cost must be one of CrossEntropyCost, .* got 'Halved'"):
        network2.load(tmp_path / name)
    with pytest.raises(
        ValueError, match="cost must be one of CrossEntropyCost, got 'Halved'; load takes"
    ):
        network2.load(tmp_path / name, cost=fastnn.CrossEntropyCost)
    with pytest.raises(TypeError, match=r"cost must be one of .* got 'Halved'"):
        network2.load(tmp_path / name, cost="Halved")


@pytest.mark.parametrize("name", ["Cost", "Network", "np", "load"])
def test_what_is_no_cost_of_the_module_is_not_taken_for_one(name, net, tmp_path):
    file = tmp_path / "net.json"
    net.cost = fastnn.QuadraticCost
    net.save(file)
    file.write_text(file.read_text().replace("QuadraticCost", name))
    with pytest.raises(ValueError, match=f"cost must be one of .* got '{name}'"):
        network2.load(file)


def test_a_class_that_a_script_puts_into_the_module_is_what_is_loaded(tmp_path, monkeypatch):
    class Tagged(network2.Network):
        def __init__(self, sizes, cost=fastnn.CrossEntropyCost):
            super().__init__(sizes, cost=cost)
            self.tag = "made by its own __init__"

    saved = seeded_network(network2, SIZES, "QuadraticCost")
    saved.save(tmp_path / "net.json")
    monkeypatch.setattr(network2, "Network", Tagged)
    again = network2.load(tmp_path / "net.json")
    assert again.tag
    assert again.cost is fastnn.QuadraticCost
    assert_same_bits(again, saved)
