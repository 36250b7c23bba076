"""Floats that own code reads, and that take value after value: they are kept in memory for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.model.what_is_read import Reading

# So many values are compiled in, each with code of its own. With more, code reads them anew.
_MOST_VALUES = 4

# Where values are. Code may still be running when nobody has its function any more.
_CELLS: list[npt.NDArray[np.float64]] = []


class ChangingValues:
    """The floats that functions read by names, as globals and closures.

    Parameters
    ----------
    functions : int
        How many functions there are.

    Attributes
    ----------
    compiled : dict
        What has been compiled to read them from memory, by what else is read.
    """

    def __init__(self, functions: int) -> None:
        self.compiled: dict[Any, Any] = {}
        self._met = 0
        self._cells: list[dict[str, npt.NDArray[np.float64]]] = [{} for _ in range(functions)]

    def are_many(self) -> bool:
        """Count other values; say whether there have been too many to compile them in."""
        self._met += 1
        return self._met > _MOST_VALUES

    def take(self, readings: list[Reading]) -> tuple[Any, ...]:
        """Take over the present values; return what is read without them."""
        pairs = zip(self._cells, readings, strict=True)
        return tuple(tuple(_without(cells, entry) for entry in it.read) for cells, it in pairs)

    def addresses(self) -> list[dict[str, int]]:
        """Where the values of each function are, by their names."""
        return [{name: it.ctypes.data for name, it in cells.items()} for cells in self._cells]


def _without(cells: dict[str, npt.NDArray[np.float64]], entry: Any) -> Any:
    if not (isinstance(entry, tuple) and len(entry) == 3 and entry[1] is float):
        return entry
    name, _, written = entry
    if not name.isidentifier():  # a default, or an attribute of a module
        return entry
    if name not in cells:
        cells[name] = np.zeros(1)
        _CELLS.append(cells[name])
    cells[name][0] = float(written)
    return name, float
