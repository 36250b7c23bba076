"""scikit-learn's MLPClassifier, one epoch for each call of `partial_fit`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmarks.programs.protocol import Arrays, Task


class SklearnMLP:
    """Gradient descent or Adam, with network2's decay.

    Labels in one-hot rows give MLPClassifier sigmoid outputs and network2's cross-entropy; integers
    give it softmax outputs and the log-likelihood. It divides `alpha` by the length of the
    mini-batch, so a short last mini-batch needs an `alpha` of its own.
    """

    name = "sklearn"
    library = "scikit-learn"
    module = "sklearn"
    dtypes = ("float64", "float32")

    def unable(self, task: Task) -> str:
        """It can do every task."""
        return ""

    def prepare(self, task: Task) -> None:
        """Take a first step, which makes the arrays, then put the initial values into them."""
        from sklearn.neural_network import MLPClassifier

        size = task.mini_batch_size
        self._task = task
        softmax = task.cost == "log-likelihood"
        self._labels = task.data.labels if softmax else task.targets.astype(np.int64)
        self._classifier = MLPClassifier(
            hidden_layer_sizes=task.sizes[1:-1],
            activation="logistic" if task.activation == "sigmoid" else task.activation,
            solver=task.optimizer,
            learning_rate_init=task.eta,
            momentum=task.momentum,
            nesterovs_momentum=False,
            shuffle=False,  # the order is given
        )
        self._set_mini_batch(size)
        self._classifier.partial_fit(
            task.inputs[:size], self._labels[:size], classes=np.arange(task.sizes[-1])
        )
        weights, biases = [*task.weights], [*task.biases]
        if softmax and task.sizes[-1] == 2:  # it has one logistic output, of their difference
            weights[-1], biases[-1] = (both[1:] - both[:1] for both in (weights[-1], biases[-1]))
        for mine, w in zip(self._classifier.coefs_, weights, strict=True):
            mine[:] = w.T
        for mine, b in zip(self._classifier.intercepts_, biases, strict=True):
            mine[:] = b[:, 0]

    def run_epoch(self, order: npt.NDArray[np.int64]) -> None:
        """Gather the rows in this order, and train once on all."""
        del self._classifier._optimizer  # or it would remember earlier steps
        size = self._task.mini_batch_size
        whole = len(order) - len(order) % size
        for mini_batch, rows in ((size, order[:whole]), (len(order) - whole, order[whole:])):
            if len(rows):
                self._set_mini_batch(mini_batch)
                self._classifier.partial_fit(self._task.inputs[rows], self._labels[rows])

    def _set_mini_batch(self, size: int) -> None:
        alpha = self._task.lmbda * size / len(self._task.inputs)
        self._classifier.set_params(batch_size=size, alpha=alpha)

    def parameters(self) -> tuple[Arrays, Arrays]:
        """Its arrays, turned back to network2's shapes."""
        return (
            [w.T for w in self._classifier.coefs_],
            [b.reshape(-1, 1) for b in self._classifier.intercepts_],
        )

    def threads(self) -> int:
        """The threads for NumPy's products."""
        return self._task.threads
