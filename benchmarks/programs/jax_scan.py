"""JAX with the whole epoch in one `jit`: a `lax.scan` over the mini-batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.programs.protocol import Arrays, Task
from benchmarks.threads import cores


class JaxScan:
    """Gradients by `jax.grad`; each step gathers its rows inside the compiled epoch."""

    name = "jax"
    library = "jax"
    module = "jax"
    dtypes = ("float64", "float32")

    def prepare(self, task: Task) -> None:
        """Move everything into JAX's arrays; float64 has to be asked for."""
        import jax

        jax.config.update("jax_enable_x64", True)
        self._inputs = jax.numpy.asarray(task.inputs)
        self._targets = jax.numpy.asarray(task.targets)
        self._parameters = [
            (jax.numpy.asarray(w.T), jax.numpy.asarray(b[:, 0]))
            for w, b in zip(task.weights, task.biases, strict=True)
        ]
        self._epoch = jax.jit(epoch_of(task), donate_argnums=0)

    def run_epoch(self, order: npt.NDArray[np.int64]) -> None:
        """Run the compiled epoch and wait for it."""
        import jax

        rows = order.astype(np.int32)
        self._parameters = self._epoch(self._parameters, self._inputs, self._targets, rows)
        jax.block_until_ready(self._parameters)

    def parameters(self) -> tuple[Arrays, Arrays]:
        """Turned back to network2's shapes."""
        return (
            [np.asarray(w).T for w, _ in self._parameters],
            [np.asarray(b).reshape(-1, 1) for _, b in self._parameters],
        )

    def threads(self) -> int:
        """All cores: JAX decides itself."""
        return cores()


def epoch_of(task: Task) -> Callable[..., Any]:
    """The epoch as a function of parameters, inputs, targets and order."""
    import jax

    size, decay = task.mini_batch_size, task.decay

    def cost(parameters: Any, x: Any, y: Any) -> Any:
        *hidden, (w, b) = parameters
        for hidden_w, hidden_b in hidden:
            x = jax.nn.sigmoid(x @ hidden_w + hidden_b)
        z = x @ w + b
        return jax.numpy.sum(jax.nn.softplus(z) - y * z)

    def step(parameters: Any, x: Any, y: Any) -> Any:
        rate = task.eta / len(x)
        gradients = jax.grad(cost)(parameters, x, y)
        return [
            (decay * w - rate * dw, b - rate * db)
            for (w, b), (dw, db) in zip(parameters, gradients, strict=True)
        ]

    def epoch(parameters: Any, inputs: Any, targets: Any, order: Any) -> Any:
        def scanned(carried: Any, rows: Any) -> Any:
            return step(carried, inputs[rows], targets[rows]), None

        whole = len(order) - len(order) % size
        parameters, _ = jax.lax.scan(scanned, parameters, order[:whole].reshape(-1, size))
        if whole < len(order):
            rest = order[whole:]
            parameters = step(parameters, inputs[rest], targets[rest])
        return parameters

    return epoch
