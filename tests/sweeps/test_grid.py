"""From a grid and seeds to networks: all combinations, and what is refused."""

import inspect

import numpy as np
import pytest
from builders import assert_same_bits
from house import ROOT
from refusals import assert_refused
from small_sweeps import alone, sweep
from sweep_schedules import SETTINGS, training_data

from fastnn import Network, train_many
from fastnn.training.options import DEFAULTS, OPTIONS, SWEPT

OF_NETWORK = ("sizes", "cost", "dtype", "activation", "output", "initializer")


def test_rows_are_the_product_of_the_grid_with_the_seeds_together():
    rows = sweep(grid={"eta": [0.1, 0.5], "sizes": [[20, 3], [20, 6, 3]]}, keep_networks=True)
    assert len(rows) == 8
    assert [row.seed for row in rows] == [1, 2] * 4
    assert [row.settings for row in rows[::2]] == [
        {"eta": 0.1, "sizes": [20, 3]},
        {"eta": 0.1, "sizes": [20, 6, 3]},
        {"eta": 0.5, "sizes": [20, 3]},
        {"eta": 0.5, "sizes": [20, 6, 3]},
    ]
    assert [row.network.sizes for row in rows[:4:2]] == [[20, 3], [20, 6, 3]]
    assert_same_bits(rows[7].network, alone(2, eta=0.5)[0])


def test_a_grid_may_be_a_list_of_points():
    points = [{"eta": 0.5}, {"eta": 0.1, "sizes": np.array([20, 3])}, {"momentum": 0.5}]
    rows = sweep(seeds=[2], grid=points, eta=0.2, keep_networks=True)
    assert [row.settings for row in rows] == [
        {"eta": 0.5, "sizes": [20, 6, 3], "momentum": 0.0},
        {"eta": 0.1, "sizes": [20, 3], "momentum": 0.0},
        {"eta": 0.2, "sizes": [20, 6, 3], "momentum": 0.5},
    ]
    assert_same_bits(rows[0].network, alone(2, eta=0.5)[0])
    assert_same_bits(rows[2].network, alone(2, eta=0.2, momentum=0.5)[0])


@pytest.mark.parametrize(
    ("name", "given", "values"),
    [
        ("eta", 30.0, [0.1, 1.0]),
        ("lmbda", 5.0, [0.0, 1.0]),
        ("momentum", 0.9, [0.5]),
        ("activation", ["tanh"], ["relu", "tanh"]),
        ("schedule", lambda epoch: 1.0, [None]),
    ],
)
def test_a_setting_that_is_given_beside_a_grid_that_has_it_is_refused(trained, name, given, values):
    words = name, "must be left out", f"grid[{name!r}]"
    assert_refused(lambda: sweep(grid={name: values}, **{name: given}), ValueError, *words)
    assert not trained


def test_a_default_may_be_given_beside_a_grid_that_has_the_setting():
    for name, default, values in [
        ("lmbda", 0, [0.0, 1.0]),
        ("activation", "sigmoid", ["tanh"]),
        ("output", None, ["sigmoid"]),
        ("eta", None, [0.1, 0.5]),
    ]:
        rows = sweep(seeds=[2], grid={name: values}, **{name: default})
        assert [row.settings[name] for row in rows] == values


def test_values_may_be_arrays_of_numpy():
    grid = {"sizes": [np.array([20, 3]), np.array([20, 6, 3])], "eta": np.array([0.1, 0.5])}
    rows = sweep(seeds=[2], grid=grid, keep_networks=True)
    assert rows[3].settings == {"sizes": [20, 6, 3], "eta": 0.5}
    assert_same_bits(rows[3].network, alone(2, eta=0.5)[0])


@pytest.mark.parametrize("kind", ["Series", "Index"])
def test_values_may_be_a_series_or_an_index_of_pandas(kind):
    of_pandas = getattr(pytest.importorskip("pandas"), kind)
    rows = sweep(seeds=[2], grid={"eta": of_pandas([0.1, 0.5]), "activation": of_pandas(["relu"])})
    assert [row.settings for row in rows] == [
        {"eta": 0.1, "activation": "relu"},
        {"eta": 0.5, "activation": "relu"},
    ]


def test_a_table_of_pandas_is_no_list_of_values(trained):
    table = pytest.importorskip("pandas").DataFrame({"eta": [0.1]})
    assert_refused(lambda: sweep(grid={"eta": table}), TypeError, "grid['eta']", "list of values")
    assert not trained


def test_the_options_that_train_many_names_have_the_defaults_of_sgd():
    parameters = inspect.signature(train_many).parameters
    named = {name: parameters[name].default for name in SWEPT if name in parameters}
    assert named == {name: DEFAULTS.get(name) for name in named}  # None is for those to be given


def test_what_no_grid_can_vary_is_named_in_the_documentation_and_refused_by_name():
    given = {"self", "training_data", "evaluation_data", "speed_data", "progress"}  # to the sweep
    names = {*inspect.signature(Network).parameters, *inspect.signature(Network.SGD).parameters}
    fixed = names - {*SWEPT, *OF_NETWORK} - given
    page = (ROOT / "docs" / "many.md").read_text(encoding="utf-8")
    sentence = page[page.index("Refused by name are") : page.index("are the sweep's")]
    assert {name for name in names if f"`{name}`" in sentence} == fixed | {"progress"}
    for name in fixed:
        words = f"{name} is no setting of a sweep"
        assert_refused(lambda name=name: sweep(grid={name: [1, 2]}), TypeError, words)


def test_every_option_is_a_setting_or_the_same_for_all_networks():
    fixed = {
        name: option.in_sweeps.value
        for name, option in OPTIONS.items()
        if option.in_sweeps is not None
    }
    assert fixed == {
        **{"callback": None, "progress": False, "verbose": False, "threads": 1},
        "seed": None,  # of `SGD`; a sweep has seeds of its own
    }
    assert {*SWEPT, *fixed} == {*OPTIONS}


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"seeds": 5}, TypeError, ["seeds", "got 5"]),
        ({"seeds": []}, ValueError, ["seeds", "one at least"]),
        ({"seeds": [1, 1]}, ValueError, ["seeds", "different"]),
        ({"seeds": [-1]}, ValueError, ["seeds[0]", "-1"]),
        ({"seeds": [2**32]}, ValueError, ["seeds", "2**32"]),
        ({"seeds": [1.5]}, TypeError, ["seeds[0]", "1.5"]),
        ({"grid": [0.1]}, TypeError, ["grid", "list of dicts"]),
        ({"grid": []}, ValueError, ["grid", "one at least"]),
        ({"grid": [{"eta": 0.1}, {"eta": 0.1}]}, ValueError, ["grid", "different"]),
        ({"grid": [{"eta": 0.1}, {"rate": 1}]}, TypeError, ["rate is no setting"]),
        ({"grid": [{"eta": 0.1}, {}], "eta": None}, ValueError, ["grid[1]", "eta"]),
        ({"grid": [{"eta": [0.1, 0.2]}]}, TypeError, ["grid at {'eta': [0.1, 0.2]}", "eta"]),
        ({"grid": {"eta": np.array(0.1)}}, TypeError, ["grid['eta']", "list"]),
        ({"grid": {"eta": 0.1}}, TypeError, ["grid['eta']", "list"]),
        ({"grid": {"eta": []}}, ValueError, ["grid['eta']", "one at least"]),
        ({"grid": {"eta": [1, 1.0]}}, ValueError, ["grid['eta']", "different"]),
        ({"grid": {"rate": [0.1]}}, TypeError, ["rate", "no setting"]),
        ({"callback": print}, TypeError, ["callback", "no setting"]),
        ({"grid": {"eta": [0.1, float("nan")]}}, ValueError, ["grid at {'eta': nan}", "eta"]),
        ({"grid": {"sizes": [[19, 3]]}}, ValueError, ["grid at", "training_data", "19"]),
        ({"eta": None}, ValueError, ["eta must be given, or be in the grid"]),
        ({"epochs": -1}, ValueError, ["epochs", "-1"]),
        ({"results": 5}, TypeError, ["results must be a string or a path, got 5"]),
        ({"executor": 2}, TypeError, ["executor", "got 2"]),
        ({"keep_networks": True, "results": "f"}, ValueError, ["keep_networks", "results"]),
        ({"evaluation_data": []}, ValueError, ["evaluation_data", "one example"]),
        ({"data": []}, ValueError, ["training_data", "one example"]),
    ],
    ids=str,
)
def test_wrong_arguments_are_refused_before_anything_is_trained(trained, settings, error, words):
    data = training_data()
    assert_refused(lambda: sweep(**{"data": data, **settings}), error, *words, examples=data)
    assert not trained


@pytest.mark.parametrize("name", ["SGD", "default_weight_initializer"])
def test_what_a_script_puts_into_the_class_is_refused_by_its_name(trained, monkeypatch, name):
    own = getattr(Network, name)
    monkeypatch.setattr(Network, name, lambda self, *given, **named: own(self, *given, **named))
    words = "train_many makes networks of fastnn's own", f"overridden here: Network.{name}"
    assert_refused(sweep, ValueError, *words)
    assert not trained


def test_an_initialiser_that_no_network_asks_for_may_be_another(trained, monkeypatch):
    monkeypatch.setattr(Network, "default_weight_initializer", lambda self: None)
    sweep(initializer="glorot")
    assert len(trained) == 2


def test_sizes_must_be_given_somewhere(trained):
    def without(**settings):
        return train_many(None, training_data(), **{**SETTINGS, **settings})

    assert_refused(without, ValueError, "sizes must be given, or be in the grid")
    points = [{"sizes": [20, 3]}, {"eta": 0.1}]
    assert_refused(lambda: without(grid=points), ValueError, "grid[1] must have sizes")
    assert not trained


def test_what_is_wrong_in_a_grid_is_named_by_what_varies(trained):
    long = {"sizes": [[20, 30, 30, 30, 30, 30, 30, 3]], "activation": ["relu"], "output": [None]}
    assert_refused(
        lambda: sweep(grid={**long, "eta": [0.1, 0.2, float("inf")]}),
        ValueError,
        "grid at {'eta': inf}: eta must be a finite number",
    )
    assert not trained
