"""What several commands take from the command line."""

from __future__ import annotations

DTYPES = ("float64", "float32")


def layer_sizes(text: str) -> list[int]:
    """Read the sizes of a network's layers, say ``784,30,10``."""
    return [int(size) for size in text.split(",")]
