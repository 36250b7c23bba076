"""Products of a block of examples with a layer's weights: the three matrix products of backprop.

Every element of a result is one chain of fused multiply-adds in the order of the index summed over;
in the first layer there are two chains (see `first_layer`). The shapes of blocks do not matter for
that, so they may be tuned without changing a bit. What a step adds to a hidden or output weight is
such a chain too, added to the weight at its end; for a decay near 0 it begins with what is left of
the weight.

x and d are `panels.Rows` of shape (examples, rows) and (examples, columns), w is `panels.Panels` of
shape (rows, columns).
"""

from __future__ import annotations

from collections import namedtuple

from .compiling import FALSE, TRUE, ZERO, helper, inlined, smaller
from .panels import NARROW, WIDE, Panels, Rows, on_panel
from .simd import (
    item_size,
    lanes_of,
    load,
    offset,
    splat,
    square_of,
    store,
    sum_products,
    tile_of,
    transpose_square,
    zeros,
)
from .simd.products import LINE

# Number k of row r is at[r * across + k * along].
Numbers = namedtuple("Numbers", "at across along")

# Vectors of a panel, vector k at at[k * along], and room to put its tiles side by side. If they are
# that already, which `along` tells, there is room for `TRANSPOSED_ROWS` vectors of each.
Tiles = namedtuple("Tiles", "at along room")

# `rows` vectors of sums, vector r at at[r * stride], and what becomes of what is there.
Sums = namedtuple("Sums", "at stride rows there")

# If `begun`, a sum begins with `share` times what is there, else with nothing. If `apart`, what is
# there is added at the end, too.
There = namedtuple("There", "begun share apart")

# What is there is a sum to go on with.
_GOING_ON = There(TRUE, 1.0, FALSE)

# What to bring near meanwhile: a cache line with each product, from at + b * step on in block b of
# rows, as far as block `blocks`; and what is `listed`.
Ahead = namedtuple("Ahead", "at step blocks listed")

# If `given`, product k of a block that begins with row r also asks for the line at the address
# number k of `addresses`, plus (begin + r) * size bytes.
Listed = namedtuple("Listed", "given addresses begin size")

# The most rows in a block (see `simd.sum_products`).
_TOGETHER = 12

# How many rows of transposed weights are made at a time; a panel of them stays near.
TRANSPOSED_ROWS = 256

# How many rows of weights are updated by all errors of a panel before those of the next: so many
# columns of the inputs stay in the second cache.
UPDATED_NEAR = 20 * _TOGETHER

# How many examples are added up before the next ones, if nothing is added at the end: their errors
# for a panel stay in the first cache.
_EXAMPLES_NEAR = 128

# The threads of a team share the rows of a layer by so many together: the fewest in a block of the
# first size (see `simd.sum_products`).
ROWS_TOGETHER = _TOGETHER // 2

# The tiles of a panel take so many rows before further ones, and so many products of each row
# before the next products. Sums that have something added at their end are not parted; they go as
# far as a row of numbers stays in the second cache.
_ROWS_NEAR, _PRODUCTS_NEAR, _MOST_NEAR = 4 * ROWS_TOGETHER, 256, 1280

# Several tiles are put side by side where a column of sums has so many bytes and more, from so many
# products on, if they fit the room for that: so many vectors of a panel. Half of it would do for
# sums that are parted.
_WORTH_COPYING, _FEWEST_COPIED, ROOM_ROWS = 384, 64, 512

# So many rows of a panel: where they are, which row and column come first, and how many.
Part = namedtuple("Part", "at row column rows lanes")


@inlined
def nothing_listed(memory):
    """No list; `memory` is a pointer to numbers of the type that products have."""
    return Listed(FALSE, memory, ZERO, ZERO)


@inlined
def product(x, w, out, examples):
    """out[e, :] = sum_i x[e, i] w[i, :]."""
    product_of_rows(x, w, ZERO, w.rows, out, examples, FALSE)


@inlined
def product_of_rows(x, w, begin, end, out, examples, adding):
    """The product over i from `begin` to before `end`; out[e, :] + that, if `adding`."""
    numbers = Numbers(offset(x.at, begin), x.stride, 1)
    count = end - begin
    for column in range(0, w.stride, WIDE):
        lanes = smaller(WIDE, w.stride - column)
        at = offset(w.at, column * w.rows + begin * lanes)
        tiles = Tiles(at, lanes, w.room)
        there = There(FALSE, 0.0, adding)
        sums = Sums(offset(out.at, column), out.stride, examples, there)
        line = LINE // item_size(w.at)
        next_panel = offset(at, w.rows * lanes)
        listed = nothing_listed(w.at)
        ahead = Ahead(next_panel, count * line, lanes // line - 1, listed)
        on_panel(_sum_panel, w, column, (numbers, tiles, count, sums, ahead))


@helper
def _sum_panel(panel, numbers, tiles, count, sums, ahead):
    """`simd.sum_products` for a panel, a tile of columns at a time.

    For each tile all numbers of the rows are read. Where several tiles are worth copying, they are
    put side by side first: in a panel they share a few places of the first cache. Then, and where
    there are more than two, they all take as many rows and products as stay near before further
    ones. Several tiles are too narrow to ask for what is listed.
    """
    tile, lanes = tile_of(panel.zero, 5), lanes_of(panel.zero)
    wide, apart = lanes_of(tile), sums.there.apart
    worth = sums.rows * item_size(tiles.at) >= _WORTH_COPYING and count >= _FEWEST_COPIED
    worth = worth and tiles.along > wide
    parted = lanes > 2 * wide or (lanes > wide and worth)
    together = _ROWS_NEAR if parted and (count <= _MOST_NEAR or not apart) else sums.rows + 1
    summed = _PRODUCTS_NEAR if parted and not apart else count + 1
    line = LINE // item_size(tiles.at)
    k = ZERO  # `while`, because a range with such a step divides
    while k < _at_least_one(count):
        there = _GOING_ON if k > 0 else sums.there
        products = smaller(summed, count - k)
        at, along = offset(tiles.at, k * tiles.along), tiles.along
        distance = wide if along > wide else TRANSPOSED_ROWS * wide
        if lanes > wide and worth and products <= ROOM_ROWS:
            _put_side_by_side(tile, at, along, products, lanes, tiles.room)
            at, along, distance = tiles.room, wide, products * wide
        row = ZERO
        while row < sums.rows:
            rows = smaller(together, sums.rows - row)
            first = offset(numbers.at, row * numbers.across + k * numbers.along)
            left = Numbers(first, numbers.across, numbers.along)
            into = offset(sums.at, row * sums.stride)
            block = smaller(row // ROWS_TOGETHER, ahead.blocks)
            begin = offset(ahead.at, block * ahead.step + k * line)
            coming = Ahead(begin, ahead.step, ahead.blocks - block, ahead.listed)
            for part in range(0, lanes, wide):
                right = Rows(offset(at, part // wide * distance), along)
                own = Sums(offset(into, part), sums.stride, rows, there)
                sum_products(tile, left, right, products, own, coming)
            row += together
        k += summed


@helper
def _put_side_by_side(tile, at, along, count, lanes, room):
    """Copy `count` vectors of `lanes` numbers, `along` apart, into the room, tile after tile."""
    wide = lanes_of(tile)
    for k in range(count):
        for part in range(0, lanes, wide):
            store(room, part * count + k * wide, load(tile, at, k * along + part))


@inlined
def add_outer(x, d, w, begin, end, examples):
    """w[i, :] += sum_e x[e, i] d[e, :] (BP4) for rows from `begin` to before `end`.

    Chains begin with w.
    """
    _outer(x, d, w, begin, end, examples, There(TRUE, 1.0, FALSE))


@inlined
def update(x, d, w, begin, end, examples, decay):
    """w[i, :] = decay w[i, :] + sum_e x[e, i] d[e, :]: the step, if d = -eta/m delta.

    It is that of the rows i from `begin` to before `end`.

    The sum is complete before it is added to w. In float32 a single example often adds too little
    to change w, and what is lost that way does not cancel. It begins with (decay - 1) w, which has
    the digits that a decay next to 1 would lose in float32.

    With a decay next to 0 most of (decay - 1) w would cancel with w, and the digits of what is
    left with it. Then the sum begins with decay w, and nothing is added to it.
    """
    apart = not is_next_to_0(decay)
    begun = decay != 1.0  # or even infinities would count
    _outer(x, d, w, begin, end, examples, There(begun, decay - 1.0 if apart else decay, apart))


@inlined
def is_next_to_0(decay):
    """Whether most of (decay - 1) w would cancel with w."""
    return -0.5 < decay < 0.5


@inlined
def _outer(x, d, w, begin, end, examples, there):
    for row in range(begin, end, UPDATED_NEAR):
        for column in range(0, w.stride, WIDE):
            part = part_of(w, row, end, column)
            outer_of_part(x, d, w, part, examples, there, part.at, nothing_listed(w.at))


@inlined
def _at_least_one(count):
    """The count, or one where it is zero: a sum of nothing is put where it belongs, too."""
    return count if count > 0 else 1


@inlined
def part_of(w, row, end, column):
    """`UPDATED_NEAR` rows of a panel, or those that are left, from a row and a column on."""
    lanes = smaller(WIDE, w.stride - column)
    at = offset(w.at, column * w.rows + row * lanes)
    return Part(at, row, column, smaller(UPDATED_NEAR, end - row), lanes)


@inlined
def outer_of_part(x, d, w, part, examples, there, into, listed):
    """into = sum_e x[e, i] d[e, :] for a part of w, with what is `there`."""
    lanes, step = part.lanes, _TOGETHER * part.lanes
    ahead = Ahead(offset(part.at, step), step, part.rows // _TOGETHER, listed)
    together = _at_least_one(examples) if there.apart else _EXAMPLES_NEAR
    e = ZERO
    while e < _at_least_one(examples):
        numbers = Numbers(offset(x.at, e * x.stride + part.row), 1, x.stride)
        at = offset(d.at, e * d.stride + part.column)
        errors = Tiles(at, d.stride, w.room)
        count = smaller(together, examples - e)
        sums = Sums(into, lanes, part.rows, _GOING_ON if e > 0 else there)
        on_panel(_sum_panel, w, part.column, (numbers, errors, count, sums, ahead))
        e += together


@helper
def product_with_transposed(d, w, width, begin, out, columns, examples, room):
    """out[e, :] = sum_j d[e, j] w[begin + i, j] for i below `columns`, a multiple of 16 (BP2).

    `width` is how many columns w has without its padding. `room` is for parts of its transpose,
    which are made as they are needed. Where i is in the padding, out is zero.
    """
    for column in range(0, width, TRANSPOSED_ROWS):
        count = smaller(TRANSPOSED_ROWS, width - column)
        numbers = Numbers(offset(d.at, column), d.stride, 1)
        there = There(column > 0, 1.0, FALSE)
        for row in range(0, columns, WIDE):
            lanes = smaller(WIDE, columns - row)
            tile = smaller(lanes_of(tile_of(zeros(w.at, WIDE), 5)), lanes)
            tiles = Tiles(room, tile, room)
            _transpose(w, begin + row, column, count, tiles, lanes)
            sums = Sums(offset(out.at, row), out.stride, examples, there)
            after = offset(w.at, column * w.rows + (begin + row + lanes) * WIDE)
            ahead = Ahead(after, w.rows * WIDE, count // WIDE, nothing_listed(w.at))
            panel = Panels(room, count, lanes, room)  # side by side: nothing is copied to there
            on_panel(_sum_panel, panel, ZERO, (numbers, tiles, count, sums, ahead))


@helper
def _transpose(w, row, column, count, tiles, lanes):
    """Vector j of the tiles holds w[row : row + lanes, column + j], for j below `count`.

    Behind the last row of w it holds zeros. It goes by squares that are transposed in registers,
    and so in the padding of w too: j goes on to the end of a square.
    """
    square = square_of(w.at)
    side = lanes_of(square)
    for right in range(0, count, WIDE):
        pitch = smaller(WIDE, w.stride - column - right)
        width = smaller(pitch, count - right)
        source = offset(w.at, (column + right) * w.rows + row * pitch)
        for i in range(0, lanes, side):
            rows = w.rows - row - i
            place = i // tiles.along * TRANSPOSED_ROWS * tiles.along + i % tiles.along
            target = offset(tiles.at, place + right * tiles.along)
            for j in range(0, width, side):
                origin, image = offset(source, i * pitch + j), offset(target, j * tiles.along)
                transpose_square(square, origin, pitch, rows, image, tiles.along)


@inlined
def put_sum(total, target, place, adding):
    """Store a vector; if `adding`, what was there plus that vector."""
    if adding:
        total = load(total, target, place) + total
    store(target, place, total)


@helper
def add_rows(d, columns, b, examples):
    """b[:columns] += sum_e d[e, :columns]: the gradient of the biases (BP3)."""
    for column in range(0, columns, NARROW):
        total = zeros(b, 16)
        for e in range(examples):
            total = total + load(total, d.at, e * d.stride + column)
        store(b, column, load(total, b, column) + total)


@helper
def scale(values, count, factor):
    """values[:count] *= factor, for a count that is a multiple of 16."""
    for k in range(0, count, NARROW):
        vector = load(zeros(values, 16), values, k)
        store(values, k, vector * splat(vector, factor))


@helper
def scale_rows(d, columns, examples, factor):
    """d[:, :columns] *= factor."""
    for e in range(examples):
        scale(offset(d.at, e * d.stride), columns, factor)
