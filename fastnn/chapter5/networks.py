"""The chapter's networks and images."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import integer_within
from fastnn.datasets.dataset import Dataset
from fastnn.mnist_loader import load_data_wrapper
from fastnn.network2 import Network

TRAINING_IMAGES, VALIDATION_IMAGES = 50_000, 10_000
"""How many images MNIST has of each."""
HIDDEN = 30
"""Neurons of every hidden layer."""


def network_sizes(hidden_layers: int) -> list[int]:
    """Sizes of the chapter's network with this number of hidden layers: [784, 30, ..., 30, 10]."""
    return [784, *[HIDDEN] * hidden_layers, 10]


def new_network(hidden_layers: int, seed: int, dtype: npt.DTypeLike = np.float64) -> Network:
    """Initialise the chapter's network from a seed."""
    return Network(network_sizes(hidden_layers), dtype=dtype, seed=seed)


def training_images(n: int | None = None) -> Dataset:
    """The first `n` training images of MNIST, or all of them, in their original order."""
    n = TRAINING_IMAGES if n is None else check_images("n", n)
    return _mnist()[0][:n]


def validation_images(n: int | None = None) -> Dataset:
    """The first `n` validation images of MNIST, or all of them."""
    n = VALIDATION_IMAGES if n is None else integer_within("n", n, 1, VALIDATION_IMAGES)
    return _mnist()[1][:n]


def check_images(name: str, images: Any) -> int:
    """Return a number of training images as an int, if MNIST has so many."""
    return integer_within(name, images, 1, TRAINING_IMAGES)


def images_or_all(images: int | None) -> int:
    """Return the setting `images` of an experiment that takes all training images by default."""
    return TRAINING_IMAGES if images is None else check_images("images", images)


@functools.cache
def _mnist() -> tuple[Dataset, Dataset, Dataset]:
    """MNIST, read once in each process. Callers get slices, which keep their own order."""
    return load_data_wrapper()
