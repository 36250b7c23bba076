"""Single calls on the arrays themselves give what the usual way and the reference give."""

from __future__ import annotations

import copy
import gc
import pickle
import threading

import numpy as np
import pytest
from builders import column, labelled, seeded_network

from fastnn import (
    CrossEntropyCost,
    Dataset,
    LogLikelihoodCost,
    QuadraticCost,
    network2,
    reference,
)
from fastnn.engine import single
from fastnn.model.model import Model
from fastnn.model.one_example import gradient_of, output_of

pytestmark = pytest.mark.compiled

WIDTHS = [[1, 1], [2, 3, 1], [16, 15], [17, 16, 31], [40, 33, 2, 10], [31, 32, 1, 5, 4]]
LAYERS = [
    (CrossEntropyCost, "sigmoid", "sigmoid"),
    (QuadraticCost, "tanh", "sigmoid"),
    (QuadraticCost, "relu", "identity"),
    (LogLikelihoodCost, "tanh", "softmax"),
]
DTYPES = [np.float64, np.float32]
TOLERANCE = {np.float64: 1e-12, np.float32: 2e-5}


def pairs_for(sizes, count=7, dtype=np.float64):
    rng = np.random.default_rng(count)
    xs = rng.uniform(-1, 1, (count, sizes[0], 1)).astype(dtype)
    ys = rng.uniform(0, 1, (count, sizes[-1], 1))
    return list(zip(xs, ys, strict=True))


def net_for(sizes, layers=LAYERS[0], dtype=np.float64, module=network2):
    cost, activation, output = layers
    options = {"activation": activation, "output": output}
    if module is network2:
        options["dtype"] = dtype
    return seeded_network(module, sizes, cost=getattr(module, cost.__name__), **options)


def close(ours, wanted, dtype=np.float64):
    assert len(ours) == len(wanted)
    for a, b in zip(ours, wanted, strict=True):
        limit = TOLERANCE[dtype]
        np.testing.assert_allclose(a, b, rtol=limit, atol=limit * max(1e-3, np.abs(b).max()))


def gradient(net, x, y):
    nabla_b, nabla_w = net.backprop(x, y)
    return nabla_b + nabla_w


def is_kept(net):
    """Whether the last call went the fast way."""
    return id(net) in single._WORKS


every_shape = pytest.mark.parametrize("sizes", WIDTHS, ids=str)
every_layer = pytest.mark.parametrize("layers", LAYERS, ids=lambda layers: "-".join(layers[1:]))
every_dtype = pytest.mark.parametrize("dtype", DTYPES)


# --- equal ------------------------------------------------------------------------------------


@every_dtype
@every_layer
@every_shape
def test_output_and_gradient_are_those_of_the_reference(sizes, layers, dtype):
    net, plain = net_for(sizes, layers, dtype), net_for(sizes, layers, module=reference)
    for x, y in pairs_for(sizes, 2) + pairs_for(sizes, 2, np.float32):
        out = net.feedforward(x)
        close([out], [plain.feedforward(x)], dtype)
        assert is_kept(net) and out.dtype == dtype and out.shape == (sizes[-1], 1)
        nabla_b, nabla_w = net.backprop(x, y)
        wanted_b, wanted_w = plain.backprop(x, y)
        close(nabla_b, wanted_b, dtype)
        close(nabla_w, wanted_w, dtype)
        assert is_kept(net) and {g.dtype for g in nabla_b + nabla_w} == {np.dtype(dtype)}


@every_dtype
@every_layer
@every_shape
def test_steps_are_those_of_the_reference(sizes, layers, dtype):
    net, plain = net_for(sizes, layers, dtype), net_for(sizes, layers, module=reference)
    for count in (1, 5, 2):
        batch = pairs_for(sizes, count)
        net.update_mini_batch(batch, 0.3, 0.5, 20)
        plain.update_mini_batch(batch, 0.3, 0.5, 20)
        assert is_kept(net)
    close(net.weights, plain.weights, dtype)
    close(net.biases, plain.biases, dtype)


@every_dtype
@every_layer
@every_shape
def test_accuracy_and_cost_are_those_of_the_reference(sizes, layers, dtype):
    net, plain = net_for(sizes, layers, dtype), net_for(sizes, layers, module=reference)
    pairs = pairs_for(sizes)
    limit = TOLERANCE[dtype]
    assert net.total_cost(pairs, 0.7) == pytest.approx(plain.total_cost(pairs, 0.7), rel=limit)
    assert is_kept(net)
    labels = labelled(pairs)
    wanted = plain.total_cost(labels, 0.7, convert=True)
    assert net.total_cost(labels, 0.7, convert=True) == pytest.approx(wanted, rel=limit)
    if sizes[-1] > 1 or layers[2] != "identity":
        assert net.accuracy(pairs) == plain.accuracy(pairs, convert=True)
        assert net.accuracy(labels) == plain.accuracy(labels)
        assert is_kept(net)


def test_the_usual_way_gives_the_same(monkeypatch):
    sizes, pairs = [40, 16, 10], pairs_for([40, 16, 10])
    fast, usual = net_for(sizes), net_for(sizes)
    for net in (fast, usual):
        if net is usual:
            monkeypatch.setattr(single, "_work_for", lambda network, examples: None)
        net.answers = [net.accuracy(pairs), net.total_cost(pairs, 1.0)]
        net.update_mini_batch(pairs, 0.1, 1.0, 10)
    assert fast.answers == pytest.approx(usual.answers, rel=1e-12)
    close(fast.weights + fast.biases, usual.weights + usual.biases)


def test_a_saturated_output_costs_what_it_costs_the_usual_way():
    net, pairs = net_for([3, 2]), [(column(1, 1, 1), column(0, 1))]
    net.weights[0][:] = 300.0
    assert net.total_cost(pairs, 0.0) == pytest.approx(
        net.total_cost(Dataset.from_pairs(pairs), 0.0), rel=1e-12
    )


def test_results_do_not_depend_on_how_many_examples_there_are():
    net, pairs = net_for([40, 16, 10]), pairs_for([40, 16, 10], 9)
    alone = [net.total_cost([pair], 0.0) for pair in pairs]
    assert net.total_cost(pairs, 0.0) == pytest.approx(np.mean(alone), rel=1e-14)


# --- what comes out is new --------------------------------------------------------------------


def test_results_are_new_arrays_each_time():
    net, (x, y) = net_for([5, 4, 3]), pairs_for([5, 4, 3], 1)[0]
    first = [net.feedforward(x), *gradient(net, x, y)]
    kept = copy.deepcopy(first)
    second = [net.feedforward(x), *gradient(net, -x, y)]
    for a, b in zip(first, second, strict=True):
        assert not np.shares_memory(a, b) and a.flags.owndata and a.flags.writeable
    close(first, kept)


def test_a_step_leaves_the_old_arrays_alone():
    net, batch = net_for([5, 4, 3]), pairs_for([5, 4, 3])
    net.feedforward(batch[0][0])
    before = net.weights + net.biases
    kept = copy.deepcopy(before)
    net.update_mini_batch(batch, 0.5, 0.0, 10)
    close(before, kept)
    for old, new in zip(before, net.weights + net.biases, strict=True):
        assert not np.shares_memory(old, new)


# --- never stale ------------------------------------------------------------------------------


def assign(net):
    net.weights[1] = net.weights[1] * 2.0


def write(net):
    net.weights[0][:] += 1.0
    net.biases[1] -= 0.5


def swap(net):
    net.biases[0], net.biases[1] = net.biases[1], net.biases[0]


def new_lists(net):
    net.weights = [w + 0.5 for w in net.weights]
    net.biases = tuple(b.copy() for b in net.biases)


def fortran(net):
    net.weights[0] = np.asfortranarray(net.weights[0] * 3.0)


def rows(net):
    net.weights[0] = (net.weights[0] * 2.0).tolist()


def narrower(net):
    net.sizes = [4, 6, 4]
    net.weights = [np.ones((6, 4)), np.ones((4, 6))]
    net.biases = [np.ones((6, 1)), np.ones((4, 1))]


def other_activation(net):
    net.activations[0] = "tanh"


def other_cost(net):
    net.cost = QuadraticCost


def other_type(net):
    net.dtype = np.dtype(np.float32)


def type_by_class(net):
    net.dtype = np.float64


def step(net):
    net.update_mini_batch(pairs_for([4, 4, 4]), 0.5, 0.1, 10)


def train(net):
    net.SGD(pairs_for([4, 4, 4]), 1, 2, 0.5, verbose=False)


CHANGES = [assign, write, swap, new_lists, fortran, rows, narrower]
CHANGES += [other_activation, other_cost, other_type, type_by_class, step, train]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_changes_of_the_network_count(change):
    net, pairs = net_for([4, 4, 4]), pairs_for([4, 4, 4])
    x, y = pairs[0]
    net.backprop(x, y)
    net.accuracy(pairs)
    change(net)
    fresh = network2.Network(
        net.sizes, cost=net.cost, dtype=net.dtype, activation=net.activations[:-1]
    )
    fresh.weights = [np.array(w, net.dtype) for w in net.weights]
    fresh.biases = [np.array(b, net.dtype) for b in net.biases]
    dtype = np.dtype(net.dtype).type
    close([net.feedforward(x)], [fresh.feedforward(x)], dtype)
    close(gradient(net, x, y), gradient(fresh, x, y), dtype)
    limit = TOLERANCE[dtype]
    assert net.total_cost(pairs, 1.0) == pytest.approx(fresh.total_cost(pairs, 1.0), rel=limit)


def test_functions_put_in_place_of_a_costs_own_count(monkeypatch):
    net, (x, y) = net_for([4, 4, 4]), pairs_for([4, 4, 4], 1)[0]
    wanted = 2.0 * net.backprop(x, y)[0][-1]
    monkeypatch.setattr(CrossEntropyCost, "delta", staticmethod(lambda z, a, y: 2.0 * (a - y)))
    close([net.backprop(x, y)[0][-1]], [wanted])
    assert not is_kept(net)


def test_copies_and_pickles_have_nothing_of_it():
    net, (x, _) = net_for([4, 4, 4]), pairs_for([4, 4, 4], 1)[0]
    before = pickle.dumps(net)
    wanted = net.feedforward(x)
    assert pickle.dumps(net) == before
    for other in (copy.copy(net), copy.deepcopy(net), pickle.loads(before)):
        assert not is_kept(other)
        close([other.feedforward(x)], [wanted])


def test_nothing_of_a_network_outlives_it():
    net = net_for([4, 4, 4])
    net.feedforward(np.ones((4, 1)))
    key = id(net)
    assert key in single._WORKS
    del net
    gc.collect()
    assert key not in single._WORKS


def test_threads_that_share_a_network_get_their_own_results():
    net = net_for([30, 20, 10])
    pairs = pairs_for([30, 20, 10], 8)
    wanted = [gradient(net, *pair) for pair in pairs]
    wrong = []

    def work(pair, expected):
        for _ in range(300):
            found = gradient(net, *pair)
            if any((a != b).any() for a, b in zip(found, expected, strict=True)):
                wrong.append(pair)

    threads = [threading.Thread(target=work, args=both) for both in zip(pairs, wanted, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# --- what goes the usual way ------------------------------------------------------------------


class Softsign:
    """An activation of one's own."""

    @staticmethod
    def fn(z):
        return z / (1.0 + abs(z))

    @staticmethod
    def prime(z):
        return 1.0 / (1.0 + abs(z)) ** 2


class Halved(QuadraticCost):
    """A cost of one's own."""

    @staticmethod
    def fn(a, y):
        return float(0.25 * np.sum((a - y) ** 2))


def test_long_lists_go_the_usual_way():
    net, pairs = net_for([4, 4, 4]), pairs_for([4, 4, 4], single.MOST + 1)
    for call, most in (
        (net.accuracy, single.MOST),
        (lambda data: net.total_cost(data, 0.0), single.MOST),
        (lambda data: net.update_mini_batch(data, 0.1, 0.0, 100), single.MOST_IN_STEP),
    ):
        single._WORKS.clear()
        call(pairs[: most + 1])
        assert not is_kept(net)
        call(pairs[:most])
        assert is_kept(net)


@pytest.mark.parametrize("options", [{"activation": Softsign}, {"cost": Halved}], ids=str)
def test_what_users_write_goes_the_usual_way(options):
    net, (x, y) = seeded_network(network2, [4, 4, 4], **options), pairs_for([4, 4, 4], 1)[0]
    net.feedforward(x)
    net.backprop(x, y)
    net.total_cost([(x, y)], 0.0)
    assert not is_kept(net)


COLUMN, TARGET = np.arange(1.0, 5.0).reshape(4, 1), column(0, 1, 0, 0)


class Column(np.ndarray):
    """An array of one's own kind."""


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


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
    monkeypatch.setattr(single, "_work_for", lambda network, examples: None)
    assert errors == [error_of(call) for call in calls]
    assert None not in errors
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
    architecture = single.architecture_of(net)
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
    assert id(model) not in single._WORKS
