"""The compiled parts on their own: shuffle, products, packed network, and bits that never vary."""

from __future__ import annotations

import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numba
import numpy as np
import pytest
from builders import (
    ALL_MONITORS,
    arrays,
    assert_close,
    assert_same_bits,
    copies,
    digits,
    labelled,
    parameters,
    seed_generators,
    seeded_network,
    sigmoid_layers,
)

import fastnn
from fastnn import network2
from fastnn.engine import inputs, prepared, short_calls
from fastnn.engine import trainer as training
from fastnn.engine.packed_network import PackedNetwork
from fastnn.kernels import layout
from fastnn.kernels.dense import Panels, Rows, add_outer, product, update
from fastnn.kernels.shuffle import shuffle
from fastnn.kernels.simd import pointer
from fastnn.model.description import architecture_of

SIZES = [20, 17, 3, 33, 5]
LARGE = layout.BLOCK + 5  # a mini-batch that does not fit into a block

only_compiled = pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT), reason="without the JIT an fma rounds twice"
)


# Shuffle --------------------------------------------------------------------------------------


NUMBERS_DRAWN_BEFORE = [0, 1, 311, 312, 400]  # of 312 in each block of the generator's state


@pytest.mark.parametrize(
    ("n", "drawn_before"),
    [
        *itertools.product([1, 2, 3, 10, 255, 256, 257, 1000], NUMBERS_DRAWN_BEFORE),
        (70_000, 0),
        (70_000, 311),
    ],
)
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_shuffle_is_that_of_python_and_leaves_the_same_state(n, drawn_before, dtype):
    random.seed(n)
    for _ in range(drawn_before):
        random.random()
    order, state = np.arange(n, dtype=dtype), np.array(random.getstate()[1], np.int64)
    shuffle(order, state)
    expected = list(range(n))
    random.shuffle(expected)
    assert order.tolist() == expected
    assert tuple(state.tolist()) == random.getstate()[1]


# Products of matrices -------------------------------------------------------------------------


def fused(a, b, c):
    """a * b + c, rounded once."""
    return float(Fraction(a) * Fraction(b) + Fraction(c))


def panels(matrix):
    rows, columns = matrix.shape
    flat = np.empty(rows * layout.padded(columns))
    layout.pack_panels(matrix, flat)
    return flat


@only_compiled
@pytest.mark.parametrize("examples", [1, 4, 7, 11])
@pytest.mark.parametrize("columns", [1, 17, 33, 64])
def test_products_are_chains_of_fused_additions_in_order_bit_for_bit(columns, examples):
    rng = np.random.default_rng(5)
    x, w = rng.standard_normal((examples, 9)), rng.standard_normal((9, columns))
    out = np.zeros((examples, layout.padded(columns)))
    _product(x.reshape(-1), 9, panels(w), 9, out.reshape(-1), out.shape[1], examples)
    for e, j in np.ndindex(examples, columns):
        total = 0.0
        for i in range(9):
            total = fused(x[e, i], w[i, j], total)
        assert out[e, j] == total
    assert not out[:, columns:].any()


@only_compiled
@pytest.mark.parametrize("decay", [1.0, 0.9, -0.5, None])
@pytest.mark.parametrize("columns", [1, 33])
@pytest.mark.parametrize("rows", [1, 4, 6])
def test_updates_are_chains_of_fused_additions_in_order_bit_for_bit(rows, columns, decay):
    rng = np.random.default_rng(6)
    w, x = rng.standard_normal((rows, columns)), rng.standard_normal((5, rows))
    d = np.zeros((5, layout.padded(columns)))
    d[:, :columns] = rng.standard_normal((5, columns))
    flat, after = panels(w), np.empty((rows, columns))
    arrays = x.reshape(-1), rows, d.reshape(-1), d.shape[1], flat, rows, 5
    if decay is None:  # a gradient is added
        _add_outer(*arrays)
    else:
        _update(*arrays, decay)
    layout.unpack_panels(flat, after)
    for i, j in np.ndindex(rows, columns):
        total = w[i, j] if decay is None else w[i, j] * (decay - 1.0)
        for e in range(5):
            total = fused(x[e, i], d[e, j], total)
        assert after[i, j] == (total if decay is None else w[i, j] + total)


@pytest.mark.parametrize("rows", [1, 4, 6])
def test_what_many_examples_add_counts_even_where_that_of_one_is_too_little(rows):
    w, one = np.ones(16 * rows, np.float32), np.ones(10 * rows, np.float32)
    little = np.full(160, 2e-8, np.float32)
    _update(one, rows, little, 16, w, rows, 10, 1.0)
    np.testing.assert_array_equal(w, np.float32(1 + 2e-7))


def test_a_decay_next_to_one_keeps_its_digits_in_float32():
    rows = 43
    w = np.linspace(-3, 3, 16 * rows, dtype=np.float32)
    before, nothing = w.astype(float), np.zeros(rows, np.float32)
    for _ in range(1000):
        _update(nothing, rows, nothing, 16, w, rows, 1, 1 - 1e-5)
    # The mean, in which roundings cancel; with 1 - 1e-5 rounded it would be 1.4e-5 too small.
    assert np.mean(w / before) == pytest.approx((1 - 1e-5) ** 1000, rel=3e-6)


@numba.njit
def _product(x, x_stride, w, rows, out, stride, examples):
    factors = Panels(pointer(w), rows, stride)
    product(Rows(pointer(x), x_stride), factors, Rows(pointer(out), stride), examples)


@numba.njit
def _add_outer(x, x_stride, d, stride, w, rows, examples):
    sums = Panels(pointer(w), rows, stride)
    add_outer(Rows(pointer(x), x_stride), Rows(pointer(d), stride), sums, examples)


@numba.njit
def _update(x, x_stride, d, stride, w, rows, examples, decay):
    weights = Panels(pointer(w), rows, stride)
    update(Rows(pointer(x), x_stride), Rows(pointer(d), stride), weights, examples, decay)


# The packed network ---------------------------------------------------------------------------


def packed_values(packed):
    return packed.net.parameters.copy()


def padding_of(sizes, dtype):
    """Where in the flat parameters nothing of the network lies."""
    ones = PackedNetwork(sigmoid_layers(sizes), np.dtype(dtype), 1)
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    ones.pack([np.ones(shape) for shape in shapes], [np.ones((rows, 1)) for rows, _ in shapes])
    return packed_values(ones) == 0


def transposed_weights(packed, layer):
    row = packed.net.table[layer]
    w = np.empty((row[layout.FAN_OUT], row[layout.FAN_IN]), packed.dtype)
    layout.unpack_panels(packed.net.parameters[row[layout.TRANSPOSED] :], w)
    return w


ALL_SHAPES = [[1, 1], [784, 30, 10], [16, 32, 48], [20, 100, 1, 33, 3, 17]]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("sizes", ALL_SHAPES, ids=str)
def test_packing_and_unpacking_keep_every_bit(sizes, dtype):
    net = seeded_network(network2, sizes, dtype=dtype)
    packed = PackedNetwork(sigmoid_layers(sizes), np.dtype(dtype), 1)
    packed.pack(net.weights, net.biases)
    weights, biases = packed.unpack()
    for mine, theirs in zip([*weights, *biases], [*net.weights, *net.biases], strict=True):
        assert mine.dtype == dtype
        assert mine.flags.c_contiguous
        np.testing.assert_array_equal(mine, theirs)
    for layer in range(1, len(weights)):
        np.testing.assert_array_equal(transposed_weights(packed, layer), net.weights[layer])


@pytest.mark.parametrize("sizes", ALL_SHAPES, ids=str)
def test_packing_again_leaves_nothing_of_what_was_there(sizes):
    net = seeded_network(network2, sizes)
    packed = PackedNetwork(sigmoid_layers(sizes), np.dtype(np.float64), 1)
    fresh = PackedNetwork(sigmoid_layers(sizes), np.dtype(np.float64), 1)
    fresh.pack(net.weights, net.biases)
    packed.pack([w + 1 for w in net.weights], [b + 1 for b in net.biases])
    packed.pack(net.weights, net.biases)
    np.testing.assert_array_equal(packed_values(packed), packed_values(fresh))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("mini_batch_size", [1, 10, 40, LARGE])
@pytest.mark.parametrize("decay", [1.0, 0.9, 0.0, -0.5])
@pytest.mark.parametrize("sizes", [SIZES, [20, 8, 100, 90, 40, 7, 5]], ids=str)
def test_training_keeps_the_padding_zero_and_both_copies_of_weights_alike(
    dtype, mini_batch_size, decay, sizes
):
    net = seeded_network(network2, sizes, dtype=dtype)
    data = fastnn.Dataset.from_pairs(digits(150, 20, 5, seed=7))
    lmbda = (1.0 - decay) / 0.5
    settings = training.StepSettings(mini_batch_size, lmbda, n=1)
    trainer = training.Trainer(architecture_of(net), data, settings)
    trainer.packed.pack(net.weights, net.biases)
    random.seed(8)
    for _ in range(2):
        trainer.run_epoch(0.5)
    values = packed_values(trainer.packed)
    assert np.isfinite(values).all()
    assert not values[padding_of(sizes, dtype)].any()
    weights, _ = trainer.packed.unpack()
    for layer in range(1, len(weights)):
        assert (weights[layer] != net.weights[layer]).any()
        copy = transposed_weights(trainer.packed, layer)
        assert copy.tobytes() == weights[layer].tobytes()


# The same bits, however the work is cut -------------------------------------------------------


def train(data, held_out, mini_batch_size):
    """Return all numbers that a training run gives."""
    seed_generators(9)
    net = network2.Network(SIZES)
    history = net.SGD(data, 3, mini_batch_size, 0.5, 1.0, held_out, **ALL_MONITORS, verbose=False)
    return net, history


@pytest.fixture
def data():
    return digits(150, 20, 5, seed=10)


@pytest.fixture
def held_out():
    return labelled(digits(140, 20, 5, seed=11))


def assert_same_results(results):
    (net, history), *others = results
    for other, other_history in others:
        assert_same_bits(other, net)
        assert other_history == history


@pytest.mark.parametrize("mini_batch_size", [7, 10, LARGE])
def test_sparse_and_dense_inputs_give_the_same_bits(data, held_out, mini_batch_size, monkeypatch):
    results = []
    for threshold in (0.0, 2.0):  # all dense, all sparse
        monkeypatch.setattr(inputs, "SPARSE_BELOW", threshold)
        results.append(train(list(data), held_out, mini_batch_size))
    assert_same_results(results)


def test_bytes_and_the_floats_they_stand_for_give_the_same_bits(data, held_out):
    rows, labels = arrays(data)
    as_bytes = fastnn.Dataset((rows * 256).astype(np.uint8), labels, classes=5, scale=1 / 256)
    assert_same_results([train(examples, held_out, 10) for examples in (data, as_bytes)])


@pytest.mark.parametrize("mini_batch_size", [1, 10, LARGE])
def test_compiled_calls_of_any_length_give_the_same_bits(
    data, held_out, mini_batch_size, monkeypatch
):
    results = [train(list(data), held_out, mini_batch_size)]
    for length in (1, 7, 64, 10_000):

        class Steps:
            def __init__(self, weights, before_call=None):
                pass

            def run(self, end, call, length=length):
                position = 0
                while position < end:
                    position = call(position, min(position + length, end))

        monkeypatch.setattr(prepared, "ShortCalls", Steps)
        results.append(train(list(data), held_out, mini_batch_size))
    assert_same_results(results)


@pytest.mark.parametrize("mini_batch_size", [10, LARGE])
@pytest.mark.parametrize("seconds", [0.0, 1e-5, float("inf")])
def test_slow_and_fast_machines_give_the_same_bits(
    data, held_out, mini_batch_size, seconds, monkeypatch
):
    results = [train(list(data), held_out, mini_batch_size)]
    monkeypatch.setattr(short_calls, "_LONGEST_CALL", seconds)
    results.append(train(list(data), held_out, mini_batch_size))
    assert_same_results(results)


@pytest.mark.parametrize("more", [1, 5, 100])
def test_scratch_for_more_examples_than_a_mini_batch_gives_the_same_bits(
    data, held_out, more, monkeypatch
):
    results = [train(list(data), held_out, 10)]
    monkeypatch.setattr(
        prepared,
        "PackedNetwork",
        lambda layers, dtype, together: PackedNetwork(layers, dtype, together + more),
    )
    results.append(train(list(data), held_out, 10))
    assert_same_results(results)


@pytest.mark.parametrize("block", [1, 3, 50, 1000])
def test_evaluation_in_blocks_of_any_size_gives_the_same_bits(data, block, monkeypatch):
    net = seeded_network(network2, SIZES)
    figures = net.accuracy(data), net.total_cost(data, 0.0)
    monkeypatch.setattr(prepared, "BLOCK", block)
    assert (net.accuracy(data), net.total_cost(data, 0.0)) == figures


@pytest.mark.parametrize("block", [1, 3, 50])
def test_mini_batches_cut_into_blocks_of_any_size_give_the_same_numbers(
    data, held_out, block, monkeypatch
):
    whole, _ = train(list(data), held_out, 64)
    monkeypatch.setattr(prepared, "BLOCK", block)
    in_blocks, _ = train(list(data), held_out, 64)
    assert_close(parameters(in_blocks), parameters(whole), rtol=1e-12)


def test_networks_trained_in_several_threads_at_once_give_the_same_bits(data):
    nets = [seeded_network(network2, SIZES, seed=seed) for seed in range(4)]

    def take_steps(net):
        for _ in range(20):
            net.update_mini_batch(data, 0.5, 1.0, 150)
        return copies(net)

    starts = [copies(net) for net in nets]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(take_steps, nets))
    for net, start in zip(nets, starts, strict=True):
        net.biases, net.weights = start[: len(net.biases)], start[len(net.biases) :]
    for alone, threaded in zip(map(take_steps, nets), together, strict=True):
        for mine, theirs in zip(alone, threaded, strict=True):
            np.testing.assert_array_equal(mine, theirs)
