"""Mini-batches of all examples: their inputs are listed by input too, and no number changes."""

from __future__ import annotations

import random

import numpy as np
import pytest
from builders import (
    arrays,
    assert_same_bits,
    assert_same_networks,
    digits,
    seed_generators,
    seeded_network,
)
from scipy import sparse

from fastnn import Dataset, by_input, network2, options, packing, reference, teams
from fastnn.kernels.inputs import TwoWayInputs

N = 300  # two blocks of the kernels and a part of one
SHAPES = [[784, 30, 10], [1, 5, 2], [2, 40, 3], [7, 33, 5], [65, 100, 10]]
FORMS = {
    "bytes": lambda rows: (rows * 256).astype(np.uint8),
    "few numbers": lambda rows: rows,
    "many numbers": lambda rows: np.where(rows > 0, rows + np.arange(N)[:, np.newaxis], 0.0) / N,
    "a sparse matrix": sparse.csr_matrix,
}


def dataset(sizes, form="few numbers"):
    """A data set of which a fifth of the inputs is not zero, in the form of that name."""
    rows, labels = arrays(digits(N, sizes[0], sizes[-1], seed=1))
    scale = 1 / 256 if form == "bytes" else 1.0
    return Dataset(FORMS[form](rows), labels, classes=sizes[-1], scale=scale)


def trained(data, sizes, epochs=3, module=network2, dtype=None, **how):
    """A network after some epochs of one mini-batch each."""
    chosen = {} if dtype is None else {"dtype": dtype}
    net = seeded_network(module, sizes, **chosen)
    seed_generators(2)
    net.SGD(data, epochs, len(data), 0.5, 1.0, verbose=False, **how)
    return net


def forms_trained_on(monkeypatch):
    """A list to which is added which form of inputs each training that follows is given."""
    given = []
    choose = by_input.by_input_too

    def noting(*arguments):
        inputs = choose(*arguments)
        given.append(type(inputs))
        return inputs

    monkeypatch.setattr("fastnn.training.by_input_too", noting)
    return given


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_full_batches_have_the_numbers_of_the_reference(sizes, form, monkeypatch):
    given = forms_trained_on(monkeypatch)
    data = dataset(sizes, form)
    pairs = [(x, y) for x, y in data]
    net = trained(data, sizes)
    state = random.getstate()
    assert given == [TwoWayInputs]
    assert_same_networks(net, trained(pairs, sizes, module=reference))
    assert random.getstate() == state


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_lists_by_input_change_no_bit(sizes, form, dtype, monkeypatch):
    listed = trained(dataset(sizes, form), sizes, dtype=dtype)
    monkeypatch.setattr(by_input, "LISTED_FROM", 2.0)
    given = forms_trained_on(monkeypatch)
    assert_same_bits(trained(dataset(sizes, form), sizes, dtype=dtype), listed)
    if not form.startswith("a sparse"):  # which stays one
        monkeypatch.setattr(packing, "SPARSE_BELOW", 0.0)
        assert_same_bits(trained(dataset(sizes, form), sizes, dtype=dtype), listed)
    assert TwoWayInputs not in given


@pytest.mark.parametrize("sizes", [[784, 30, 10], [65, 100, 10]], ids=str)
def test_lists_by_input_give_the_same_bits_in_threads(sizes, monkeypatch):
    alone = trained(dataset(sizes), sizes, threads=1)
    monkeypatch.setattr(options, "threads_available", lambda: 2)
    monkeypatch.setattr(teams, "_WORTH_SPLITTING", 1)
    monkeypatch.setattr(teams, "_WORTH_SPLITTING_ROWS", 1)
    monkeypatch.setattr(teams.Choice, "next", lambda choice: 1)
    assert_same_bits(trained(dataset(sizes), sizes, threads=2), alone)


@pytest.mark.parametrize("how", [{"momentum": 0.5}, {"optimizer": "adam"}, {"l1": 0.1}], ids=str)
def test_lists_by_input_serve_every_rule(how):
    sizes = [65, 40, 10]
    data = dataset(sizes)
    wanted = trained([(x, y) for x, y in data], sizes, module=reference, **how)
    assert_same_networks(trained(data, sizes, **how), wanted)


def test_full_batches_with_dropout_drop_what_the_reference_drops():
    sizes = [65, 40, 10]
    data = dataset(sizes)
    wanted = trained([(x, y) for x, y in data], sizes, module=reference, dropout=0.5)
    assert_same_networks(trained(data, sizes, dropout=0.5), wanted)


def test_any_choice_of_examples_is_listed_anew():
    sizes = [65, 40, 10]
    whole = dataset(sizes)
    for choice in (slice(0, 200), slice(100, 300), slice(None, None, -1), slice(0, 200)):
        part = whole[choice]
        wanted = trained([(x, y) for x, y in part], sizes, module=reference)
        assert_same_networks(trained(part, sizes), wanted)


def test_the_same_examples_are_listed_once(monkeypatch):
    times = []
    make = by_input._listed_by_input
    monkeypatch.setattr(
        by_input, "_listed_by_input", lambda *given: times.append(1) or make(*given)
    )
    sizes = [65, 40, 10]
    data = dataset(sizes)
    for dtype in (np.float64, np.float32):
        trained(data, sizes, dtype=dtype)
    assert len(times) == 1


def test_where_hardly_an_input_counts_nothing_is_listed_by_input(monkeypatch):
    given = forms_trained_on(monkeypatch)
    pairs = digits(N, 1000, 5, seed=3, density=0.01)
    net = trained(list(pairs), [1000, 8, 5])
    assert given and TwoWayInputs not in given
    assert_same_networks(net, trained(pairs, [1000, 8, 5], module=reference))
