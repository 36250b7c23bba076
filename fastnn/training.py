"""The loop over epochs around the compiled kernels."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.costs import kernel_cost
from fastnn.dataset import Dataset
from fastnn.kernels import epoch
from fastnn.kernels.compiling import variant_for
from fastnn.kernels.layout import ACTIVATIONS, BLOCK, DELTAS, STRIDE
from fastnn.kernels.shuffle import shuffle
from fastnn.packing import (
    PackedNetwork,
    density,
    kernel_inputs,
    kernel_order,
    kernel_targets,
    share_unsplit,
    team_of,
)
from fastnn.teams import Choice, ThreadTeam, layers_to_split

# A compiled call lasts about this long at the most, so that Ctrl-C and other threads get their
# turn.
_LONGEST_CALL = 0.05


class Settings(NamedTuple):
    """How to train: the checked arguments of `SGD`."""

    mini_batch_size: int
    eta: float
    decay: float  # what weights are multiplied by at every step, 1 - eta lmbda / n
    threads: int = 1  # how many threads may work on a mini-batch


class Pace:
    """Cuts long work into compiled calls of a length learnt from earlier ones."""

    def __init__(self) -> None:
        self._examples = 1024

    def run(self, end: int, call: Callable[[int, int], int]) -> None:
        """Call `call(begin, stop)`, which returns where it stopped, from 0 to `end`."""
        position = 0
        while position < end:
            stop = min(position + self._examples, end)
            started = time.perf_counter()
            reached = call(position, stop)
            seconds = time.perf_counter() - started
            if seconds > _LONGEST_CALL:
                self._examples = max(1, self._examples // 2)
            elif seconds < _LONGEST_CALL / 2 and stop - position == self._examples:
                self._examples *= 2
            position = reached


class Trainer:
    """A network, a data set and settings in the kernels' form, trained epoch by epoch.

    Parameters
    ----------
    sizes : list of int
        Neurons of each layer.
    dtype : numpy dtype
        float64 or float32.
    cost : class
        The network's cost.
    data : Dataset
        The training data. It is not reordered; `order` is, which starts as its order.
    settings : Settings
        How to train.
    """

    def __init__(
        self,
        sizes: list[int],
        dtype: np.dtype[Any],
        cost: Any,
        data: Dataset,
        settings: Settings,
    ) -> None:
        self._settings = settings
        self._cost = cost
        self._delta = kernel_cost(cost, dtype).delta
        self._inputs = kernel_inputs(data.store, dtype)
        self._targets = kernel_targets(data.store)
        self._pace = Pace()
        self.order = kernel_order(data)
        self._data = data
        examples = min(settings.mini_batch_size, len(data))
        block = examples if self._delta is None else min(examples, BLOCK)
        self.packed = PackedNetwork(sizes, dtype, block)
        # A mini-batch larger than a block adds up its gradient first.
        total = self.packed.room_for_gradient() if block < examples else None
        # The networks, and room for gradients, of one thread alone and of a team of threads.
        self._networks = [[self.packed.net]]
        self._totals = [] if total is None else [[total]]
        self._choice = Choice()
        self._team: ThreadTeam | None = None
        split = layers_to_split(sizes, examples, density(self._inputs))
        if settings.threads > 1 and split > 0 and self._delta is not None:
            team = team_of(self.packed.net, sizes, split, settings.threads)
            self._networks.append(team)
            if total is not None:
                self._totals.append(team_of(total, sizes, split, settings.threads))
            self._team = ThreadTeam(team)

    def close(self) -> None:
        """End the threads of the team, if there is one."""
        if self._team is not None:
            self._team.close()

    def compile(self) -> None:
        """Compile, or load from the cache on disk, everything that an epoch calls."""
        shuffle(self.order[:0], _random_state())
        if self._delta is not None:
            self._run_kernel(0, 0, 0, 0)

    def run_epoch(self) -> None:
        """Shuffle `order` as `random.shuffle` would, then train once on every example.

        If that is interrupted, Python's global generator is as before.
        """
        state = random.getstate()
        try:
            self._shuffle()
            self.train_in_order()
        except BaseException:
            random.setstate(state)
            raise

    def train_in_order(self) -> None:
        """Train once on every example, in the present order."""
        call = self._train if self._delta is not None else self._train_with_python_cost
        self._pace.run(len(self.order), call)

    def _shuffle(self) -> None:
        state = _random_state()
        shuffle(self.order, state)
        version, _, gauss = random.getstate()
        random.setstate((version, tuple(state.tolist()), gauss))

    def _train(self, begin: int, end: int) -> int:
        if self._team is None:
            return self._run_kernel(0, 0, begin, end)
        way = self._choice.next()
        started = time.perf_counter()
        if way == 0:
            reached = self._run_kernel(0, 0, begin, end)
        else:
            for team in (*self._networks[1:], *self._totals[1:]):
                share_unsplit(team)
            reached = self._team.run(lambda rank: self._run_kernel(1, rank, begin, end))
        self._choice.note(way, reached - begin, time.perf_counter() - started)
        return reached

    def _run_kernel(self, way: int, rank: int, begin: int, end: int) -> int:
        settings = self._settings
        data = (self._inputs, self._targets, self._delta, self.order)
        how = (begin, end, settings.mini_batch_size, settings.eta, settings.decay)
        net = self._networks[way][rank]
        if not self._totals:
            return int(variant_for(epoch.train, self._delta)(net, *data, *how))
        total = self._totals[way][rank]
        return int(variant_for(epoch.train_large, self._delta)(net, total, *data, *how))

    def _train_with_python_cost(self, begin: int, end: int) -> int:
        """One mini-batch whose output error only Python can compute."""
        net = self.packed.net
        examples = min(self._settings.mini_batch_size, len(self.order) - begin)
        epoch.forward_block(net, self._inputs, self.order, begin, examples)
        last = net.table[-1]
        rows = (examples, int(last[STRIDE]))
        z_and_delta, a = (
            net.scratch[net.capacity * last[column] :][: rows[0] * rows[1]].reshape(rows)
            for column in (DELTAS, ACTIVATIONS)
        )
        outputs = self.packed.sizes[-1]
        targets = target_columns(self._data, self.order[begin : begin + examples], outputs)
        for e, y in enumerate(targets):
            z_column, a_column = (rows[e, :outputs].reshape(-1, 1) for rows in (z_and_delta, a))
            z_and_delta[e, :outputs] = np.ravel(self._cost.delta(z_column, a_column, y))
            z_and_delta[e, outputs:] = 0
        step = self._settings.eta / examples
        decay = self._settings.decay
        epoch.descend_block(net, self._inputs, self.order, begin, examples, step, decay)
        return begin + examples


def target_columns(
    data: Dataset, rows: npt.NDArray[Any], outputs: int
) -> list[npt.NDArray[np.float64]]:
    """The desired outputs of some rows of the data's arrays as columns (outputs, 1)."""
    targets = data.store.targets[rows]
    vectors = np.eye(outputs)[targets] if targets.ndim == 1 else targets
    return list(vectors[:, :, np.newaxis])


def _random_state() -> npt.NDArray[np.int64]:
    """The words and position of Python's global generator."""
    return np.array(random.getstate()[1], np.int64)
