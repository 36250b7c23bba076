"""Which neurons of a layer are dropped for which example: a function of counters, not a stream.

So the choice is the same for any number of threads and any division into blocks, and with the two
keys of an epoch one can work it out for a single neuron.
"""

from __future__ import annotations

from .compiling import inlined

_WORD = 0xFFFFFFFF


@inlined
def _mixed(h):
    """The finaliser of MurmurHash3 on 32 bits: every bit of h changes each of the result's."""
    h ^= h >> 16
    h = (h * 0x85EBCA6B) & _WORD
    h ^= h >> 13
    h = (h * 0xC2B2AE35) & _WORD
    return h ^ (h >> 16)


@inlined
def draw(key0, key1, layer, counter):
    """An evenly distributed integer from 0 to 2^32 - 1 for a layer and a counter within it."""
    h = _mixed((counter & _WORD) ^ key0)
    return _mixed((h + key1 + layer * 0x9E3779B9) & _WORD)
