"""What cannot be done with an overridden method is refused by name, before anything changes."""

from __future__ import annotations

import random
import re
import warnings

import numpy as np
import pytest
from builders import digits, labelled, seeded_network
from house import ROOT
from overriding import FORKS
from refusals import assert_refused

import fastnn
from fastnn import gradients, network2
from fastnn.model.overrides import check_exportable

SIZES = [6, 5, 3]


@pytest.fixture
def data():
    random.seed(2)
    return digits(13, 6, 3, seed=3)


@pytest.fixture
def held_out():
    return labelled(digits(7, 6, 3, seed=4))


def step(net, mini_batch, eta, lmbda, n):
    """Do nothing, as a step."""


def fork(**methods):
    """Return a network of a subclass with these methods, made from a seed."""
    kind = type("Fork", (network2.Network,), methods)
    np.random.seed(1)
    return kind(SIZES)


# Warnings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("methods", "named"),
    [
        ({"update_mini_batch": step}, "Fork.update_mini_batch is overridden"),
        ({"backprop": lambda net, x, y: network2.Network.backprop(net, x, y)}, "Fork.backprop is"),
        (
            {"feedforward": lambda net, a: np.ones((3, 1)) / 2, "update_mini_batch": step},
            "Fork.update_mini_batch and Fork.feedforward are overridden",
        ),
    ],
)
def test_one_warning_names_the_method_and_what_to_do_instead(methods, named, data):
    net = fork(**methods)
    with pytest.warns(RuntimeWarning, match=named) as caught:
        net.SGD(data, 3, 5, 0.1, verbose=False, monitor_training_cost=True)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    message = str(caught[0].message)
    assert "at NumPy speed" in message
    for instead in ("activation=", "cost=", "initializer=", "momentum=", "optimizer=", "l1="):
        assert instead in message


def test_what_stays_compiled_does_not_warn(data):
    """Monitors of one's own, initial weights, a feedforward that nothing calls, no epochs."""
    cases = [
        (FORKS["monitors"], {"monitor_training_cost": True}),
        (FORKS["He"], {}),
        (lambda module: lambda sizes: fork(feedforward=lambda net, a: a), {}),
    ]
    for make, options in cases:
        make(network2)(SIZES).SGD(data, 1, 5, 0.1, verbose=False, **options)
    fork(update_mini_batch=step).SGD(data, 0, 5, 0.1)


def test_a_warning_that_is_an_error_comes_before_anything_has_changed(data):
    net = fork(update_mini_batch=lambda *_: 1 / 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_refused(
            lambda: net.SGD(data, 1, 5, 0.1),
            RuntimeWarning,
            "Fork.update_mini_batch",
            network=None,
            examples=data,
        )


# Options ----------------------------------------------------------------------------------------

COMPILED_ONLY = {
    "momentum": {"momentum": 0.5},
    "nesterov": {"nesterov": True, "momentum": 0.5},
    "optimizer": {"optimizer": "adam"},
    "l1": {"l1": 0.1},
    "dropout": {"dropout": 0.5},
    "threads": {"threads": 2},
}


@pytest.mark.parametrize("option", COMPILED_ONLY)
@pytest.mark.parametrize("name", ["update_mini_batch", "backprop"])
def test_options_of_compiled_steps_are_refused(option, name, data):
    options = COMPILED_ONLY[option]
    words = f"{next(reversed(options))}=", f"Fork.{name}"
    assert_refused_by_name(fork(**{name: step}), data, *words, **options)


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("a property", "Bounded.weights"),
        ("a validator", "Validated.biases"),
        ("watched attributes", "__setattr__"),
    ],
)
def test_options_of_compiled_steps_do_not_pass_by_what_watches_parameters(
    kind, named, data, tmp_path
):
    for options in ({"momentum": 0.5}, {"checkpoint": tmp_path / "c.npz"}):
        net = FORKS[kind](network2)(SIZES)
        assert_refused_by_name(net, data, next(iter(options)), named, **options)
    assert list(tmp_path.iterdir()) == []


def assert_refused_by_name(net, data, *words, **options):
    """As `assert_refused`, for networks of classes that pickle does not find."""
    before = vars(net).copy(), [id(pair) for pair in data], random.getstate()
    with pytest.raises(ValueError, match="overridden") as caught:
        net.SGD(data, 1, 5, 0.1, **options)
    assert [word for word in words if word not in str(caught.value)] == []
    assert (vars(net), [id(pair) for pair in data], random.getstate()) == before


def test_options_that_mean_nothing_new_are_taken(data):
    net = fork(update_mini_batch=step)
    with pytest.warns(RuntimeWarning, match="update_mini_batch"):
        net.SGD(
            data, 1, 5, 0.1, verbose=False, momentum=0.0, optimizer="sgd", dropout=[0.0], threads=1
        )


@pytest.mark.parametrize(
    "name", ["update_mini_batch", "backprop", "feedforward", "accuracy", "total_cost"]
)
def test_checkpoints_are_refused(name, data, tmp_path):
    net = fork(**{name: step})
    assert_refused_by_name(net, data, "checkpoint=", f"Fork.{name}", checkpoint=tmp_path / "c.npz")
    assert list(tmp_path.iterdir()) == []


def test_checkpoints_and_resume_are_refused_with_functions_that_are_rebound(
    data, tmp_path, monkeypatch
):
    net = seeded_network(network2, SIZES)
    net.SGD(data, 1, 5, 0.1, verbose=False, checkpoint=tmp_path / "good.npz")
    cases = [
        (network2, "sigmoid", abs, "network2.sigmoid"),
        (random, "shuffle", list.reverse, "random.shuffle"),
        (network2.Network, "backprop", step, "Network.backprop"),
        (network2.CrossEntropyCost, "delta", step, "CrossEntropyCost.delta"),
        (network2.CrossEntropyCost, "fn", step, "CrossEntropyCost.fn"),
    ]
    for owner, name, function, words in cases:
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, function)
            assert_refused_by_name(net, data, words, checkpoint=tmp_path / "c.npz")
            assert_refused(
                lambda: fastnn.resume(tmp_path / "good.npz", data, 2),
                ValueError, "resume", words, examples=data,
            )  # fmt: skip


def test_a_checkpoint_does_not_take_a_cost_of_ones_own_for_fastnns(data, tmp_path):
    net = seeded_network(network2, SIZES)
    net.cost = type("CrossEntropyCost", (network2.CrossEntropyCost,), {})
    with pytest.raises(ValueError, match="CrossEntropyCost: give it another name"):
        net.SGD(data, 1, 5, 0.1, checkpoint=tmp_path / "c.npz")


def test_a_checkpoint_does_not_store_a_cost_whose_base_is_patched(data, tmp_path, monkeypatch):
    net = seeded_network(network2, SIZES)
    net.cost = type("Derived", (network2.CrossEntropyCost,), {})
    monkeypatch.setattr(network2.CrossEntropyCost, "delta", step)
    with pytest.raises(ValueError, match=r"overridden here: CrossEntropyCost\.delta"):
        net.SGD(data, 1, 5, 0.1, checkpoint=tmp_path / "c.npz")


# Making networks, and giving them away ----------------------------------------------------------


@pytest.mark.parametrize("initializer", ["default", "large"])
def test_a_generator_does_not_go_with_an_initialiser_of_ones_own(initializer):
    name = f"{initializer}_weight_initializer"
    kind = type("Fork", (network2.Network,), {name: lambda net: None})
    assert_refused(
        lambda: kind(SIZES, initializer=initializer, generator=np.random.RandomState(1)),
        ValueError, "generator", f"Fork has its own {name}",
    )  # fmt: skip
    kind(SIZES, initializer="he", generator=np.random.RandomState(1))


def test_what_an_initialiser_leaves_is_checked_when_it_is_used(data):
    def wrong(net):
        net.biases = [np.zeros((5, 1)), np.zeros((3, 1))]
        net.weights = [np.zeros((5, 6)), np.zeros((4, 5))]

    net = fork(default_weight_initializer=wrong)
    for action in (lambda: net.SGD(data, 1, 5, 0.1), lambda: net.feedforward(data[0][0])):
        with pytest.raises(ValueError, match=r"weights\[1\] must be .* \(3, 5\)"):
            action()


def test_what_a_step_leaves_is_checked_after_the_epoch(data):
    def wrong(net, mini_batch, eta, lmbda, n):
        net.weights = net.weights[:1]

    net = fork(update_mini_batch=wrong)
    before = net.weights
    with (
        pytest.warns(RuntimeWarning, match="update_mini_batch"),
        pytest.raises(ValueError, match="weights must hold 2 arrays"),
    ):
        net.SGD(data, 1, 5, 0.1, verbose=False)
    for mine, kept in zip(net.weights, before, strict=True):
        np.testing.assert_array_equal(mine, kept)


@pytest.mark.parametrize("method", ["feedforward", "outputs"])
def test_other_programs_do_not_get_overridden_outputs(method, tmp_path):
    overridden = fork(**{method: lambda net, a: a})
    patched = seeded_network(network2, SIZES)
    setattr(patched, method, abs)
    for net in (overridden, patched):
        for export in (net.to_torch, lambda net=net: net.to_onnx(tmp_path / "net.onnx")):
            with pytest.raises(ValueError, match=rf"\w+\.{method} is overridden"):
                export()
    assert list(tmp_path.iterdir()) == []


def test_other_programs_do_not_get_a_rebound_sigmoid_but_need_no_slope(tmp_path, monkeypatch):
    plain = seeded_network(network2, SIZES)
    with monkeypatch.context() as patch:
        patch.setattr(network2, "sigmoid_prime", np.tanh)
        check_exportable(plain, {})
    monkeypatch.setattr(network2, "sigmoid", np.tanh)
    with pytest.raises(ValueError, match=r"network2\.sigmoid is overridden"):
        plain.to_onnx(tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_fork_is_saved_and_loaded_as_network2_does(tmp_path):
    net = FORKS["softmax"](network2)(SIZES)
    net.save(tmp_path / "net.json")
    again = network2.load(tmp_path / "net.json")
    assert type(again) is network2.Network
    for mine, theirs in zip(again.weights, net.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize(
    ("owner", "name", "words"),
    [
        (network2.Network, "update_mini_batch", "Network.update_mini_batch"),
        (network2.Network, "accuracy", "Network.accuracy"),
        (network2.Network, "default_weight_initializer", "default_weight_initializer"),
        (network2, "sigmoid", "network2.sigmoid"),
        (random, "shuffle", "random.shuffle"),
    ],
)
def test_sweeps_are_refused(owner, name, words, data, monkeypatch):
    monkeypatch.setattr(owner, name, step)
    with pytest.raises(ValueError, match=words):
        fastnn.train_many(
            SIZES, data, seeds=[1], epochs=1, mini_batch_size=5, eta=0.1, progress=False
        )


def test_slopes_of_an_overridden_method_are_refused(data):
    for name in ("feedforward", "backprop"):
        with pytest.raises(ValueError, match=rf"mean_slopes .* Fork\.{name}"):
            gradients.mean_slopes(fork(**{name: step}), data)


# Names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [[], [1.0, 2.0, 3.0], [np.zeros((7, 1))] * 2, {}, np.zeros(2)])
def test_activations_of_another_meaning_are_named(value, data):
    net = seeded_network(network2, SIZES)
    net.activations = value
    for action in (lambda: net.SGD(data, 1, 5, 0.1), lambda: net.feedforward(data[0][0])):
        assert_refused(
            action,
            ValueError if isinstance(value, list) and not value else TypeError,
            "activations must name one activation for each of 1 hidden layers",
            "of its own by another name",
            network=net,
            examples=data,
        )


@pytest.mark.filterwarnings("ignore:.* goes through Python, at NumPy speed")
def test_activations_that_a_method_assigns_are_named_when_it_has_been_called(data):
    class Keeping(network2.Network):
        def feedforward(self, a):
            self.activations = [a]
            for b, w in zip(self.biases, self.weights, strict=True):
                self.activations.append(network2.sigmoid(np.dot(w, self.activations[-1]) + b))
            return self.activations[-1]

    with pytest.raises(TypeError, match=r"activations must .* fastnn's name .* by another name"):
        Keeping(SIZES).SGD(data, 2, 10, 0.1, monitor_training_accuracy=True)


@pytest.mark.parametrize("value", [[], {"cost": []}, "none yet"])
def test_a_history_of_another_meaning_is_named(value, data):
    net = seeded_network(network2, SIZES)
    net.history = value
    assert_refused(
        lambda: net.SGD(data, 1, 5, 0.1),
        TypeError, "history of a network", "of its own by another name",
        network=net, examples=data,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["activations", "dtype", "history", "labels", "scaling"])
def test_a_method_with_the_name_of_an_attribute_is_named(name, data):
    with pytest.raises(TypeError, match=f"{name} is an attribute .* by another name"):
        fork(**{name: lambda net: None}).SGD(data, 1, 5, 0.1)


OTHER_NAMES = (
    *("parameters", "architecture", "order", "velocity", "_draw", "_score", "_column"),
    *("of", "own_class", "costs_by_name", "rebound_sigmoids", "rebound_vectorized_result"),
    *("_fast_output", "_fast_outputs", "_fast_rows", "_fast_gradient"),
)


@pytest.mark.parametrize("methods", [False, True])
def test_other_names_are_free(data, tmp_path, methods):
    """Names that fastnn's modules use, or once did, but its networks do not."""
    others = OTHER_NAMES if methods else ()
    net, twin = fork(**dict.fromkeys(others, lambda net, *_: "mine")), fork()
    if not methods:
        for name in OTHER_NAMES:
            setattr(net, name, [])
    for each in (net, twin):
        random.seed(1)
        each.SGD(list(data), 1, 5, 0.1, verbose=False, monitor_training_accuracy=True)
        each.update_mini_batch(data[:3], 0.1, 0.0, 13)
        each.save(tmp_path / "net.json")
    for mine, theirs in zip(net.weights, twin.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(net.feedforward(data[0][0]), twin.feedforward(data[0][0]))
    np.testing.assert_array_equal(net.outputs(np.eye(6)), twin.outputs(np.eye(6)))
    for mine, theirs in zip(net.backprop(*data[0]), twin.backprop(*data[0]), strict=True):
        for array, other in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(array, other)
    assert methods or [getattr(net, name) for name in OTHER_NAMES] == [[]] * len(OTHER_NAMES)


def test_a_network_has_no_names_but_documented_ones():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    documented = re.search(r"network2\.Network\n +:members: (.*)", page)[1].split(", ")
    attributes = ("activations", "columns", "dtype", "history", "labels", "scaling", "sizes")
    initialisers = ("default_weight_initializer", "large_weight_initializer")
    names = [name for name in dir(network2.Network) if not name.startswith(("__", "_fastnn_"))]
    assert sorted(names) == sorted([*documented, *attributes, *initialisers, "_repr_html_"])


def test_a_network_that_sets_only_what_network2_sets_does_all_that_others_do(data, tmp_path):
    net = FORKS["an __init__ of its own"](network2)(SIZES)
    net.SGD(data, 1, 5, 0.1, verbose=False)
    assert net.history.stopped_because == "all epochs are done"
    net.save(tmp_path / "net.npz")
    rows = np.array([x[:, 0] for x, _ in data])
    np.testing.assert_array_equal(
        net.predict(rows), network2.load(tmp_path / "net.npz").predict(rows)
    )
    assert gradients.layer_speeds(net, data).shape == (2,)
