"""Sparse matrices of SciPy's that are broken at random, and what plain Python makes of them."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import strategies as st
from scipy import sparse

FORMS = ("csr", "csc", "bsr", "coo", "lil", "dia")
_ODD = [-(2**31), -2, -1, 0, 1, 2, 3, 4, 5, 6, 9, 60_000, 10**8, 2**31 - 1]
_ARRAYS = {
    "csr": ("indices", "indptr"),
    "csc": ("indices", "indptr"),
    "bsr": ("indices", "indptr"),
    "coo": ("row", "col"),
    "lil": (),
    "dia": ("offsets",),
}


@st.composite
def matrices(draw):
    """Draw a small matrix of any form; in most of them some places are changed afterwards."""
    form = draw(st.sampled_from(FORMS))
    shape = draw(st.sampled_from([(4, 6), (6, 4), (4, 2), (8, 6)]))
    full = np.array(draw(st.lists(st.sampled_from([0, 0, 0.5, 2]), min_size=48, max_size=48)))
    matrix = sparse.csr_matrix(full[: shape[0] * shape[1]].reshape(shape)).asformat(form)
    if form == "lil":
        for row in matrix.rows[: draw(st.integers(0, 2))]:
            row.extend(draw(st.lists(st.sampled_from(_ODD), max_size=2)))
    for name in _ARRAYS[form]:
        # Arrays of one's own: SciPy's may share theirs.
        array = getattr(matrix, name).copy()
        for place in draw(st.lists(st.integers(0, 60), max_size=2)):
            if place < len(array):
                array[place] = draw(st.sampled_from(_ODD))
        changes = [array] * 9 + [array[:-1], np.append(array, 0), array * 1.0, array.reshape(-1, 1)]
        setattr(matrix, name, draw(st.sampled_from(changes)))
    if form in ("csr", "csc") and draw(st.booleans()):
        matrix.has_canonical_format = True  # what SciPy once found, which need not hold any more
    return matrix


def full_matrix(matrix):
    """The full array, made number by number; None if the matrix names places that it lacks."""
    full = np.zeros(matrix.shape)
    try:
        for row, column, number in _numbers(matrix):
            if row < 0 or column < 0:
                return None
            full[row, column] += number
    except (IndexError, TypeError, ValueError):
        return None
    return full


def _numbers(matrix):
    """Every number with its row and column; ValueError where arrays do not go together."""
    if matrix.format == "coo":
        yield from zip(
            map(_index, matrix.row), map(_index, matrix.col), matrix.data.tolist(), strict=True
        )
    elif matrix.format == "lil":
        for row, (columns, numbers) in enumerate(zip(matrix.rows, matrix.data, strict=True)):
            for column, number in zip(columns, numbers, strict=True):
                yield row, column, number
    elif matrix.format == "dia":
        for offset, numbers in zip(map(_index, matrix.offsets), matrix.data.tolist(), strict=True):
            for column, number in enumerate(numbers):
                if 0 <= column - offset < matrix.shape[0] and column < matrix.shape[1]:
                    yield column - offset, column, number
    else:
        yield from _compressed_numbers(matrix)


def _compressed_numbers(matrix):
    blocks = matrix.data.reshape(len(matrix.data), *(matrix.data.shape[1:] or (1, 1)))
    high, wide = blocks.shape[1:]
    starts, indices = [list(map(_index, a)) for a in (matrix.indptr, matrix.indices)]
    lines = matrix.shape[1 if matrix.format == "csc" else 0] // high
    if len(starts) != lines + 1 or starts[0] != 0 or starts[-1] != len(indices):
        raise ValueError
    if starts != sorted(starts) or len(indices) != len(blocks):
        raise ValueError
    for line, (begin, end) in enumerate(itertools.pairwise(starts)):
        for index, block in zip(indices[begin:end], blocks[begin:end], strict=True):
            for row, column in np.ndindex(high, wide):
                place = line * high + row, index * wide + column
                yield *(place[::-1] if matrix.format == "csc" else place), block[row, column]


def _index(entry):
    if not isinstance(entry, np.integer):
        raise TypeError
    return int(entry)


def described(matrix):
    """All of a matrix in a line, for the report of a crash; SciPy's functions are not used."""
    parts = {name: getattr(matrix, name).tolist() for name in _ARRAYS[matrix.format]}
    return f"{matrix.format} {matrix.shape} {parts} {matrix.data.tolist()}"
