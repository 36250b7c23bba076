"""The task that all programs are given, and the methods that they must have."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from fastnn import Dataset

Arrays = list[npt.NDArray[Any]]


@dataclass(frozen=True)
class Task:
    """One network to train on one data set, the same for every program.

    Attributes
    ----------
    sizes : list of int
        Neurons of each layer.
    dtype : numpy dtype
        float64 or float32.
    mini_batch_size : int
    eta, lmbda : float
        Learning rate and regularisation parameter.
    data : Dataset
        The examples in their first order, for fastnn and the reference.
    inputs : ndarray, shape (n, sizes[0])
        The same inputs in `dtype`, for programs that take arrays.
    targets : ndarray, shape (n, sizes[-1])
        The desired outputs in `dtype`.
    weights, biases : list of ndarray
        Initial values in `dtype`, shaped as network2's.
    threads : int
        How many threads a program may use.
    activation : str
        Of the hidden layers: "sigmoid", "tanh" or "relu".
    cost : str
        "cross-entropy" of sigmoid outputs, or "log-likelihood" of softmax outputs.
    optimizer : str
        "sgd", or "adam" in the form and with the numbers of `fastnn.optimisers.Adam`.
    momentum : float
        mu of ``v <- mu v - eta g, w <- w + v``, for "sgd" only.
    """

    sizes: list[int]
    dtype: np.dtype[Any]
    mini_batch_size: int
    eta: float
    lmbda: float
    data: Dataset
    inputs: npt.NDArray[Any]
    targets: npt.NDArray[Any]
    weights: Arrays
    biases: Arrays
    threads: int
    activation: str = "sigmoid"
    cost: str = "cross-entropy"
    optimizer: str = "sgd"
    momentum: float = 0.0

    @property
    def l2(self) -> float:
        """lmbda / n; times the weights, this is the gradient of their penalty."""
        return self.lmbda / len(self.inputs)

    @property
    def decay(self) -> float:
        """The factor on all weights in each step of plain gradient descent."""
        return 1.0 - self.eta * self.l2

    @property
    def options(self) -> dict[str, Any]:
        """How the training differs from network2's: the fields that are not at their default."""
        optional = [field for field in fields(self) if field.default is not MISSING]
        values = {field.name: getattr(self, field.name) for field in optional}
        return {f.name: values[f.name] for f in optional if values[f.name] != f.default}


class Program(Protocol):
    """A way to train the network of a task.

    A program imports its library inside these methods, so that its module can be imported where
    the library is missing.
    """

    name: ClassVar[str]
    library: ClassVar[str]  # its distribution
    module: ClassVar[str]  # its name in an import
    dtypes: ClassVar[tuple[str, ...]]

    def unable(self, task: Task) -> str:
        """Say why the program cannot do the task; an empty string if it can."""

    def prepare(self, task: Task) -> None:
        """Bring the task into the program's own form; not timed."""

    def run_epoch(self, order: npt.NDArray[np.int64]) -> None:
        """Train once on every example; `order` holds the rows of `Task.inputs`.

        A program may shuffle the data itself. It does so in this call: Python's generator is
        seeded so that `random.shuffle` brings the data from the order of the last epoch into this
        one.

        Each epoch stands for a call of `SGD` of its own: the velocities of momentum and the means
        of Adam start at zero.
        """

    def parameters(self) -> tuple[Arrays, Arrays]:
        """The present weights and biases, in network2's shapes."""

    def threads(self) -> int:
        """How many threads the program uses for this task."""
