"""Python's `random.shuffle`, compiled: the same permutation, the same generator state after.

CPython takes about as long to shuffle 50,000 examples as fastnn takes for the whole epoch. The
generator is the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998); its state is the 624 words
and the position that `random.getstate()` shows.
"""

from __future__ import annotations

from .compiling import helper, kernel
from .simd import element, pointer, put

_WORDS, _MIDDLE = 624, 397
_MATRIX = 0x9908B0DF
_UPPER, _LOWER = 0x80000000, 0x7FFFFFFF


@helper
def _refill(state):
    """The next 624 words."""
    for k in range(_WORDS):
        following, middle = (k + 1) % _WORDS, (k + _MIDDLE) % _WORDS
        mixed = (element(state, k) & _UPPER) | (element(state, following) & _LOWER)
        put(state, k, element(state, middle) ^ (mixed >> 1) ^ (_MATRIX * (mixed & 1)))
    put(state, _WORDS, 0)


@helper
def _random_bits(state, bits):
    """`random.getrandbits(bits)` for bits from 1 to 32."""
    if element(state, _WORDS) >= _WORDS:
        _refill(state)
    place = element(state, _WORDS)
    put(state, _WORDS, place + 1)
    word = element(state, place)
    word ^= word >> 11
    word ^= (word << 7) & 0x9D2C5680
    word ^= (word << 15) & 0xEFC60000
    word ^= word >> 18
    return word >> (32 - bits)


@kernel
def shuffle(order, state):
    """Shuffle `order` in place, and advance `state`, uint32 of 624 words and the position.

    From the last place down, each element changes places with one of those up to it, chosen by
    drawing as many bits as the count has until they are below it.
    """
    places, words = pointer(order), pointer(state)
    bits = 0
    while order.size >> bits:
        bits += 1
    for i in range(order.size - 1, 0, -1):
        while (i + 1) >> (bits - 1) == 0:
            bits -= 1
        j = _random_bits(words, bits)
        while j > i:
            j = _random_bits(words, bits)
        last = element(places, i)
        put(places, i, element(places, j))
        put(places, j, last)
