"""JAX, with the whole epoch in one `jit`: a `lax.scan` over the mini-batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.programs.protocol import Arrays, Task
from benchmarks.support.threads import cores
from fastnn.optimisers import Adam


class JaxScan:
    """Takes gradients with `jax.grad`; each step gathers its rows inside the compiled epoch."""

    name = "jax"
    library = "jax"
    module = "jax"
    dtypes = ("float64", "float32")

    def unable(self, task: Task) -> str:
        """It can do every task."""
        return ""

    def prepare(self, task: Task) -> None:
        """Turn everything into JAX's arrays, and allow float64."""
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
        """JAX's arrays, turned back to network2's shapes."""
        return (
            [np.asarray(w).T for w, _ in self._parameters],
            [np.asarray(b).reshape(-1, 1) for _, b in self._parameters],
        )

    def threads(self) -> int:
        """All cores: JAX takes them whatever it is told."""
        return cores()


def epoch_of(task: Task) -> Callable[..., Any]:
    """The epoch as a function of parameters, inputs, targets and order."""
    import jax

    cost, (nothing_remembered, rule), size = _mean_cost(task), _rule(task), task.mini_batch_size

    def step(state: Any, x: Any, y: Any) -> Any:
        parameters, remembered = state
        gradients = [
            (dw + task.l2 * w, db)
            for (w, _), (dw, db) in zip(parameters, jax.grad(cost)(parameters, x, y), strict=True)
        ]
        return rule(parameters, gradients, remembered)

    def epoch(parameters: Any, inputs: Any, targets: Any, order: Any) -> Any:
        def scanned(state: Any, rows: Any) -> Any:
            return step(state, inputs[rows], targets[rows]), None

        state = parameters, nothing_remembered(parameters)
        whole = len(order) - len(order) % size
        state, _ = jax.lax.scan(scanned, state, order[:whole].reshape(-1, size))
        if whole < len(order):
            rest = order[whole:]
            state = step(state, inputs[rest], targets[rest])
        return state[0]

    return epoch


def _mean_cost(task: Task) -> Callable[..., Any]:
    """The mean cost of the examples x, y as a function of the parameters."""
    import jax

    activations = {
        "sigmoid": jax.nn.sigmoid,
        "tanh": jax.numpy.tanh,
        "relu": jax.nn.relu,
    }
    activation = activations[task.activation]

    def cost(parameters: Any, x: Any, y: Any) -> Any:
        *hidden, (w, b) = parameters
        for hidden_w, hidden_b in hidden:
            x = activation(x @ hidden_w + hidden_b)
        z = x @ w + b
        if task.cost == "log-likelihood":
            total = -jax.numpy.sum(y * jax.nn.log_softmax(z))
        else:
            total = jax.numpy.sum(jax.nn.softplus(z) - y * z)
        return total / len(x)

    return cost


def _rule(task: Task) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """What an optimiser remembers before its first step, and its step, both on trees."""
    import jax

    each, zeros_like = jax.tree.map, jax.numpy.zeros_like
    eta, mu, adam = task.eta, task.momentum, Adam()

    def plain(parameters: Any, gradients: Any, remembered: Any) -> Any:
        return each(lambda w, g: w - eta * g, parameters, gradients), remembered

    def with_momentum(parameters: Any, gradients: Any, velocities: Any) -> Any:
        velocities = each(lambda v, g: mu * v - eta * g, velocities, gradients)
        return each(lambda w, v: w + v, parameters, velocities), velocities

    def by_adam(parameters: Any, gradients: Any, remembered: Any) -> Any:
        means, squares, t = remembered
        t += 1
        means = each(lambda m, g: adam.beta1 * m + (1 - adam.beta1) * g, means, gradients)
        squares = each(lambda s, g: adam.beta2 * s + (1 - adam.beta2) * g * g, squares, gradients)
        rate = eta * jax.numpy.sqrt(1 - adam.beta2**t) / (1 - adam.beta1**t)

        def moved(w: Any, m: Any, s: Any) -> Any:
            return w - rate.astype(w.dtype) * m / (jax.numpy.sqrt(s) + adam.epsilon)

        return each(moved, parameters, means, squares), (means, squares, t)

    if task.optimizer == "adam":
        return (
            lambda parameters: (each(zeros_like, parameters), each(zeros_like, parameters), 0),
            by_adam,
        )
    if mu > 0.0:
        return lambda parameters: each(zeros_like, parameters), with_momentum
    return lambda parameters: (), plain
