"""Copies of arrays that kernels cannot read as they are: in Fortran's order, or read-only.

Weights that a script has transposed, as those of other programs, are in Fortran's order. Scripts
change arrays in place, so the copies are renewed before each call.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.kernels.layout import empty_at_line
from fastnn.model.description import Arrays
from fastnn.model.one_example import is_in_memory, is_plain

Copies = list[tuple[npt.NDArray[Any], npt.NDArray[Any]]]
"""Arrays, each with its copy."""


def can_be_copied(array: Any) -> bool:
    """Say whether an array is a matrix of NumPy's in memory that can be read at any time."""
    return (
        type(array) is np.ndarray
        and array.ndim == 2
        and array.flags.aligned
        and is_in_memory(array)
    )


def plain_ones(arrays: Arrays) -> tuple[Arrays, Copies]:
    """Return the arrays, with room for a copy in the place of each that is not plain."""
    copies = [
        (array, empty_at_line(array.shape, array.dtype)) for array in arrays if not is_plain(array)
    ]
    by_source = {id(source): copy for source, copy in copies}
    return [by_source.get(id(array), array) for array in arrays], copies


def renew(copies: Copies) -> bool:
    """Copy the arrays anew; False if a script has changed the shape or type of one in place."""
    for source, copy in copies:
        if source.shape != copy.shape or source.dtype != copy.dtype:
            return False
        copy[...] = source
    return True
