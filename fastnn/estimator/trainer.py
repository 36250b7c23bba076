"""Training as scikit-learn's MLP does it, epoch by epoch, over the compiled kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.processors import threads_available
from fastnn.engine.teams import Team, split_for
from fastnn.estimator.examples import KernelExamples
from fastnn.estimator.last_network import keep, prepared_for
from fastnn.kernels.arguments import Data, Functions, Span
from fastnn.kernels.epoch import train_by
from fastnn.kernels.layout import CACHE_LINE, Net, padded
from fastnn.kernels.optimisers import RULES, Momentum, Rates, Room, coded
from fastnn.kernels.weighted import Losses, Weighing, pieces_of
from fastnn.model.architecture import Architecture
from fastnn.model.costs import has_quadratic_delta
from fastnn.model.description import Arrays, are_finite

# The rule with which one step of all examples computes the gradient: see `loss_and_gradient`.
GRADIENT = Momentum(0.0)


class Memory(NamedTuple):
    """What a rule remembers from one call of `partial_fit` to the next."""

    steps: int
    arrays: tuple[npt.NDArray[Any], ...]  # in the kernels' layout


class WeightedTrainer:
    """A network and examples with weights in the kernels' form.

    Parameters
    ----------
    architecture : Architecture
        What the network is; its cost is a built-in one and its activations have names.
    examples : KernelExamples
        The training data, in their first order.
    mini_batch_size : int
        Examples a step.
    alpha : callable
        Returns the alpha of an epoch's L2 penalty, ``alpha / 2 sum w^2``, which is divided by the
        weight of the mini-batch.
    rule : named tuple
        Of kernels/optimisers.py.
    memory : Memory, optional
        What this rule remembers of a network with the same layers. Training goes on in its arrays,
        where it can: others would cost a short call of `partial_fit` more than its training.
    """

    def __init__(
        self,
        architecture: Architecture,
        examples: KernelExamples,
        *,
        mini_batch_size: int,
        alpha: Callable[[], float],
        rule: Any,
        memory: Memory | None = None,
    ) -> None:
        self._architecture = architecture
        self._prepared = prepared_for(architecture, examples.data, mini_batch_size)
        self._examples = examples
        self._size = mini_batch_size
        self._alpha = alpha
        self._rule = rule
        self._least = float(np.finfo(architecture.dtype).eps)
        # scikit-learn takes the mean of squared errors over the outputs, but the sum of log-losses.
        self._terms = architecture.sizes[-1] if has_quadratic_delta(architecture.cost) else 1
        self.steps = 0 if memory is None else memory.steps
        self.examples = len(examples.places)
        self.packed = self._prepared.packed
        self._room = self._room_of(memory)
        share, threads = self._prepared.density, threads_available()
        block = self.packed.net.plan.capacity
        split = split_for(architecture.sizes, mini_batch_size, share, threads, block)
        work = ("weighted", type(self._prepared.inputs), mini_batch_size, type(rule))
        self._team = Team(self.packed, self._room, split, work, mini_batch_size)
        # What an epoch changes, and a copy of it from before the epoch. A rule that remembers less
        # has the same room under several names.
        trained = {id(array): array for array in (self.packed.net.parameters, *self._room)}
        # One array for the copies: what is freed as one, C's memory allocator keeps ready for the
        # next trainer. Fresh memory for each would take long in a short call of `partial_fit`.
        kept = np.empty((len(trained), self.packed.net.parameters.size), architecture.dtype)
        self._kept = list(zip(trained.values(), kept, strict=True))

    def shuffle(self, random: np.random.RandomState) -> None:
        """Put the examples into another order for the next epoch."""
        self._examples.shuffle(random)

    def run_epoch(self, eta: float) -> float:
        """Train once on all examples, in their present order.

        Returns the mean loss of the examples with the penalty, each mini-batch's before its step.
        If it is interrupted, network and memory are as before it, and only `unpack`, `memory` and
        `close` may follow: one thread may have trained its part while another had not.
        """
        prepared, examples, n = self._prepared, self._examples, self.examples
        batches = examples.batch_weights(self._size)
        rule, rates = coded(self._rule), Rates(eta, self._alpha(), 0.0, 1.0, self.steps)
        data = Data(prepared.inputs, prepared.targets, examples.places, examples.weights)
        functions = Functions(prepared.delta, prepared.custom)
        first = int(np.argmax(batches != 0.0))
        count = pieces_of(self.packed.net.plan.table)
        totals, pieces, of_examples = np.zeros(2), np.zeros(count), np.zeros(self._size)

        def call(rank: int, net: Net, room: Room | None, begin: int, end: int) -> int:
            own = totals if rank == 0 else np.zeros(2)  # the other threads' would be the same
            terms = np.zeros(padded(1))
            losses = Losses(own, pieces, count, of_examples, terms, self._least)
            weighing = Weighing(batches, len(batches), first, losses)
            span = Span(begin, end, self._size)
            return int(train_by(rule, rates, room, net, data, functions, span, weighing))

        for array, before in self._kept:
            before[:] = array
        try:
            prepared.calls.run(
                n, lambda begin, end: self._team.run(call, begin, examples.bring(begin, end))
            )
        except BaseException:
            self._team.close()  # nobody writes from here on
            self.take_back()
            raise
        self.steps += len(batches)
        loss, penalty = (totals / n).tolist()
        return float(loss / self._terms + penalty)

    def take_back(self) -> None:
        """Make network and memory what they were before the last epoch."""
        for array, before in self._kept:
            array[:] = before

    def loss_and_gradient(self, coefs: Arrays, intercepts: Arrays) -> tuple[float, Arrays, Arrays]:
        """Compute the loss of all examples, with the penalty, and its gradient.

        The trainer must be made for the rule `GRADIENT` and for mini-batches of all examples. Then
        an epoch is one step by -eta times the gradient, which stays in the room for it. So with
        eta = -1 that is the gradient itself. The weights after the step are of no use.

        Parameters
        ----------
        coefs, intercepts : list of ndarray
            The weights ``(fan_in, fan_out)`` and biases ``(fan_out,)`` of each layer.

        Returns
        -------
        loss : float
        of_coefs, of_intercepts : list of ndarray
            The gradient in the shapes of `coefs` and `intercepts`.
        """
        self.pack(coefs, intercepts)
        gradient = self._room.gradient
        gradient[:] = 0  # a gradient that was not finite must not last
        loss = self.run_epoch(-1.0)
        return loss, *self._transposed(*self.packed.unpack(gradient))

    def close(self) -> None:
        """End the threads that help, if there are any."""
        self._team.close()

    def leave_room(self) -> None:
        """Leave the network's room to a later trainer, after `close`; nothing may follow."""
        keep(self._architecture, self._prepared, self._size)

    def pack(self, coefs: Arrays, intercepts: Arrays) -> None:
        """Copy scikit-learn's ``coefs_`` (inputs, outputs) and ``intercepts_`` (outputs,) in."""
        biases = [intercept.reshape(-1, 1) for intercept in intercepts]
        self.packed.pack([coef.T for coef in coefs], biases)

    def unpack(self) -> tuple[Arrays, Arrays]:
        """Copies of the weights as ``coefs_``, and of the biases as ``intercepts_``."""
        return self._transposed(*self.packed.unpack())

    def unpack_into(self, coefs: Arrays, intercepts: Arrays) -> None:
        """Write weights and biases into arrays as ``coefs_`` and ``intercepts_`` are."""
        self.packed.unpack_into(coefs, intercepts)

    def is_finite(self) -> bool:
        """Say whether all weights and biases are finite."""
        # What fills the layout up may not be, where they are.
        return self.packed.is_finite() or are_finite(*self.packed.unpack())

    @staticmethod
    def _transposed(weights: Arrays, biases: Arrays) -> tuple[Arrays, Arrays]:
        return [np.ascontiguousarray(w.T) for w in weights], [b[:, 0] for b in biases]

    def memory(self) -> Memory:
        """What the next steps depend on besides the parameters."""
        return Memory(self.steps, tuple(self._room))

    def _room_of(self, memory: Memory | None) -> Room:
        """Return room for the rule, which holds what it remembers."""
        if memory is not None and self._can_train_in(memory.arrays):
            return Room(*memory.arrays)
        room = self.packed.room_for_rule(self._rule)
        if memory is not None:
            for values, array in zip(room, memory.arrays, strict=True):
                values[:] = array
        return room

    def _can_train_in(self, arrays: tuple[npt.NDArray[Any], ...]) -> bool:
        """Say whether arrays are as those of `room_for_rule`: from a pickle, few are."""
        parameters = self.packed.net.parameters
        alike = all(
            array.dtype == parameters.dtype
            and array.shape == parameters.shape
            and array.flags.carray
            and array.ctypes.data % CACHE_LINE == 0
            for array in arrays
        )
        return alike and len(set(map(id, arrays))) == 1 + RULES[type(self._rule)].remembers
