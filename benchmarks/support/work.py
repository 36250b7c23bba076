"""Count the operations and bytes of each kernel for one mini-batch, from the sizes alone.

Only useful operations count: two for each multiply-add that the mathematics asks for, on inputs
that are not zero and neurons that exist. Padding, the sigmoid, biases, decay and transposing
hidden weights are work too, but do not count.

Bytes are those of weights and inputs that pass between caches and registers. The activations and
errors of a mini-batch stay in the nearest cache and do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from fastnn.kernels.layout import padded

# `dense.product` loads each weight once for this many examples, by the bytes of a number.
_EXAMPLES_PER_LOAD = {8: 6, 4: 12}
# The bytes in which a non-zero pixel of MNIST is stored.
_SPARSE_PIXEL = 2


@dataclass(frozen=True)
class Work:
    """What a kernel does for one mini-batch."""

    operations: float
    read: float = 0.0  # bytes
    updated: float = 0.0  # bytes read plus bytes written

    def __add__(self, other: Work) -> Work:
        return Work(
            self.operations + other.operations,
            self.read + other.read,
            self.updated + other.updated,
        )


@dataclass(frozen=True)
class Workload:
    """What determines the work of all kernels for one mini-batch.

    Attributes
    ----------
    sizes : sequence of int
        Neurons of each layer.
    examples : int
        The size of the mini-batch.
    nonzeros : float
        How many inputs of an example are not zero, on average.
    item : int
        Bytes of a number.
    """

    sizes: Sequence[int]
    examples: int
    nonzeros: float
    item: int

    def sparse_forward(self) -> Work:
        """First layer: reads a row of weights for each non-zero pixel."""
        pixels = self.examples * self.nonzeros
        row = padded(self.sizes[1]) * self.item
        return Work(2 * pixels * self.sizes[1], read=pixels * (row + _SPARSE_PIXEL))

    def sparse_update(self) -> Work:
        """First layer: reads and writes the same rows."""
        pixels = self.examples * self.nonzeros
        row = padded(self.sizes[1]) * self.item
        return Work(
            2 * pixels * self.sizes[1], read=pixels * _SPARSE_PIXEL, updated=2 * pixels * row
        )

    def dense_forward(self) -> Work:
        """First layer, dense: reads all weights once for some examples at a time."""
        weights = self.sizes[0] * padded(self.sizes[1]) * self.item
        inputs = self.examples * self.sizes[0] * self.item
        return Work(
            2 * self.examples * self.sizes[0] * self.sizes[1],
            read=self._loads() * weights + inputs,
        )

    def dense_update(self) -> Work:
        """First layer, dense: reads and writes all weights once."""
        weights = self.sizes[0] * padded(self.sizes[1]) * self.item
        inputs = self.examples * self.sizes[0] * self.item
        return Work(
            2 * self.examples * self.sizes[0] * self.sizes[1], read=inputs, updated=2 * weights
        )

    def gather(self) -> Work:
        """Copy dense rows into scratch memory."""
        return Work(0, updated=2 * self.examples * self.sizes[0] * self.item)

    def forward(self) -> Work:
        """All layers."""
        weights = sum(a * padded(b) for a, b in pairwise(self.sizes[1:])) * self.item
        return self.sparse_forward() + Work(self._hidden(), read=self._loads() * weights)

    def backward(self) -> Work:
        """All layers but the first; a panel of their weights is transposed on the way."""
        weights = sum(a * padded(b) for a, b in pairwise(self.sizes[1:])) * self.item
        return Work(self._hidden(), read=self._loads() * weights)

    def update(self) -> Work:
        """All layers."""
        weights = sum(a * padded(b) for a, b in pairwise(self.sizes[1:]))
        return self.sparse_update() + Work(self._hidden(), updated=2 * weights * self.item)

    def _hidden(self) -> int:
        return sum(2 * self.examples * a * b for a, b in pairwise(self.sizes[1:]))

    def _loads(self) -> int:
        return ceil(self.examples / _EXAMPLES_PER_LOAD[self.item])
