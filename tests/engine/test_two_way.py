"""For mini-batches of all examples, inputs are also listed by input, and no number changes.

That holds while all numbers are finite: zero times infinity is not a number.
"""

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

import fastnn
from fastnn import Dataset, network2, reference
from fastnn.engine import faster_way, inputs, teams
from fastnn.engine import two_way as by_input
from fastnn.kernels.inputs import DenseInputs, TwoWayInputs
from fastnn.training import option_checks

N = 300  # two blocks of the kernels and a part of one
EPOCHS = by_input.WORTH_LISTING
SHAPES = [[784, 30, 10], [1, 5, 2], [2, 40, 3], [3, 16, 2], [7, 33, 5], [65, 100, 10]]


def many_numbers(rows):
    """More different numbers than bytes can tell apart."""
    return np.where(rows > 0, rows + np.arange(len(rows))[:, np.newaxis], 0.0) / N


def far_apart(rows):
    """Some examples without any input, others with a gap too large for one entry."""
    few = rows.copy()
    few[:, len(few[0]) // 4 + 1 : -3] = 0.0
    few[::7] = 0.0
    return few


def with_zeros(rows):
    """A sparse matrix that also lists numbers that are zero."""
    matrix = sparse.csr_matrix(rows)
    matrix.data[::5] = 0.0
    return matrix


FORMS = {
    "bytes": lambda rows: (rows * 256).astype(np.uint8),
    "few numbers": lambda rows: rows,
    "far apart": far_apart,
    "many numbers": many_numbers,
    "a sparse matrix": with_zeros,
}
FULL = [form for form in FORMS if form != "a sparse matrix"]  # which stays one


def dataset(sizes, form="few numbers", n=N):
    """A data set in the form of that name, with at most a fifth of non-zero inputs."""
    rows, labels = arrays(digits(n, sizes[0], sizes[-1], seed=1))
    scale = 1 / 256 if form == "bytes" else 1.0
    return Dataset(FORMS[form](rows), labels, classes=sizes[-1], scale=scale)


def pairs_of(data):
    """The examples in a new list, which training may reorder."""
    return [(x, y) for x, y in data]


def trained(data, sizes, epochs=EPOCHS, module=network2, dtype=None, **how):
    """A network after some epochs of one mini-batch each."""
    chosen = {} if dtype is None else {"dtype": dtype}
    net = seeded_network(module, sizes, **chosen)
    seed_generators(2)
    net.SGD(data, epochs, len(data), 0.5, 1.0, verbose=False, **how)
    return net


@pytest.fixture
def given(monkeypatch):
    """A list of the forms of inputs that kernels take, one for each training."""
    forms = []
    choose = by_input.by_input_too

    def noting(*arguments):
        inputs = choose(*arguments)
        forms.append(type(inputs))
        return inputs

    monkeypatch.setattr("fastnn.engine.trainer.by_input_too", noting)
    return forms


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_full_batches_have_the_numbers_of_the_reference(sizes, form, given, monkeypatch):
    monkeypatch.setattr(by_input, "LISTED_FROM", 0.0)
    data = dataset(sizes, form)
    pairs = pairs_of(data)
    net = trained(data, sizes)
    state = random.getstate()
    assert given == [TwoWayInputs]
    assert_same_networks(net, trained(pairs, sizes, module=reference))
    assert random.getstate() == state


def in_both_types(forms, *thorough):
    """Forms with float64 and float32. Those of `thorough` need more kernels in float32.

    What these are made of, other forms have in float32 as well, and they themselves in float64.
    """
    return [
        pytest.param(form, dtype, marks=[pytest.mark.thorough] if seldom else [])
        for form in forms
        for dtype in ("float64", "float32")
        for seldom in [dtype == "float32" and form in thorough]
    ]


@pytest.mark.parametrize(("form", "dtype"), in_both_types(FORMS, "a sparse matrix"))
@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_lists_by_input_change_no_bit(sizes, form, dtype, given, monkeypatch):
    monkeypatch.setattr(by_input, "LISTED_FROM", 0.0)
    listed = trained(dataset(sizes, form), sizes, dtype=dtype)
    monkeypatch.setattr(by_input, "LISTED_FROM", 2.0)
    assert_same_bits(trained(dataset(sizes, form), sizes, dtype=dtype), listed)
    first, second = given
    assert first is TwoWayInputs and second is not TwoWayInputs


@pytest.mark.parametrize(("form", "dtype"), in_both_types(FULL, "bytes", "many numbers"))
@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_full_inputs_have_the_bits_of_lists_by_input(sizes, form, dtype, given, monkeypatch):
    monkeypatch.setattr(by_input, "LISTED_FROM", 0.0)
    listed = trained(dataset(sizes, form), sizes, dtype=dtype)
    monkeypatch.setattr(inputs, "SPARSE_BELOW", 0.0)
    assert_same_bits(trained(dataset(sizes, form), sizes, dtype=dtype), listed)
    assert given == [TwoWayInputs, DenseInputs]


@pytest.mark.parametrize("n", [1, 127, 128, 129, 256])
def test_blocks_may_be_full_or_not(n):
    sizes = [65, 40, 10]
    wanted = trained(pairs_of(dataset(sizes, n=n)), sizes, module=reference, momentum=0.5)
    assert_same_networks(trained(dataset(sizes, n=n), sizes, momentum=0.5), wanted)


@pytest.mark.parametrize("sizes", [[784, 30, 10], [65, 100, 10]], ids=str)
def test_lists_by_input_give_the_same_bits_in_threads(sizes, given, monkeypatch):
    alone = trained(dataset(sizes), sizes, threads=1)
    monkeypatch.setattr(option_checks, "threads_available", lambda: 2)
    monkeypatch.setattr(teams, "_WORTH_SPLITTING", 1)
    monkeypatch.setattr(faster_way.Choice, "next", lambda choice: 1)
    assert_same_bits(trained(dataset(sizes), sizes, threads=2), alone)
    assert given == [TwoWayInputs, TwoWayInputs]


@pytest.mark.parametrize("how", [{"momentum": 0.5}, {"optimizer": "adam"}, {"l1": 0.1}], ids=str)
def test_lists_by_input_serve_every_rule(how, given):
    sizes = [65, 40, 10]
    wanted = trained(pairs_of(dataset(sizes)), sizes, module=reference, **how)
    assert_same_networks(trained(dataset(sizes), sizes, **how), wanted)
    assert given == [TwoWayInputs]


def test_full_batches_with_dropout_drop_what_the_reference_drops():
    sizes = [65, 40, 10]
    wanted = trained(pairs_of(dataset(sizes)), sizes, module=reference, dropout=0.5)
    assert_same_networks(trained(dataset(sizes), sizes, dropout=0.5), wanted)


@pytest.mark.parametrize("choice", [slice(0, 200), slice(100, 300), slice(None, None, -1)])
def test_any_choice_of_examples_is_listed_in_its_own_order(choice, given):
    sizes = [65, 40, 10]
    part = dataset(sizes)[choice]
    net = trained(part, sizes)
    assert_same_bits(net, trained(pairs_of(dataset(sizes)[choice]), sizes))
    wanted = trained(pairs_of(dataset(sizes)[choice]), sizes, module=reference)
    assert_same_networks(net, wanted)
    assert given == [TwoWayInputs, TwoWayInputs]


@pytest.mark.parametrize("changed", [list, lambda pairs: pairs[::-1]], ids=["same", "reversed"])
def test_a_full_batch_run_that_is_resumed_ends_on_the_same_bits(tmp_path, changed):
    sizes = [65, 40, 10]
    pairs = pairs_of(dataset(sizes))
    wanted = trained(list(pairs), sizes, epochs=9)
    file = tmp_path / "run.npz"
    trained(list(pairs), sizes, epochs=4, checkpoint=file)
    net, _ = fastnn.resume(file, changed(pairs), epochs=9, verbose=False)
    assert_same_bits(net, wanted)


def test_for_a_few_epochs_nothing_is_listed(given):
    sizes = [65, 40, 10]
    trained(dataset(sizes), sizes, epochs=EPOCHS - 1)
    network2.Network(sizes).update_mini_batch(dataset(sizes), 0.5, 1.0, N)
    assert len(given) == 2 and TwoWayInputs not in given


def test_where_hardly_an_input_counts_nothing_is_listed(given):
    sizes = [1000, 8, 5]
    pairs = digits(N, sizes[0], sizes[-1], seed=3, density=0.01)
    net = trained(list(pairs), sizes)
    assert given and TwoWayInputs not in given
    assert_same_networks(net, trained(pairs, sizes, module=reference))
