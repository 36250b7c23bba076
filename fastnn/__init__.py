"""fastnn: the network2 program of *Neural Networks and Deep Learning*, compiled by Numba."""

from fastnn import gradients, mnist_loader, network, network2, own_data, sweeps
from fastnn.datasets.dataset import Dataset
from fastnn.engine.divergence import DivergedError
from fastnn.network2 import (
    CrossEntropyCost,
    LogLikelihoodCost,
    Network,
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
    "LogLikelihoodCost",
    "Network",
    "QuadraticCost",
    "compare",
    "from_sklearn",
    "from_torch",
    "gradients",
    "load",
    "mnist_loader",
    "network",
    "network2",
    "own_data",
    "resume",
    "sweeps",
    "train_many",
]
