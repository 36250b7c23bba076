"""The operations of `llvm` on NumPy arrays of `lanes` elements, used when the JIT is off.

What each does is documented there; `+ - * /` are NumPy's own. These check their bounds, which the
compiled ones do not: a slice that would leave the array raises IndexError.
"""

from __future__ import annotations

import numpy as np

_BIASES = {np.dtype(np.float32): (np.int32, 23, 127), np.dtype(np.float64): (np.int64, 52, 1023)}


def _window(memory, index, lanes):
    if index < 0 or index + lanes > memory.size:
        raise IndexError(f"elements {index} to {index + lanes} of an array of {memory.size}")
    return memory[index : index + lanes]


def pointer(array):
    return array.reshape(-1)


def offset(memory, count):
    return memory[count:]


def item_size(memory):
    return memory.itemsize


def zeros(memory, lanes):
    return np.zeros(lanes, memory.dtype)


def tile_of(vector, held):
    return np.zeros_like(vector)


def lanes_of(vector):
    return vector.size


def splat(like, value):
    vector = like.copy()
    vector.fill(value)  # `np.full_like` takes six times as long
    return vector


def element(memory, index):
    value = _window(memory, index, 1)[0]
    # As in compiled code, arithmetic on small integers must not overflow.
    return int(value) if memory.dtype.kind in "iu" else value


def put(memory, index, value):
    _window(memory, index, 1)[0] = value


def splat_at(like, memory, index):
    return splat(like, _window(memory, index, 1)[0])


def load(like, memory, index):
    return _window(memory, index, like.size).copy()


def store(memory, index, vector):
    _window(memory, index, vector.size)[:] = vector


def pointer_at(like, address):
    raise RuntimeError("bare addresses are for compiled code only")


def put_address(room, index, memory):
    """Do nothing: only what asks for memory ahead reads addresses."""


def address_of(memory):
    raise RuntimeError("bare addresses are for compiled code only")


def load_first(like, memory, index, count):
    first = np.zeros_like(like)
    first[:count] = _window(memory, index, min(count, like.size))
    return first


def load_from(like, memory, index, lane):
    last = np.zeros_like(like)
    begin = min(max(lane, 0), like.size)
    last[begin:] = _window(memory, index + begin, like.size - begin)
    return last


def store_first(memory, index, vector, count):
    kept = min(count, vector.size)
    _window(memory, index, kept)[:] = vector[:kept]


def square_of(memory):
    return np.zeros(8, memory.dtype)


def transpose_square(like, source, pitch, rows, target, into):
    square = np.zeros((like.size, like.size), like.dtype)
    for i in range(min(rows, like.size)):
        square[i] = load(like, source, i * pitch)
    for j, column in enumerate(square.T):
        store(target, j * into, column)


def fma(a, b, c):
    return a * b + c


def sum_products(like, numbers, vectors, count, sums, ahead):
    """All rows at once: the order of their products is that of the compiled loop."""
    factors = _grid(numbers.at, (sums.rows, count), (numbers.across, numbers.along))
    right = _grid(vectors.at, (count, like.size), (vectors.stride, 1))
    into = _grid(sums.at, (sums.rows, like.size), (sums.stride, 1))
    total = np.zeros_like(into)
    if sums.there.begun:
        total = into * like.dtype.type(sums.there.share)
    for k in range(count):
        total = fma(factors[:, k : k + 1], right[k], total)
    into[:] = into + total if sums.there.apart else total


def _grid(memory, shape, steps):
    """A view of what lies at memory[i * steps[0] + j * steps[1]]."""
    last = sum((count - 1) * step for count, step in zip(shape, steps, strict=True))
    memory = _window(memory, 0, last + 1 if min(shape) > 0 else 0)
    distances = [step * memory.itemsize for step in steps]
    return np.lib.stride_tricks.as_strided(memory, shape, distances)


def sqrt(a):
    return np.sqrt(a)


def select_greater(a, b, if_greater, otherwise):
    return np.where(a > b, if_greater, otherwise)


def keep_first(vector, count):
    return np.where(np.arange(vector.size) < count, vector, vector.dtype.type(0))


def power_of_two(shifted):
    integer, fraction, bias = _BIASES[shifted.dtype]
    return ((shifted.view(integer) + integer(bias)) << integer(fraction)).view(shifted.dtype)


def split_exponent(x):
    integer, fraction, bias = _BIASES[x.dtype]
    bits = x.view(integer)
    exponent = ((bits >> integer(fraction)) - integer(bias)).astype(x.dtype)
    low = bits & integer((1 << fraction) - 1)
    return exponent, (low | integer(bias << fraction)).view(x.dtype)


def less_half_the_bits(start, x):
    return (start - (x.view(np.int64) >> 1)).view(x.dtype)


def widen(vector):
    return vector.astype(np.float64)


def prefetch(memory, index):
    """Do nothing: there is no cache to help."""


def atomic_add(memory, index, value):
    memory[index] += value


def atomic_element(memory, index):
    return memory[index]


def opaque(value):
    """The value itself: nothing is optimised here."""
    return value


def start_flushing():
    """Do nothing: NumPy's arithmetic stays as it is."""
    return 0


def stop_flushing(before):
    """Do nothing, as in `start_flushing`."""


def give_way():
    """Do nothing: without the JIT there is one thread."""
