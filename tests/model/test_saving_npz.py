"""Networks in npz files: everything is kept, and nothing else is loaded."""

import json
import zipfile

import numpy as np
import pytest
from builders import assert_same_bits, parameters, seeded_network
from example_files import npy, npy_that_lies, save_members
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refusals import assert_refused

import fastnn
from fastnn import network2
from fastnn.datasets.tables.columns import Column, Columns
from fastnn.scaling import Scaling

SIZES = [4, 3, 2]
SCALING = Scaling(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.5, 0.0, 2.0, 1e300]))


class Step:
    @staticmethod
    def fn(z):
        return 1.0 if z > 0.0 else 0.0

    @staticmethod
    def prime(z):
        return 0.0


def network_with_everything(dtype=np.float64, cost="QuadraticCost"):
    net = seeded_network(network2, SIZES, cost, dtype=dtype)
    net.labels, net.scaling = ["cat", "dog"], SCALING
    return net


# --- there and back ---------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("cost", ["CrossEntropyCost", "QuadraticCost"])
def test_an_npz_keeps_everything_bit_for_bit(tmp_path, dtype, cost):
    saved = network_with_everything(dtype, cost)
    saved.weights[0].flat[:4] = -0.0, np.nan, np.inf, np.finfo(dtype).smallest_subnormal
    saved.save(tmp_path / "net.npz")
    loaded = fastnn.load(tmp_path / "net.npz")
    assert_same_bits(loaded, saved)
    assert np.signbit(loaded.weights[0].flat[0])
    assert (loaded.sizes, loaded.num_layers) == (SIZES, 3)
    assert loaded.dtype == dtype
    assert loaded.cost is saved.cost
    assert loaded.activations == saved.activations
    assert loaded.labels == ["cat", "dog"]
    for mine, theirs in zip(loaded.scaling, SCALING, strict=True):
        assert np.array_equal(mine, theirs)


ACTIVATIONS = [
    ("tanh", "softmax", "LogLikelihoodCost"),
    ("relu", "identity", "QuadraticCost"),
    ("sigmoid", "sigmoid", "CrossEntropyCost"),
    ("relu", "exponential", "PoissonCost"),
]


@pytest.mark.parametrize(("hidden", "output", "cost"), ACTIVATIONS)
def test_activations_come_back_as_they_were(tmp_path, hidden, output, cost):
    net = seeded_network(network2, SIZES, cost, activation=hidden, output=output)
    net.save(tmp_path / "net.npz")
    loaded = fastnn.load(tmp_path / "net.npz")
    assert loaded.activations == [hidden, output]
    assert loaded.cost is net.cost
    rows = np.random.default_rng(1).standard_normal((5, 4))
    assert np.array_equal(loaded.outputs(rows), net.outputs(rows))


@pytest.mark.parametrize("labels", [None, [-1, 1], [3, 7], ["b", "a"], ["Zürich", "7"]], ids=repr)
def test_labels_come_back_as_they_were(tmp_path, labels):
    net = seeded_network(network2, SIZES)
    net.labels = labels
    net.save(tmp_path / "net.npz")
    loaded = fastnn.load(tmp_path / "net.npz")
    assert loaded.labels == labels
    assert loaded.scaling is None
    assert [type(label) for label in loaded.labels or []] == [type(label) for label in labels or []]


def test_a_loaded_network_trains_on(tmp_path):
    network_with_everything(np.float32).save(tmp_path / "net.npz")
    loaded = fastnn.load(tmp_path / "net.npz")
    before = [array.copy() for array in parameters(loaded)]
    data = fastnn.Dataset(np.eye(4), [0, 1, 1, 0], classes=2)
    loaded.SGD(data, 1, 2, 0.5, verbose=False)
    assert not np.array_equal(loaded.weights[0], before[2])
    assert loaded.labels == ["cat", "dog"]


def test_the_format_is_seen_in_the_content_and_not_in_the_name(tmp_path):
    net = seeded_network(network2, SIZES)
    net.save(tmp_path / "a.npz")
    net.save(tmp_path / "b.json")
    (tmp_path / "a.npz").rename(tmp_path / "a.json")
    (tmp_path / "b.json").rename(tmp_path / "b.npz")
    for name in ("a.json", "b.npz"):
        assert_same_bits(fastnn.load(tmp_path / name), net)


@pytest.mark.parametrize("name", ["net.npz", "NET.NPZ", "net.1.npz"])
def test_an_npz_opens_without_pickles(tmp_path, name):
    network_with_everything().save(tmp_path / name)
    with np.load(tmp_path / name, allow_pickle=False) as file:
        # In this order, so that versions of fastnn write the same bytes.
        assert [(key, file[key].shape) for key in file] == [
            *[("format", ()), ("sizes", (3,)), ("cost", ()), ("activations", (2,))],
            *[("weights_0", (3, 4)), ("biases_0", (3, 1))],
            *[("weights_1", (2, 3)), ("biases_1", (2, 1)), ("labels", (2,))],
            *[("scaling_mean", (4,)), ("scaling_deviation", (4,))],
        ]


def test_the_same_network_gives_the_same_bytes(tmp_path):
    for name in ("a.npz", "b.npz"):
        network_with_everything().save(tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


# --- what cannot be saved ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("scaling", SCALING, ["cannot hold scaling;"]),
        ("activations", ["tanh", "sigmoid"], ["cannot hold activations tanh, sigmoid;"]),
    ],
)
def test_json_refuses_what_network2s_format_cannot_hold(tmp_path, name, value, words):
    path = tmp_path / "net.json"
    path.write_text("as it was")
    net = seeded_network(network2, SIZES)
    setattr(net, name, value)
    for action in (lambda: net.save(path), lambda: net.check_saving(path)):
        assert_refused(action, ValueError, "filename", "net.json", ".npz", *words, network=net)
    assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_labels_that_json_cannot_hold_are_refused_beforehand_and_warned_of_when_it_is_written(
    tmp_path,
):
    path = tmp_path / "net.json"
    net = seeded_network(network2, SIZES)
    net.labels = ["cat", "dog"]
    words = "filename", "net.json", ".npz", "cannot hold labels;"
    assert_refused(lambda: net.check_saving(path), ValueError, *words, network=net)
    assert not path.exists()
    with pytest.warns(RuntimeWarning, match=r"^labels are not in the file.* \.npz keeps them"):
        net.save(path)
    assert_same_bits(fastnn.load(path), net)
    net.scaling = SCALING
    assert_refused(lambda: net.save(path), ValueError, "cannot hold labels and scaling;")


OWN = [
    *[("labels", value) for value in ({0: "cat"}, ["cat"], [], "ab", [0.5, 1.5], 3, print)],
    ("columns", ["width", "height"]),
    *[("scaling", value) for value in (255.0, (1, 2))],
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("name", "value"), OWN)
def test_what_a_script_keeps_by_a_name_of_fastnns_is_no_matter_to_json(tmp_path, name, value):
    path = tmp_path / "net.json"
    net = seeded_network(network2, SIZES)
    setattr(net, name, value)
    net.check_saving(path)
    net.save(path)
    assert getattr(net, name) is value
    assert set(json.loads(path.read_text())) == {"sizes", "weights", "biases", "cost"}
    assert_same_bits(fastnn.load(path), net)


@pytest.mark.parametrize(("name", "value"), OWN)
def test_an_npz_says_whose_name_it_is_that_a_script_uses(tmp_path, name, value):
    net = seeded_network(network2, SIZES)
    setattr(net, name, value)
    words = f"{name} must be", "labels, scaling and columns are fastnn's names", "by another name"
    path = tmp_path / "net.npz"
    for action in (net.save, net.check_saving):
        with pytest.raises((TypeError, ValueError)) as refused:
            action(path)
        assert all(word in str(refused.value) for word in words)
    assert not path.exists()


def test_an_activation_of_ones_own_is_refused_without_a_hint_at_another_format(tmp_path):
    net = seeded_network(network2, SIZES, activation=Step)
    for name in ("net.json", "net.npz"):
        with pytest.raises(ValueError, match="no file can hold the activation Step") as refused:
            net.save(tmp_path / name)
        assert ".npz" not in str(refused.value)


def test_a_name_that_is_nothing_but_npz_ends_in_it(tmp_path):
    network_with_everything().save(tmp_path / ".npz")
    assert fastnn.load(tmp_path / ".npz").labels == ["cat", "dog"]


def test_plain_labels_need_no_npz(tmp_path):
    net = seeded_network(network2, SIZES)
    net.labels = [0, 1]
    net.save(tmp_path / "net.json")
    assert set(json.loads((tmp_path / "net.json").read_text())) == {
        *("sizes", "weights", "biases", "cost")
    }


REGRESSION = Columns(
    tuple(Column(name, place, None, 0.0, False) for place, name in enumerate("abcd")),
    True, 5, "price", task="regression",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "error", "words"),
    [
        ("activations", [Step, "sigmoid"], ValueError, ["no file can hold the activation Step"]),
        ("labels", ["cat"], ValueError, ["labels must be a list of 2 different", "['cat']"]),
        (
            "labels",
            ["cat", "cat"],
            ValueError,
            ["a list of 2 different", "['cat', 'cat']: 1 different"],
        ),
        ("labels", [], TypeError, ["labels must be a list of 2 different", "[]"]),
        ("labels", ["cat", 3], TypeError, ["labels must be a list of 2 different", "3"]),
        ("labels", [0.5, 1.5], TypeError, ["labels must be a list of 2 different", "0.5"]),
        ("labels", "ab", TypeError, ["labels must be a list of 2 different", "'ab'"]),
        ("columns", REGRESSION, ValueError, ["columns are of a regression", "got 2 sigmoid"]),
        ("scaling", (1, 2), TypeError, ["scaling must be a Scaling or None, got (1, 2)"]),
        ("scaling", Scaling.of(np.eye(3)), ValueError, ["scaling", "4 inputs", "(3,)"]),
        ("scaling", SCALING._replace(mean=np.full(4, np.nan)), ValueError, ["scaling", "finite"]),
        (
            "scaling",
            SCALING._replace(deviation=-np.ones(4)),
            ValueError,
            ["scaling", "got -1.0 as"],
        ),
    ],
)
def test_what_does_not_fit_the_network_is_not_saved(tmp_path, name, value, error, words):
    path = tmp_path / "net.npz"
    path.write_text("as it was")
    net = seeded_network(network2, SIZES)
    setattr(net, name, value)
    assert_refused(lambda: net.save(path), error, *words)
    assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_to_is_found_beforehand(tmp_path):
    path = tmp_path / "nowhere" / "net.npz"
    net = seeded_network(network2, SIZES)
    assert_refused(lambda: net.check_saving(path), FileNotFoundError, str(path))


# --- what load refuses ------------------------------------------------------------------------


def members(**changes):
    """The arrays of a good file but for some changes, as bytes; None takes one out."""
    good = {
        "format": np.array("fastnn network 1"),
        "sizes": np.array([2, 1]),
        "cost": np.array("CrossEntropyCost"),
        "activations": np.array(["sigmoid"]),
        "weights_0": np.array([[0.5, -0.5]]),
        "biases_0": np.array([[0.25]]),
    }
    changed = {key: value for key, value in {**good, **changes}.items() if value is not None}
    return {
        key: value if isinstance(value, bytes) else npy(np.asarray(value))
        for key, value in changed.items()
    }


def test_the_content_that_is_changed_below_is_good(tmp_path):
    loaded = fastnn.load(save_members(tmp_path / "net.npz", members()))
    assert loaded.weights[0].tolist() == [[0.5, -0.5]]


DAMAGED = {
    "no network": ({"format": None}, "format 'fastnn network 1'"),
    "a later format": ({"format": "fastnn network 2"}, "format 'fastnn network 1'"),
    "no cost": ({"cost": None}, "cost"),
    "no weights": ({"weights_0": None}, "weights_0"),
    "an unknown cost": ({"cost": "HingeCost"}, "cost must be one of", "'HingeCost'"),
    "a function for a cost": ({"cost": "load"}, "cost must be one of", "'load'"),
    "a list for a cost": ({"cost": ["QuadraticCost"]}, "cost must be one of"),
    "an unknown activation": ({"activations": ["step"]}, "activations", "sigmoid", "'step'"),
    "a method for one": ({"activations": ["__init__"]}, "activations", "'__init__'"),
    "a text for activations": ({"activations": "sigmoid"}, "activations must be 1"),
    "two activations": ({"activations": ["sigmoid"] * 2}, "activations must be 1"),
    "one layer": ({"sizes": [2]}, "at least two layers"),
    "a layer of nothing": ({"sizes": [2, 0]}, "sizes[1]", "at least 1"),
    "half a neuron": ({"sizes": [2, 0.5]}, "sizes[0]", "integer"),
    "one number for sizes": ({"sizes": 7}, "sizes"),
    "other sizes": ({"sizes": [3, 1]}, "weights[0]", "(1, 3)", "(1, 2)"),
    "huge sizes": ({"sizes": [10**15, 10**15]}, "weights[0]", "(1, 2)"),
    "text for weights": ({"weights_0": [["a", "b"]]}, "weights[0]", "numbers"),
    "biases in a row": ({"biases_0": [0.25]}, "biases[0]", "(1, 1)"),
    "one label": ({"labels": ["cat"]}, "labels must be a list of 2 different"),
    "three labels": ({"labels": ["cat", "dog", "eel"]}, "labels must be a list of 2 different"),
    "labels of floats": ({"labels": [0.5, 1.5]}, "labels must be a list of 2 different"),
    "a label of two lines": ({"labels": ["a\nb"]}, "labels must be text"),
    "a cost for other outputs": ({"cost": "LogLikelihoodCost"}, "LogLikelihoodCost", "softmax"),
    "half a scaling": ({"scaling_mean": [0.0, 0.0]}, "scaling_deviation"),
    "other inputs scaled": ({"scaling_mean": [0.0], "scaling_deviation": [1.0]}, "2 inputs"),
    "a scaling of text": ({"scaling_mean": ["a", "b"], "scaling_deviation": [1.0]}, "numbers"),
    "a header that lies": ({"weights_0": npy_that_lies("<f8", (2**40, 2))}, "promises"),
    "objects": ({"weights_0": npy_that_lies("|O", (1, 2), b"cos\nsystem\n.")}, "allow_pickle"),
    "no array": ({"weights_0": b"cos\nsystem\n."}, "weights"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_or_foreign_npz_is_refused_by_name(tmp_path, monkeypatch, damage):
    changes, *words = DAMAGED[damage]
    monkeypatch.chdir(tmp_path)
    save_members("net.npz", members(**changes))
    stored = (tmp_path / "net.npz").read_bytes()
    assert_refused(lambda: fastnn.load("net.npz"), ValueError, "filename: net.npz", *words)
    assert (tmp_path / "net.npz").read_bytes() == stored


@pytest.mark.parametrize("length", [4, 50, 200, -1])
def test_an_npz_cut_short_is_refused(tmp_path, length):
    path = save_members(tmp_path / "net.npz", members())
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ValueError, match=r"filename: .*net\.npz is not a saved network"):
        fastnn.load(path)


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_whatever_is_changed_in_a_file_it_is_loaded_or_refused_clearly(tmp_path, data):
    packing = data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    path = save_members(
        tmp_path / "net.npz",
        members(labels=["cat"], scaling_mean=[1.0, 2.0], scaling_deviation=[1.0, 0.0]),
        packing,
    )
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    path.write_bytes(content)
    try:
        net = fastnn.load(path)
    except ValueError as problem:
        assert str(problem).startswith(f"filename: {path} ")
    else:
        assert [w.shape for w in net.weights] == [(1, 2)]
