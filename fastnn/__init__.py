"""fastnn: the network2 program of *Neural Networks and Deep Learning*, compiled by Numba."""

from importlib import import_module
from typing import Any

from fastnn import gradients, mnist_loader, network, network2, own_data, sweeps
from fastnn.datasets.dataset import Dataset
from fastnn.engine.divergence import DivergedError
from fastnn.model.history import History
from fastnn.network2 import (
    CrossEntropyCost,
    LogLikelihoodCost,
    Network,
    PoissonCost,
    QuadraticCost,
    from_sklearn,
    from_torch,
    load,
    resume,
)
from fastnn.sweeps import compare, train_many

__version__ = "0.1.0"

__all__ = [
    "CrossEntropyCost",
    "Dataset",
    "DivergedError",
    "History",
    "LogLikelihoodCost",
    "Network",
    "PoissonCost",
    "QuadraticCost",
    "compare",
    "from_sklearn",
    "from_torch",
    "gradients",
    "live",
    "load",
    "mnist_loader",
    "network",
    "network2",
    "own_data",
    "resume",
    "sweeps",
    "train_many",
]


def __getattr__(name: str) -> Any:
    """Import `fastnn.live` when it is asked for: it lies in the chapter's folder."""
    if name == "live":
        return import_module("fastnn.chapter5.live")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
