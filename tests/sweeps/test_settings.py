"""Settings that mean the same are the same, however they are typed."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from refusals import assert_refused
from small_sweeps import sweep

from fastnn import QuadraticCost
from fastnn.optimisers import Adam
from fastnn.schedules import Halving
from fastnn.sweeps.settings import checked_settings, plain_settings

EQUAL = [
    ("eta", 1, 1.0),
    ("eta", Fraction(1, 2), np.float32(0.5)),
    ("lmbda", 0, 0.0),
    ("l1", 0, 0.0),
    ("dtype", "f4", np.float32),
    ("activation", "relu", ["relu"]),
    ("output", None, "sigmoid"),
    ("dropout", 0, [0.0]),
    ("optimizer", "adam", Adam()),
    ("optimizer", Adam(beta1=0), Adam(beta1=0.0)),
    ("frozen_layers", {1}, (1, 1)),
    ("schedule", Halving(10, 0), Halving(np.int64(10), 0.0)),
    ("monitor_training_cost", 1, True),
]


@pytest.mark.parametrize(("name", "value", "same"), EQUAL, ids=str)
def test_settings_that_mean_the_same_are_the_same_sweep(tmp_path, trained, name, value, same):
    file, grids = tmp_path / "fixed.jsonl", tmp_path / "grid.jsonl"
    for one in (value, same):
        sweep(seeds=[1], results=file, **{name: one})
        sweep(seeds=[1], results=grids, grid={name: [one]})
    assert trained == [1, 1]


@pytest.mark.parametrize(("name", "value", "same"), EQUAL, ids=str)
def test_a_grid_holds_each_value_once_however_it_is_typed(trained, name, value, same):
    for grid in ({name: [value, same]}, [{name: value}, {name: same}]):
        assert_refused(lambda grid=grid: sweep(grid=grid), ValueError, "grid", "different values")
    assert not trained


def test_lists_of_one_kind_and_usual_values_have_one_form():
    assert checked_settings({"activation": ["relu", "tanh"]}) == {"activation": ["relu", "tanh"]}
    assert checked_settings({"activation": [], "dropout": []}) == checked_settings(
        {"activation": "sigmoid", "dropout": 0.0}
    )
    assert checked_settings({"output": "softmax"}, QuadraticCost) == {"output": "softmax"}
    assert checked_settings({"output": "sigmoid"}) == {"output": "sigmoid"}  # of which cost?


@dataclass
class Decay:
    """As most write one: it has an equality, and so no hash."""

    rate: float

    def __call__(self, epoch):
        return self.rate**epoch


def test_objects_without_a_hash_may_be_settings(trained):
    rows = sweep(seeds=[1], grid={"schedule": [Decay(0.5), Decay(1.0)]})
    assert [len(rows.summary()), rows.failed] == [2, []]
    refused = {"schedule": [Decay(0.5), Decay(0.5)]}
    assert_refused(lambda: sweep(grid=refused), ValueError, "grid", "different values")
    assert len(trained) == 2


def test_objects_that_are_compared_number_by_number_may_be_settings(trained):
    class Rates:
        __hash__ = None

        def __init__(self, *rates):
            self.rates = np.array(rates)

        def __eq__(self, other):
            return self.rates == other.rates

        def __call__(self, epoch):
            return self.rates[epoch % 2]

    sweep(grid={"schedule": [Rates(1.0, 0.5), Rates(1.0, 0.25)]})
    assert len(trained) == 4


def test_what_is_wrong_stays_for_those_who_check_it():
    assert checked_settings({"eta": "x", "rate": 1}) == {"eta": "x", "rate": 1}


def test_methods_of_built_in_types_are_known_by_what_they_are_bound_to():
    rates, others = np.array([1.0, 0.5]), np.array([1.0, 0.25])
    for name in ("__getitem__", "item"):
        one, same, other = (
            plain_settings({"schedule": getattr(array, name)})["schedule"]
            for array in (rates, rates.copy(), others)
        )
        assert one == same != other
        assert one.endswith(f".ndarray.{name}")


def test_settings_of_a_file_are_in_their_form_already():
    settings = {"cost": QuadraticCost, "output": "identity", "optimizer": Adam(0.5)}
    plain = plain_settings({**settings, "schedule": Halving(3), "frozen_layers": {1, 0}})
    assert plain_settings(plain) == plain
    assert plain["frozen_layers"] == [0, 1]
