"""Outputs for many examples at once: those of one column at a time, in any layout and thread."""

from __future__ import annotations

import itertools
from contextlib import closing

import numpy as np
import pytest
from builders import dense_digits, seeded_network

from fastnn import Dataset, LogLikelihoodCost, network2
from fastnn.engine import forward, shares
from fastnn.engine.forward import Forward, forward_of
from fastnn.kernels import evaluate
from fastnn.kernels.layout import BLOCK
from fastnn.model.description import architecture_of, parameters_of

SIZES = [20, 33, 17, 5]


def network(dtype=np.float64):
    return seeded_network(network2, SIZES, LogLikelihoodCost, activation="tanh", dtype=dtype)


def described(net):
    return architecture_of(net), *parameters_of(net)


def ready(net):
    return Forward(*described(net))


@pytest.fixture
def nothing_kept():
    forward._LAST.clear()


def rows_of(count, dtype=np.float64):
    return np.random.default_rng(2).standard_normal((count, SIZES[0])).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("count", [1, BLOCK + 1])
def test_rows_have_the_outputs_of_columns(count, dtype):
    net, rows = network(dtype), rows_of(count, dtype)
    outputs = ready(net).of_rows(rows)
    assert outputs.dtype == dtype
    assert outputs.shape == (count, 5)
    rtol = 1e-12 if dtype == np.float64 else 1e-4
    for row, output in zip(rows, outputs, strict=True):
        np.testing.assert_allclose(output, net.feedforward(row[:, None])[:, 0], rtol=rtol)


def test_rows_in_any_layout_or_type_that_holds_them_give_the_same_bits(monkeypatch):
    made, rows = ready(network()), rows_of(50, np.float32)
    expected = made.of_rows(rows.astype(np.float64))
    monkeypatch.setattr(forward, "_ROWS_COPIED", 7)
    for given in (rows, np.asfortranarray(rows), np.repeat(rows, 2, axis=0)[::2]):
        np.testing.assert_array_equal(made.of_rows(given), expected)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_any_number_of_threads_gives_the_same_bits(threads, monkeypatch):
    made, rows = ready(network()), rows_of(3 * BLOCK + 1)
    expected = made.of_rows(rows)
    monkeypatch.setattr(forward, "threads_for", lambda examples, weights: threads)
    np.testing.assert_array_equal(made.of_rows(rows), expected)
    np.testing.assert_array_equal(made.of_rows(rows), expected)  # with the same threads again
    made.close()
    np.testing.assert_array_equal(made.of_rows(rows), expected)  # with new ones
    made.close()


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, BLOCK])
def test_it_tells_if_an_input_is_not_finite(number, place, monkeypatch):
    monkeypatch.setattr(forward, "threads_for", lambda examples, weights: 2)
    net = network()
    net.weights[0][:, 3] = 0.0
    made, rows = ready(net), rows_of(BLOCK + 1)
    out = np.empty((BLOCK + 1, 5))
    assert made.put_rows(rows, out)
    rows[place, 3] = number
    assert not made.put_rows(rows, out)
    made.close()


def test_rows_that_are_read_only_or_not_aligned_need_no_other_kernel():
    made, rows = ready(network()), rows_of(5)
    expected, kernels = made.of_rows(rows), len(evaluate.outputs.overloads)
    shifted = np.zeros(rows.nbytes + 1, np.uint8)[1:].view(np.float64).reshape(rows.shape)
    shifted[:] = rows
    rows.flags.writeable = False
    np.testing.assert_array_equal(made.of_rows(rows), expected)
    np.testing.assert_array_equal(made.of_rows(shifted), expected)
    assert len(evaluate.outputs.overloads) == kernels


def test_many_columns_have_the_bits_of_rows_and_one_column_has_their_numbers():
    net, rows = network(), rows_of(BLOCK + 1)
    outputs = net.feedforward(rows.T)
    assert outputs.flags.c_contiguous
    np.testing.assert_array_equal(outputs, net.outputs(rows).T)
    assert net.feedforward(rows[:0].T).shape == (5, 0)
    np.testing.assert_allclose(net.feedforward(rows[:1].T), outputs[:, :1], rtol=1e-12)


def test_many_columns_may_hold_numbers_that_are_not_finite():
    rows = rows_of(3)
    rows[1] = np.nan
    outputs = network().feedforward(rows.T)
    assert np.isnan(outputs[:, 1]).all()
    assert np.isfinite(outputs[:, ::2]).all()


def test_a_data_set_has_the_outputs_of_its_rows_in_its_order():
    data = Dataset.from_pairs(dense_digits(40, 20, 5, seed=1))
    data.reorder(np.random.default_rng(3).permutation(40))
    net = network()
    np.testing.assert_allclose(
        ready(net).of_data(data), ready(net).of_rows(data.inputs), rtol=1e-12
    )
    np.testing.assert_array_equal(net.outputs(data), ready(net).of_data(data))


def test_each_thread_has_scratch_of_its_own(monkeypatch):
    """Two threads seldom are in the same piece of it at once: bits would seldom differ."""
    monkeypatch.setattr(shares, "_WORTH_THREADS", 0)
    monkeypatch.setattr(shares, "threads_available", lambda: 3)
    outputs, used = forward.evaluate.outputs, []

    def noting(net, *others):
        used.append(net.work)
        return outputs(net, *others)

    monkeypatch.setattr(forward.evaluate, "outputs", noting)
    with closing(ready(network())) as made:
        made.of_rows(rows_of(3 * BLOCK))
    assert len(used) >= 3
    for one, other in itertools.combinations([*used[0], *used[1], *used[2]], 2):
        assert not np.shares_memory(one, other)


def others():
    """Networks that follow one another: alike, of another type, shape or activation."""
    nets = [network(), network(), network(np.float32), network()]
    nets[0].weights[1][3] = np.nan
    nets[3].biases[0][2] = -np.inf
    nets += [seeded_network(network2, [20, 16, 5]), seeded_network(network2, [20, 16, 5])]
    nets[-1].activations = ["relu", "sigmoid"]
    return nets


@pytest.mark.usefixtures("nothing_kept")
def test_outputs_do_not_depend_on_the_network_whose_room_is_used_again():
    rows = rows_of(BLOCK + 1)
    for _ in range(2):
        for net in others():
            with forward_of(*described(net)) as made:
                outputs = made.of_rows(rows)
            np.testing.assert_array_equal(outputs, ready(net).of_rows(rows))


@pytest.mark.usefixtures("nothing_kept")
def test_the_room_of_a_small_network_is_used_by_the_next_that_is_alike():
    used = []
    for net in (network(), network(), network(np.float32), network()):
        with forward_of(*described(net)) as made:
            used.append(made)
    assert used[1] is used[0]
    assert len({id(made) for made in used[1:]}) == 3


@pytest.mark.usefixtures("nothing_kept")
def test_two_uses_at_once_have_rooms_of_their_own_and_one_is_kept():
    net = described(network())
    with forward_of(*net) as outer, forward_of(*net) as inner:
        assert outer is not inner
    assert len(forward._LAST) == 1


@pytest.mark.usefixtures("nothing_kept")
def test_no_room_is_kept_that_is_large_or_was_left_by_an_error():
    with forward_of(*described(seeded_network(network2, [2000, 30, 5]))):
        pass
    with pytest.raises(KeyboardInterrupt), forward_of(*described(network())):
        raise KeyboardInterrupt
    assert forward._LAST == []
