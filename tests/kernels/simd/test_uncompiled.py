"""The NumPy twins of the vector registers, and that compiled ones mean the same."""

from __future__ import annotations

import platform

import numba
import numpy as np
import pytest

from fastnn.kernels import simd
from fastnn.kernels.simd import uncompiled

every_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def numbers(dtype, count=16, seed=1):
    return np.random.default_rng(seed).uniform(-9, 9, count).astype(dtype)


# The twins -------------------------------------------------------------------------------------


@every_dtype
def test_registers_are_loaded_and_stored_where_the_index_says(dtype):
    memory = np.arange(20, dtype=dtype)
    register = uncompiled.load(uncompiled.zeros(memory, 16), memory, 3)
    assert register.tolist() == list(range(3, 19))
    assert register.dtype == dtype
    memory[3] = 99
    assert register[0] == 3  # a register is no view of the memory
    uncompiled.store(memory, 4, register)
    assert memory.tolist() == [0, 1, 2, 99, *range(3, 19)]


@pytest.mark.parametrize("index", [-1, 5, 10**6])
def test_a_register_beyond_the_memory_is_an_index_error(index):
    memory = np.zeros(20)
    register = np.ones(16)
    for action in (
        lambda: uncompiled.load(register, memory, index),
        lambda: uncompiled.store(memory, index, register),
    ):
        with pytest.raises(IndexError, match=f"elements {index} to {index + 16} of an array of 20"):
            action()
    assert not memory.any()
    assert uncompiled.load(register, memory, 4).size == 16
    assert uncompiled.load(register, memory, 0).size == 16


def test_the_last_register_that_fits_is_read_and_the_next_is_not():
    memory = np.arange(40.0)
    assert uncompiled.load(np.zeros(16), memory, 24).tolist() == memory[24:].tolist()
    with pytest.raises(IndexError):
        uncompiled.load(np.zeros(16), memory, 25)


@pytest.mark.parametrize("index", [-1, 20])
def test_an_element_beyond_the_memory_is_an_index_error(index):
    memory = np.zeros(20)
    for action in (
        lambda: uncompiled.element(memory, index),
        lambda: uncompiled.put(memory, index, 1.0),
        lambda: uncompiled.splat_at(np.zeros(16), memory, index),
    ):
        with pytest.raises(IndexError):
            action()
    for last in (0, 19):
        uncompiled.put(memory, last, 1.0)
        assert uncompiled.element(memory, last) == 1
        assert uncompiled.splat_at(np.zeros(3), memory, last).tolist() == [1] * 3


def test_elements_are_read_and_written_one_at_a_time():
    memory = np.arange(5.0)
    uncompiled.put(memory, 2, 7.5)
    assert memory.tolist() == [0, 1, 7.5, 3, 4]
    assert uncompiled.element(memory, 2) == 7.5
    assert uncompiled.splat_at(np.zeros(4), memory, 2).tolist() == [7.5] * 4
    assert uncompiled.splat(np.zeros(3), 2.5).tolist() == [2.5] * 3


@pytest.mark.parametrize("dtype", [np.uint8, np.int32])
def test_small_integers_are_read_as_pythons_which_do_not_overflow(dtype):
    value = uncompiled.element(np.array([200, 100], np.uint8).astype(dtype), 0)
    assert type(value) is int
    assert value * value == 40_000


def test_pointers_are_slices_of_their_array():
    matrix = np.arange(6.0).reshape(2, 3)
    pointer = uncompiled.pointer(matrix)
    pointer[4] = 9
    assert matrix[1, 1] == 9
    assert uncompiled.offset(pointer, 4).tolist() == [9, 5]
    assert uncompiled.item_size(pointer) == 8
    assert uncompiled.lanes_of(pointer) == 6
    assert uncompiled.zeros(pointer, 4).tolist() == [0] * 4


@every_dtype
def test_arithmetic_is_numpys(dtype):
    a, b, c = (numbers(dtype, seed=seed) for seed in range(3))
    np.testing.assert_array_equal(uncompiled.fma(a, b, c), a * b + c)
    np.testing.assert_array_equal(uncompiled.sqrt(np.abs(a)), np.sqrt(np.abs(a)))
    assert uncompiled.widen(a).dtype == np.float64
    np.testing.assert_array_equal(uncompiled.widen(a), a)


def test_the_greater_is_selected_lane_by_lane_and_equal_is_not_greater():
    one, other = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0])
    chosen = uncompiled.select_greater(one, other, np.full(3, 5.0), np.full(3, 7.0))
    assert chosen.tolist() == [7, 7, 5]


@pytest.mark.parametrize("count", [-3, 0, 1, 3, 4, 9])
def test_the_first_lanes_are_kept(count):
    kept = uncompiled.keep_first(np.arange(1.0, 5.0), count)
    assert kept.tolist() == [float(k + 1) if k < count else 0.0 for k in range(4)]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 9])
def test_first_lanes_are_loaded_and_stored_and_no_memory_beyond_them(count):
    memory, register = np.arange(1.0, 5.0), np.full(4, 9.0)
    kept = min(count, 4)
    start = 4 - kept  # so that a lane more would leave the memory
    loaded = uncompiled.load_first(register, memory, start, count)
    assert loaded.tolist() == memory[start:].tolist() + [0.0] * (4 - kept)
    uncompiled.store_first(memory, start, register, count)
    assert memory.tolist() == [1.0, 2.0, 3.0, 4.0][:start] + [9.0] * kept


@pytest.mark.parametrize("lane", [-1, 0, 1, 3, 4, 9])
def test_lanes_are_loaded_from_one_on_and_no_memory_before_it(lane):
    memory, register = np.arange(1.0, 5.0), np.full(4, 9.0)
    zeros = min(max(lane, 0), 4)  # a lane less would leave the memory
    loaded = uncompiled.load_from(register, memory, -zeros, lane)
    assert loaded.tolist() == [0.0] * zeros + [1.0, 2.0, 3.0, 4.0][: 4 - zeros]


def test_pointers_have_no_address_without_the_compiler():
    with pytest.raises(RuntimeError, match="compiled code only"):
        uncompiled.address_of(np.zeros(1))


def test_an_address_is_no_pointer_without_the_compiler():
    with pytest.raises(RuntimeError, match="compiled code only"):
        uncompiled.pointer_at(np.zeros(1), 4096)


@every_dtype
def test_numbers_are_taken_apart_into_power_and_fraction(dtype):
    values = np.array([1.0, 1.5, 2.0, 3.0, 0.75, 1e-30, 1e30], dtype)
    values = np.append(values, np.nextafter(values, dtype(0)))  # their last bits are ones
    exponent, fraction = uncompiled.split_exponent(values)
    assert exponent.dtype == fraction.dtype == dtype
    assert (fraction >= 1).all() and (fraction < 2).all()
    np.testing.assert_array_equal(np.ldexp(fraction, exponent.astype(int)), values)


@pytest.mark.parametrize(("dtype", "shift"), [(np.float64, 1.5 * 2**52), (np.float32, 1.5 * 2**23)])
def test_powers_of_two_are_made_of_the_last_bits(dtype, shift):
    exponents = np.array([-100.0, -1.0, 0.0, 1.0, 100.0], dtype)
    shifted = exponents + dtype(shift)
    np.testing.assert_array_equal(uncompiled.power_of_two(shifted), np.exp2(exponents))


def test_half_the_bits_are_taken_from_a_number_as_if_it_were_an_integer():
    start = 2**62
    values = np.array([1.0, 3.0, 1e-300, np.nextafter(1.0, 2.0)])
    integers = [start - int(bits) // 2 for bits in values.view(np.int64)]
    made = uncompiled.less_half_the_bits(start, values)
    assert made.dtype == np.float64
    assert made.view(np.int64).tolist() == integers


def test_what_only_machines_need_changes_nothing():
    memory = np.arange(4)
    assert uncompiled.prefetch(memory, 99) is None
    assert uncompiled.give_way() is None
    assert uncompiled.opaque(7) == 7
    assert uncompiled.stop_flushing(uncompiled.start_flushing()) is None
    uncompiled.atomic_add(memory, 1, 5)
    assert memory.tolist() == [0, 6, 2, 3]
    assert uncompiled.atomic_element(memory, 1) == 6


# Compiled ----------------------------------------------------------------------------------------


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="NumPy keeps the smallest numbers")
@pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64", "aarch64", "arm64"),
    reason="how to flush is known of x86-64 and 64-bit ARM only",
)
@every_dtype
def test_the_smallest_numbers_are_zero_while_they_are_flushed_and_no_longer(dtype):
    start, stop = simd.start_flushing, simd.stop_flushing

    @numba.njit
    def halve(values, flushing):
        if flushing:
            before = start()
        for k in range(values.size):
            values[k] = values[k] * values.dtype.type(0.5)
        if flushing:
            stop(before)

    tiny = np.finfo(dtype).tiny
    values = np.array([tiny, 4 * tiny, tiny / 4, -tiny], dtype)
    for flushing, halves in ((True, [0, 2 * tiny, 0, 0]), (False, values / 2)):
        halved = values.copy()
        halve(halved, flushing)
        np.testing.assert_array_equal(halved, np.array(halves, dtype))
    assert np.all(values * dtype(0.5) != 0)


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="they are the twins then")
@every_dtype
def test_compiled_registers_mean_what_their_twins_do(dtype):
    load, store, zeros, offset, pointer = (
        simd.load,
        simd.store,
        simd.zeros,
        simd.offset,
        simd.pointer,
    )
    fma, keep_first, select_greater, sqrt = (
        simd.fma,
        simd.keep_first,
        simd.select_greater,
        simd.sqrt,
    )

    @numba.njit
    def compiled(memory, out):
        at, to = pointer(memory), pointer(out)
        zero = zeros(at, 16)
        a, b = load(zero, at, 0), load(zero, offset(at, 16), 1)
        store(to, 0, fma(a, b, a))
        store(to, 16, keep_first(a, 5))
        store(to, 32, select_greater(a, b, a, b))
        store(to, 48, sqrt(select_greater(a, zero, a, zero)))

    memory, out = numbers(dtype, 40), np.empty(64, dtype)
    compiled(memory, out)
    a, b = memory[:16], memory[17:33]
    np.testing.assert_allclose(out[:16], a * b + a, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(out[16:32], uncompiled.keep_first(a, 5))
    np.testing.assert_array_equal(out[32:48], uncompiled.select_greater(a, b, a, b))
    np.testing.assert_array_equal(out[48:], uncompiled.sqrt(np.maximum(a, 0)))


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="there are no addresses then")
@every_dtype
@pytest.mark.parametrize("count", [0, 1, 15, 16, 20])
def test_first_lanes_go_from_one_address_to_another(dtype, count):
    load_first, store_first, pointer_at, zeros = (
        simd.load_first,
        simd.store_first,
        simd.pointer_at,
        simd.zeros,
    )

    @numba.njit
    def copy_first(source, target, count):
        zero = zeros(source, 16)
        values = load_first(zero, pointer_at(source, source.ctypes.data), 2, count)
        store_first(pointer_at(target, target.ctypes.data), 3, values, count)

    source, target = numbers(dtype, 20), numbers(dtype, 20, seed=2)
    expected = target.copy()
    kept = min(count, 16)
    expected[3 : 3 + kept] = source[2 : 2 + kept]
    copy_first(source, target, count)
    np.testing.assert_array_equal(target, expected)


@every_dtype
@pytest.mark.parametrize("lane", [0, 1, 15, 16])
def test_compiled_lanes_are_loaded_from_one_on(dtype, lane):
    load_from, offset, pointer, store, zeros = (
        simd.load_from,
        simd.offset,
        simd.pointer,
        simd.store,
        simd.zeros,
    )

    @numba.njit
    def copy_from(source, target, lane):
        at = offset(pointer(source), 16)
        store(pointer(target), 0, load_from(zeros(at, 16), at, 0, lane))

    source, target = numbers(dtype, 32), np.empty(16, dtype)
    copy_from(source, target, lane)
    np.testing.assert_array_equal(target[:lane], np.zeros(lane))
    np.testing.assert_array_equal(target[lane:], source[16 + lane :])


@every_dtype
@pytest.mark.parametrize("held", [3, 5])
@pytest.mark.parametrize("lanes", [16, 32])
def test_tiles_are_zeros_and_divide_a_panel(dtype, lanes, held):
    lanes_of, pointer, store = simd.lanes_of, simd.pointer, simd.store
    tile_of, zeros = simd.tile_of, simd.zeros

    @numba.njit
    def store_tile(memory):
        tile = tile_of(zeros(pointer(memory), lanes), held)
        store(pointer(memory), 0, tile)
        return lanes_of(tile)

    memory = np.ones(40, dtype)
    width = store_tile(memory)
    assert 0 < width <= lanes
    assert lanes % width == 0
    assert memory.tolist() == [0] * width + [1] * (40 - width)
