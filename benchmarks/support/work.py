"""Operations and bytes of each kernel for one mini-batch, from the sizes alone.

Useful operations only: two for each multiply-add of a product that the mathematics asks for, on
inputs that are not zero and neurons that exist. Padding, the sigmoid, biases, decay and the second
copy of hidden weights are work that is done but does not count.

Bytes are those of weights and inputs that pass between the caches and the registers; activations
and errors of a mini-batch stay in the nearest cache and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from fastnn.kernels.layout import padded

# `dense.product` loads each weight once for so many examples.
_EXAMPLES_PER_LOAD = 5
# A non-zero pixel of MNIST is stored in an entry of 16 bits.
_SPARSE_PIXEL = 2


@dataclass(frozen=True)
class Work:
    """What a kernel has to do for one mini-batch."""

    operations: float
    read: float = 0.0  # bytes
    updated: float = 0.0  # bytes read and bytes written, both counted

    def __add__(self, other: Work) -> Work:
        return Work(
            self.operations + other.operations,
            self.read + other.read,
            self.updated + other.updated,
        )


@dataclass(frozen=True)
class MiniBatch:
    """A mini-batch of `examples` with so many `nonzeros` each, for numbers of `item` bytes."""

    sizes: Sequence[int]
    examples: int
    nonzeros: float
    item: int

    def sparse_forward(self) -> Work:
        """First layer: a row of weights for each non-zero pixel."""
        pixels = self.examples * self.nonzeros
        row = padded(self.sizes[1]) * self.item
        return Work(2 * pixels * self.sizes[1], read=pixels * (row + _SPARSE_PIXEL))

    def sparse_update(self) -> Work:
        """First layer: the same rows, read and written."""
        pixels = self.examples * self.nonzeros
        row = padded(self.sizes[1]) * self.item
        return Work(
            2 * pixels * self.sizes[1], read=pixels * _SPARSE_PIXEL, updated=2 * pixels * row
        )

    def dense_forward(self) -> Work:
        """First layer without zeros: all weights for every five examples."""
        weights = self.sizes[0] * padded(self.sizes[1]) * self.item
        inputs = self.examples * self.sizes[0] * self.item
        return Work(
            2 * self.examples * self.sizes[0] * self.sizes[1],
            read=self._loads() * weights + inputs,
        )

    def dense_update(self) -> Work:
        """First layer without zeros: all weights once."""
        weights = self.sizes[0] * padded(self.sizes[1]) * self.item
        inputs = self.examples * self.sizes[0] * self.item
        return Work(
            2 * self.examples * self.sizes[0] * self.sizes[1], read=inputs, updated=2 * weights
        )

    def gather(self) -> Work:
        """Copying dense rows into scratch."""
        return Work(0, updated=2 * self.examples * self.sizes[0] * self.item)

    def forward(self) -> Work:
        """All layers."""
        weights = sum(a * padded(b) for a, b in pairwise(self.sizes[1:])) * self.item
        return self.sparse_forward() + Work(self._hidden(), read=self._loads() * weights)

    def backward(self) -> Work:
        """All layers but the first, with the transposed weights."""
        weights = sum(b * padded(a) for a, b in pairwise(self.sizes[1:])) * self.item
        return Work(self._hidden(), read=self._loads() * weights)

    def update(self) -> Work:
        """All layers; hidden weights in both their layouts."""
        weights = sum(a * padded(b) + b * padded(a) for a, b in pairwise(self.sizes[1:]))
        return self.sparse_update() + Work(self._hidden(), updated=2 * weights * self.item)

    def _hidden(self) -> int:
        return sum(2 * self.examples * a * b for a, b in pairwise(self.sizes[1:]))

    def _loads(self) -> int:
        return ceil(self.examples / _EXAMPLES_PER_LOAD)
