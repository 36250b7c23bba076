"""What a program is given to do, and how it is asked to do it."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from fastnn import Dataset

Arrays = list[npt.NDArray[Any]]


@dataclass(frozen=True)
class Task:
    """One network to be trained on one data set, the same for every program.

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
        The examples in their first order, as fastnn and the reference take them.
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
        "sgd" or "adam", the latter as `fastnn.optimisers.Adam` has it, with its numbers.
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
        """lmbda / n: times the weights, the gradient of their penalty."""
        return self.lmbda / len(self.inputs)

    @property
    def decay(self) -> float:
        """What weights are multiplied by at every step of plain gradient descent."""
        return 1.0 - self.eta * self.l2

    @property
    def options(self) -> dict[str, Any]:
        """How the training differs from network2's: fields with another value than the usual."""
        optional = [field for field in fields(self) if field.default is not MISSING]
        values = {field.name: getattr(self, field.name) for field in optional}
        return {f.name: values[f.name] for f in optional if values[f.name] != f.default}


class Program(Protocol):
    """A way to train the network of a task.

    Modules of programs import their library in these methods and not before, so that each can be
    looked at where the library is missing.
    """

    name: ClassVar[str]
    library: ClassVar[str]  # the distribution that does the work
    module: ClassVar[str]  # what is imported of it
    dtypes: ClassVar[tuple[str, ...]]

    def unable(self, task: Task) -> str:
        """Why the program cannot do the task; nothing if it can."""

    def prepare(self, task: Task) -> None:
        """Bring the task into the program's own form; not timed."""

    def run_epoch(self, order: npt.NDArray[np.int64]) -> None:
        """Train once on every example, in the given order of the first rows.

        Python's generator is seeded so that `random.shuffle` brings the data, as the last epoch
        left them, into this order: programs that shuffle themselves do so in this call.

        An epoch is a call of `SGD` of its own: the velocities of momentum and the means of Adam
        begin at zero.
        """

    def parameters(self) -> tuple[Arrays, Arrays]:
        """Weights and biases as they are now, shaped as network2's."""

    def threads(self) -> int:
        """How many threads the program uses for this task."""
