"""The pairs that were handed out of a data set's arrays, and what was written into them since."""

from __future__ import annotations

import mmap
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.datasets.store import Store

_MOST_ROWS = 256  # of a block
_MOST_BYTES = 1 << 20


class Example(tuple[Any, Any]):
    """A pair `(x, y)` that knows which row of which arrays it is."""

    mark: object
    row: int

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the pair as a plain one, without the data set it came from."""
        return tuple, (tuple(self),)


class _Block:
    """Memory for the arrays of several pairs, so that they can be compared in one step.

    Attributes
    ----------
    used : int
        How many places are taken.
    rows : ndarray of int64, shape (room,)
        The row of the store that the pair at each place stands for; -1 where Ctrl-C came before
        the pair was there.
    columns : ndarray, shape (room, inputs)
        What the x of the pairs are views of.
    answers : ndarray of float64, shape (room, outputs), or None
        What the y are views of; None for scalars, which nobody can write into.
    """

    def __init__(self, room: int, store: Store) -> None:
        self.used = 0
        self.rows = np.full(room, -1, np.int64)
        self.columns = np.empty((room, store.inputs.shape[1]), store.number_type)
        outputs = store.answer_length
        self.answers = None if outputs is None else np.empty((room, outputs))

    def has_room(self, count: int) -> bool:
        return len(self.rows) - self.used >= count

    def pairs(self) -> Any:
        """The places that have a pair."""
        there = self.rows[: self.used] >= 0
        return slice(self.used) if there.all() else np.flatnonzero(there)


class GivenPairs:
    """The arrays of a data set, and the pairs that were handed out of them.

    A pair is made when it is first asked for, and kept: the next one who asks gets the same
    object. So `data[0] is data[0]`, and what a script writes into its arrays stays. `settled`
    looks for such changes when the arrays are needed. A data set and all its slices share one of
    these; as long as nobody looks at a pair, it costs nothing.

    Pairs of a read-only memory map are not kept, because it may be larger than the memory. Their
    arrays are read-only.

    Parameters
    ----------
    store : Store
        The arrays.
    """

    def __init__(self, store: Store) -> None:
        self.mark = object()  # tells the pairs of this object from those of others
        self._store = store
        self._read_only = _is_read_only_map(store.inputs)
        self._by_row: dict[int, Example] = {}
        self._blocks: list[_Block] = []
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle the arrays alone; a copy hands out pairs of its own."""
        return GivenPairs, (self.settled("data"),)

    def __len__(self) -> int:
        """The number of rows."""
        return len(self._store.inputs)

    @property
    def width(self) -> int:
        """The number of inputs of an example."""
        return int(self._store.inputs.shape[1])

    def row_of(self, pair: Any) -> int | None:
        """The row that a pair stands for; None if it comes from elsewhere."""
        return pair.row if isinstance(pair, Example) and pair.mark is self.mark else None

    def pair(self, row: int) -> Example:
        """The pair of a row."""
        if self._read_only:
            return self._read_only_pair(row)
        if row not in self._by_row:
            self._hand_out([row])
        return self._by_row[row]

    def has(self, row: int) -> bool:
        """Say whether the pair of a row need not be made ahead."""
        return self._read_only or row in self._by_row

    def expect(self, rows: Sequence[int]) -> None:
        """Make the pairs of the first rows, which are about to be asked for in this order."""
        self._hand_out(rows[: self._most_rows()])

    def settled(self, name: str) -> Store:
        """The arrays, with everything that was written into pairs; `name` is for errors.

        Raises
        ------
        ValueError
            If a number that was written is not finite.
        """
        if self._blocks:
            with self._lock:
                columns, answers = self._written()
                self._store = self._store.with_rows(name, columns, answers)
        return self._store

    def has_same(self, rows: Sequence[int], other: GivenPairs, others: Sequence[int]) -> bool:
        """Say whether some rows hold what as many rows of another object's arrays hold.

        No pairs are made. Raises ValueError as `settled` does.
        """
        store, stored = self.settled("data"), other.settled("data")
        form = store.answer_length, self.width
        if (stored.answer_length, other.width) != form:
            return False
        for start in range(0, len(rows), _MOST_ROWS):
            here, there = (list(each[start : start + _MOST_ROWS]) for each in (rows, others))
            if not np.array_equal(store.input_rows(here), stored.input_rows(there)):
                return False
            if store.answer_length is None:
                same = np.array_equal(store.targets[here], stored.targets[there])
            else:
                same = np.array_equal(store.target_vectors(here), stored.target_vectors(there))
            if not same:
                return False
        return True

    def _hand_out(self, rows: Sequence[int]) -> None:
        """Make the pairs of those rows that have none yet."""
        with self._lock:
            missing = [row for row in dict.fromkeys(rows) if row not in self._by_row]
            if not missing:
                return
            store, block = self._store, self._block_for(len(missing))
            here = slice(block.used, block.used + len(missing))
            block.used = here.stop
            block.columns[here] = store.input_rows(missing)
            xs = list(block.columns[here, :, np.newaxis])
            if block.answers is None:
                ys = [store.target(row) for row in missing]
            else:
                block.answers[here] = store.target_vectors(missing)
                ys = list(block.answers[here, :, np.newaxis])
            made = {
                row: self._example(row, x, y) for row, x, y in zip(missing, xs, ys, strict=True)
            }
            # Ctrl-C is heard before or after these two lines, so that no place is compared whose
            # pair nobody has.
            block.rows[here] = missing
            self._by_row.update(made)

    def _block_for(self, count: int) -> _Block:
        """A block with room for so many pairs; rooms grow with the number of pairs."""
        if not self._blocks or not self._blocks[-1].has_room(count):
            room = max(count, min(self._most_rows(), len(self._by_row)))
            self._blocks.append(_Block(room, self._store))
        return self._blocks[-1]

    def _most_rows(self) -> int:
        row_bytes = self._store.number_type.itemsize * self.width
        return max(1, min(_MOST_ROWS, _MOST_BYTES // row_bytes))

    def _example(self, row: int, x: Any, y: Any) -> Example:
        example = Example((x, y))
        example.mark, example.row = self.mark, row
        return example

    def _read_only_pair(self, row: int) -> Example:
        x, y = self._store.input_column(row), self._store.target(row)
        for part in (x, y):
            if isinstance(part, np.ndarray):
                part.flags.writeable = False
        return self._example(row, x, y)

    def _written(self) -> tuple[Any, Any]:
        """The rows where pairs differ from the arrays, with the pairs' inputs and with their y."""
        columns, answers = [], []
        for block in self._blocks:
            here = block.pairs()
            rows, now = block.rows[here], block.columns[here]
            changed = (now != self._store.input_rows(rows)).any(axis=1)
            if changed.any():
                columns.append((rows[changed], now[changed]))
            if block.answers is not None:
                wanted = block.answers[here]
                changed = (wanted != self._store.target_vectors(rows)).any(axis=1)
                if changed.any():
                    answers.append((rows[changed], wanted[changed]))
        return _joined(columns), _joined(answers)


def _joined(parts: list[tuple[npt.NDArray[Any], npt.NDArray[Any]]]) -> Any:
    """Rows and values of several blocks in one array each; None if there are none."""
    if not parts:
        return None
    rows, values = zip(*parts, strict=True)
    return np.concatenate(rows), np.concatenate(values)


def _is_read_only_map(inputs: Any) -> bool:
    """Say whether inputs lie in a file that is mapped into memory and cannot be written."""
    if not isinstance(inputs, np.ndarray) or inputs.flags.writeable:
        return False
    memory: Any = inputs
    while memory is not None:
        if isinstance(memory, (np.memmap, mmap.mmap)):
            return True
        memory = memory.obj if isinstance(memory, memoryview) else getattr(memory, "base", None)
    return False
