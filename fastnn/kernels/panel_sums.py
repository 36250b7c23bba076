"""The loop of all matrix products over a panel of weights, errors or transposed weights.

A panel is worked on in tiles of as many columns as the registers have room for. Where there are
more than two tiles, what order they take the rows in decides what comes from which cache. No order
changes a bit: each sum is one chain, in the order of the index summed over.
"""

from __future__ import annotations

from collections import namedtuple

from .compiling import FALSE, TRUE, ZERO, helper, inlined, smaller
from .panels import NARROW, WIDE, Rows
from .simd import (
    item_size,
    lanes_of,
    load,
    offset,
    stack_room,
    store,
    sum_products,
    sum_products_and_pack,
    tile_of,
    zeros,
)
from .simd.memory import LINE

# Number k of row r is at[r * across + k * along].
Numbers = namedtuple("Numbers", "at across along")

# `rows` vectors of sums, vector r at at[r * stride], and what becomes of what is there.
Sums = namedtuple("Sums", "at stride rows there")

# If `begun`, a sum begins with `share` times what is there, else with nothing. If `apart`, what is
# there is added at the end, too.
There = namedtuple("There", "begun share apart")

# What to bring near meanwhile: a cache line with each product, from at + b * step on in block b of
# rows, as far as block `blocks`; and what is `listed`.
Ahead = namedtuple("Ahead", "at step blocks listed")

# If `given`, product k of a block that begins with row r also asks for the line at the address
# number k of `addresses`, plus (begin + r) * size bytes.
Listed = namedtuple("Listed", "given addresses begin size")

# The most rows in a block (see `simd.sum_products`).
TOGETHER = 12

# The threads of a team share the rows of a layer by so many together: the fewest in a block of the
# first size (see `simd.sum_products`).
ROWS_TOGETHER = TOGETHER // 2

# How many rows are taken by all tiles of a panel that has more than two, before further rows; and
# the most numbers of a row with which they stay in the second cache. A panel has so many tiles in
# float64 where registers have 32 bytes.
_ROWS_NEAR, _MOST_NEAR = 4 * ROWS_TOGETHER, 1280

# So many tiles are packed for so many rows and products, or more, and for so many rows at most, a
# block of examples. They go by `_PACKED` products. There is room for tiles of 16 columns, and for
# all columns of a panel.
_PACKED_FROM, _PACKED_ROWS = 96, 256
_PACKED = 256
_PACKED_ROOM, _BEFORE_ROOM = _PACKED * NARROW, _PACKED_ROWS * WIDE

# The vectors of a panel's tiles: number k of tile t is at at[t * across + k * stride].
Tiles = namedtuple("Tiles", "at stride across")


@inlined
def nothing_listed(memory):
    """No list; `memory` is a pointer to numbers of the type that products have."""
    return Listed(FALSE, memory, ZERO, ZERO)


@helper
def sum_panel(panel, numbers, vectors, count, sums, ahead):
    """`simd.sum_products` for a panel, a tile of columns at a time.

    If there are many tiles, they go packed where rows and products are many, too. Otherwise they
    all take as many rows first as stay near meanwhile: for each tile all numbers of the rows are
    read. Tiles that are so many are too narrow to ask for what is listed.
    """
    tile = tile_of(panel.zero, 5)
    many = lanes_of(panel.zero) > 2 * lanes_of(tile)
    few = sums.rows < _PACKED_FROM or count < _PACKED_FROM or sums.rows > _PACKED_ROWS
    if many and not few:
        _sum_packed(panel, numbers, vectors, count, sums, ahead)
    else:
        tiles = Tiles(vectors.at, vectors.stride, lanes_of(tile))
        together = _ROWS_NEAR if many and count <= _MOST_NEAR else sums.rows + 1
        for row in range(0, sums.rows, together):
            left, own = _from_row(numbers, sums, row, smaller(together, sums.rows - row))
            coming = _from_block(ahead, row // ROWS_TOGETHER)
            sum_tiles(panel, left, tiles, count, own, coming)


@inlined
def _from_row(numbers, sums, row, rows):
    """`rows` rows of numbers, and their sums."""
    left = Numbers(offset(numbers.at, row * numbers.across), numbers.across, numbers.along)
    return left, Sums(offset(sums.at, row * sums.stride), sums.stride, rows, sums.there)


@inlined
def _from_block(ahead, block):
    """What rows from that block on ask for."""
    begin = smaller(block, ahead.blocks)
    at = offset(ahead.at, begin * ahead.step)
    return Ahead(at, ahead.step, ahead.blocks - begin, ahead.listed)


@helper
def sum_tiles(panel, numbers, tiles, count, sums, ahead):
    """`simd.sum_products` for a panel, one tile after the other."""
    tile = tile_of(panel.zero, 5)
    for t in range(lanes_of(panel.zero) // lanes_of(tile)):
        right = Rows(offset(tiles.at, t * tiles.across), tiles.stride)
        own = Sums(offset(sums.at, t * lanes_of(tile)), sums.stride, sums.rows, sums.there)
        _sum_tile(tile, numbers, right, count, own, ahead)


@helper
def _sum_packed(panel, numbers, vectors, count, sums, ahead):
    """`simd.sum_products` for a panel and at most `_PACKED_ROWS` rows, with packed tiles.

    In a panel with many tiles the vectors of one lie 256 bytes apart, which is a quarter of the
    places of the first cache. So the first rows put those of `_PACKED` products side by side for
    the others. The chains of sums go on where the products before left them; what is to be added
    at their end waits elsewhere, if they have more products.
    """
    tile = tile_of(panel.zero, 5)
    lanes, line = lanes_of(tile), LINE // item_size(panel.at)
    packed, before = stack_room(panel.at, _PACKED_ROOM), stack_room(panel.at, _BEFORE_ROOM)
    later = sums.there.apart and count > _PACKED
    if later:
        _copy_sums(panel, sums, before)
    for k in range(0, count, _PACKED):
        products = smaller(_PACKED, count - k)
        there = There(TRUE, 1.0, FALSE)
        if k == 0:
            there = There(sums.there.begun, sums.there.share, sums.there.apart and not later)
        left = Numbers(offset(numbers.at, k * numbers.along), numbers.across, numbers.along)
        asked = Ahead(offset(ahead.at, k * line), ahead.step, ahead.blocks, ahead.listed)
        for part in range(0, lanes_of(panel.zero), lanes):
            right = Rows(offset(vectors.at, k * vectors.stride + part), vectors.stride)
            own = Sums(offset(sums.at, part), sums.stride, sums.rows, there)
            _pack_tile(tile, left, right, products, own, asked, packed)
            left_below, below = _from_row(left, own, ROWS_TOGETHER, own.rows - ROWS_TOGETHER)
            after = _from_block(asked, 1)
            _sum_tile(tile, left_below, Rows(packed, lanes), products, below, after)
    if later:
        _add_sums(panel, before, sums)


@helper
def _copy_sums(panel, sums, target):
    for row in range(sums.rows):
        for part in range(0, lanes_of(panel.zero), NARROW):
            vector = load(zeros(panel.at, NARROW), sums.at, row * sums.stride + part)
            store(target, row * lanes_of(panel.zero) + part, vector)


@helper
def _add_sums(panel, source, sums):
    for row in range(sums.rows):
        for part in range(0, lanes_of(panel.zero), NARROW):
            vector = load(zeros(panel.at, NARROW), source, row * lanes_of(panel.zero) + part)
            put_sum(vector, sums.at, row * sums.stride + part, TRUE)


@helper
def _sum_tile(tile, numbers, vectors, count, sums, ahead):
    """`simd.sum_products`, compiled once for all panels with such tiles."""
    sum_products(tile, numbers, vectors, count, sums, ahead)


@helper
def _pack_tile(tile, numbers, vectors, count, sums, ahead, packed):
    """`simd.sum_products_and_pack`, for the same reason."""
    sum_products_and_pack(tile, numbers, vectors, count, sums, ahead, packed)


@inlined
def put_sum(total, target, place, adding):
    """Store a vector; if `adding`, what was there plus that vector."""
    if adding:
        total = load(total, target, place) + total
    store(target, place, total)
