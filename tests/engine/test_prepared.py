"""A network and data prepared for the kernels: bits do not depend on scratch or blocks."""

from __future__ import annotations

import pytest
from builders import assert_close, dense_digits, digits, parameters, seed_generators, seeded_network
from whole_runs import SIZES, assert_same_results, train

from fastnn import Dataset, network2
from fastnn.engine import prepared
from fastnn.engine.packed_network import PackedNetwork
from fastnn.kernels.layout import BLOCK, LARGE_BLOCK
from fastnn.model.description import architecture_of


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


@pytest.mark.parametrize(("mini_batch_size", "together"), [(7, 7), (None, BLOCK), (1000, BLOCK)])
def test_scratch_is_for_a_mini_batch_or_for_a_block(mini_batch_size, together):
    data = Dataset.from_pairs(digits(BLOCK + 30, 20, 5, seed=1))
    architecture = architecture_of(seeded_network(network2, SIZES))
    made = prepared.Prepared(architecture, data, mini_batch_size, dropout=(0.5, 0.0, 0.0))
    assert made.packed.net.plan.capacity == together
    assert made.packed.net.dropout.rates.tolist() == [0.5, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("more", [{}, {"optimizer": "adam"}, {"momentum": 0.9}], ids=str)
def test_larger_blocks_where_weights_are_beyond_the_second_cache_give_the_same_bits(
    more, monkeypatch
):
    architecture = architecture_of(seeded_network(network2, SIZES))
    trained = []
    for cache, block in ((prepared.SECOND_CACHE, BLOCK), (0, LARGE_BLOCK)):
        monkeypatch.setattr(prepared, "SECOND_CACHE", cache)
        data = Dataset.from_pairs(dense_digits(2 * LARGE_BLOCK, 20, 5, seed=1))  # in this order
        assert prepared.Prepared(architecture, data, 1000).packed.net.plan.capacity == block
        net = seeded_network(network2, SIZES)
        seed_generators(4)
        for mini_batch_size in (200, 300):
            net.SGD(data, 2, mini_batch_size, 0.1, 1.0, verbose=False, **more)
        trained.append(b"".join(array.tobytes() for array in parameters(net)))
    assert trained[0] == trained[1]
