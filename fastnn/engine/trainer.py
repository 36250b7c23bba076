"""The loop over epochs around the compiled kernels."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset
from fastnn.engine.divergence import check_parameters
from fastnn.engine.draws import dropout_keys, shuffle_order
from fastnn.engine.generator_state import GeneratorState
from fastnn.engine.inputs import Inputs
from fastnn.engine.prepared import Prepared
from fastnn.engine.python_costs import put_output_errors
from fastnn.engine.step_settings import StepSettings, keeps_digits
from fastnn.engine.teams import Call, Team, split_for
from fastnn.engine.two_way import by_input_too
from fastnn.kernels import epoch
from fastnn.kernels.arguments import NO_WEIGHTS, Data, Functions, Span
from fastnn.kernels.compiling import OfOneKind
from fastnn.kernels.inputs import DenseInputs, TwoWayInputs
from fastnn.kernels.layout import BIASES, BLOCK, FAN_OUT, Net, without_second_copies
from fastnn.kernels.optimisers import RULES, Momentum, Rates, Room, coded
from fastnn.kernels.shuffle import shuffle
from fastnn.kernels.sums import norm
from fastnn.model.architecture import Architecture
from fastnn.model.description import Arrays

# What checkpoints call the arrays of a rule's room.
_ROOM_NAMES = ("gradient", "first", "second")


class Trainer:
    """A network, a data set and settings in the kernels' form, trained epoch by epoch.

    Parameters
    ----------
    architecture : Architecture
        The description of the network.
    data : Dataset
        The training data. It keeps its order; the trainer reorders a copy, `order`.
    settings : StepSettings
        How to train.
    generator : module or random.Random, optional
        Where the order of the epochs comes from: Python's global generator, or one like it.
    before_call : function, optional
        Called before each compiled call. If it raises, the epoch stops.
    weights : ndarray of float64, optional
        A number for each stored example, by which its gradient is multiplied; none where all
        weigh 1.
    before_cost : function, optional
        Called with the order of the epoch, weights and biases before a cost that only Python can
        compute, which may look at them: once for each mini-batch, as they change after it.
    """

    def __init__(
        self,
        architecture: Architecture,
        data: Dataset,
        settings: StepSettings,
        generator: Any = random,
        before_call: Callable[[], None] | None = None,
        weights: npt.NDArray[np.float64] = NO_WEIGHTS,
        before_cost: Callable[[npt.NDArray[Any], Arrays, Arrays], None] | None = None,
    ) -> None:
        self._settings = settings
        self._weights = weights
        self._before_cost = before_cost
        self._generator = generator
        prepared = Prepared(
            architecture,
            data,
            settings.mini_batch_size,
            settings.dropout,
            settings.frozen_layers,
            before_call,
        )
        self._prepared = prepared
        self._inputs: Inputs | TwoWayInputs = prepared.inputs
        self.packed = prepared.packed
        self.order = prepared.order
        self.epochs = 0  # how many have been begun
        self._batches_before = 0

        examples = min(settings.mini_batch_size, len(data))
        block = self.packed.net.plan.capacity
        table = self.packed.net.plan.table
        self._biases = [slice(row[BIASES], row[BIASES] + row[FAN_OUT]) for row in table]
        self._room = self._make_room(fits=min(block, BLOCK) >= examples)
        split = None
        if prepared.delta is not None:
            density, threads = prepared.density, settings.threads
            split = split_for(architecture.sizes, examples, density, threads, block)
        self._order_taken = self.order
        if self._takes_all_at_once():
            self._order_taken = self.order.copy()
            self._inputs = by_input_too(prepared.inputs, self._order_taken, block, settings.epochs)
        work = (type(self._inputs), examples, type(settings.rule))
        self._team = Team(self.packed, self._room, split, work, examples)
        prepared.calls.expect(self._team.rate)
        self._kernel = self.kernel()

    def _make_room(self, fits: bool) -> Room | None:
        """Make room for what the rule remembers; None if the update is fused with the gradient."""
        settings = self._settings
        self._rule = settings.rule
        if self._rule is None:
            if fits and settings.l1 == 0.0 and self._prepared.delta is not None:
                return None
            self._rule = Momentum(0.0)  # plain gradient descent with the summed gradient
        self._coded = coded(self._rule)
        return self.packed.room_for_rule(self._rule)

    def _takes_all_at_once(self) -> bool:
        """Say whether a mini-batch holds all examples and their order does not matter.

        Dropout depends on it, and so do the last digits of the gradient. Examples then keep the
        order they had before the first epoch, so that they are listed by input only once.
        """
        settings = self._settings
        return (
            self._room is not None
            and self._prepared.delta is not None
            and settings.mini_batch_size >= len(self.order)
            and not any(settings.dropout)
        )

    def close(self) -> None:
        """End the threads that help, if there are any."""
        self._team.close()

    def rest(self) -> None:
        """End the threads that help, unless they may wait for another call of `SGD`."""
        self._team.rest()

    def compile(self) -> None:
        """Compile, or load from the cache on disk, everything that an epoch calls."""
        if self._settings.shuffle:
            shuffle(self.order[:0], np.zeros(625, np.uint32))
        if self._prepared.delta is not None:
            self._team.run_alone(self._kernel_call(0.0), 0, 0)

    def run_epoch(self, eta: float) -> None:
        """Shuffle `order` as `random.shuffle` would, then train once on every example.

        Raises DivergedError if biases stop being finite before its last compiled call, and the
        settings say so.
        """
        self._prepared.refresh()
        if any(self._settings.dropout):
            self.packed.net.dropout.keys[:] = dropout_keys(self._generator, self.epochs)
        if self._settings.shuffle:
            shuffle_order(self.order, self._generator)
        self.train_in_order(eta)

    def is_short(self) -> bool:
        """Say whether an epoch takes no longer than a compiled call.

        It must not draw dropout, and `_count_zeros` must have nothing to do.
        """
        return (
            self._prepared.delta is not None
            and (self._settings.stay_finite or isinstance(self._prepared.inputs, DenseInputs))
            and not any(self._settings.dropout)
            and self._prepared.calls.takes_at_once(len(self.order))
        )

    def run_short_epochs(self, eta: float, go_on: Callable[[GeneratorState], bool]) -> None:
        """Run epochs for as long as `go_on`, which is asked before each, says so.

        The generator is read before the first epoch and set after the last, so nobody else may draw
        from it meanwhile. `go_on` is given the state that it would have.
        """
        self._prepared.refresh()
        call = self._kernel_call(eta)
        batches = -(-len(self.order) // self._settings.mini_batch_size)
        state = GeneratorState(self._generator)
        while go_on(state):
            if self._settings.shuffle:
                shuffle(self.order, state.words)
            self._run_at_once(call)
            self.epochs += 1
            self._batches_before += batches
        if self._settings.shuffle:
            state.give_back()

    def can_take_others(self) -> bool:
        """Say whether `take` may give this trainer other examples."""
        return self.is_short() and not self._takes_all_at_once() and not self._weights.size

    def take(self, data: Dataset) -> None:
        """Train on other examples from now on, as many as before, as a new trainer would."""
        self._prepared.take(data)
        self._inputs = self._prepared.inputs
        self.order = self._order_taken = self._prepared.order
        self._kernel = self.kernel()
        self.forget()

    def put_away(self) -> None:
        """Let go of the data set until `take`; its arrays are still known."""
        self._prepared.put_away()

    def forget(self) -> None:
        """Begin anew: with epoch 0, and with nothing in what a rule remembers."""
        self.epochs = self._batches_before = 0
        self._team.begin()
        for values in self._room or ():
            values[:] = 0

    def examples(self) -> Data:
        """Return the training data as kernels take them."""
        return self._data(self._order_taken)

    def run_on(self, data: Data, call: Call) -> None:
        """Shuffle the order of other examples, and train on them by what `call_of` returned."""
        if self._settings.shuffle:
            shuffle_order(data.order, self._generator)
        self._run_at_once(call)

    def _run_at_once(self, call: Call) -> None:
        """Run a call on all examples; a team that tries another way takes them in two parts."""
        reached = 0
        while reached < len(self.order):
            reached = self._team.run(call, reached, len(self.order))

    def train_in_order(self, eta: float) -> None:
        """Train once on every example, in the present order."""
        if not self._settings.stay_finite:  # else training ends with the first such weight
            self._count_zeros()
            if self._room is not None and self._rule == Momentum(0.0):
                self._room.gradient[:] = 0  # 0 times nan of the last step would be nan

        def call(begin: int, end: int) -> int:
            if self._prepared.delta is None:
                reached = self._train_with_python_cost(begin, eta)
            else:
                reached = self._team.run(self._kernel_call(eta), begin, end)
            if self._settings.stay_finite and reached < len(self.order):
                self._check_biases()  # after the last call, the caller checks all parameters
            return reached

        self._prepared.calls.run(len(self.order), call)
        self.epochs += 1
        self._batches_before += -(-len(self.order) // self._settings.mini_batch_size)

    def _count_zeros(self) -> None:
        """Train on inputs that are zero, too, where weights are not finite, as network2 does."""
        before = self._prepared.inputs
        self._prepared.count_zeros()
        if self._prepared.inputs is not before:
            self._inputs, self._kernel = self._prepared.inputs, self.kernel()

    def _check_biases(self) -> None:
        """Raise DivergedError if some biases are not finite.

        They are few, and an example whose outputs are nan puts nan into all of them. Weights take
        as long to check as to train, so the caller checks them once per epoch.
        """
        values = self.packed.net.parameters
        if not np.isfinite(np.concatenate([values[biases] for biases in self._biases])).all():
            check_parameters(self.epochs, *self.packed.unpack())

    def calls_cost(self) -> bool:
        """Say whether the cost is called in Python for each example of a step."""
        return self._prepared.delta is None

    def keeps_speeds(self, eta: float) -> bool:
        """Say whether `speeds_of_last_step` is known: an epoch is one step without memory."""
        return (
            self._room is not None
            and self._settings.mini_batch_size >= len(self.order)
            and self._rule == Momentum(0.0)
            and not self._settings.dropout
            and not self._settings.frozen_layers
            and not self._weights.size
            and keeps_digits(eta, self.packed.net.parameters.dtype)
        )

    def speeds_of_last_step(self, eta: float) -> npt.NDArray[np.float64]:
        """The norm of the averaged dC/db of every layer, before the epoch's only step."""
        assert self._room is not None  # see `keeps_speeds`
        gradient = self._room.gradient
        steps = [gradient[biases] for biases in self._biases]
        return np.array([norm(step) for step in steps]) / abs(eta)

    def memory(self) -> dict[str, npt.NDArray[Any]]:
        """Return by name what training depends on besides weights, biases and the generator."""
        arrays = {
            "order": self.order,
            "counts": np.array([self.epochs, self._batches_before], np.int64),
        }
        if self._room is not None:
            for name, values in zip(_ROOM_NAMES, self._room, strict=True):
                arrays[name] = values
        return arrays

    def brought_up_to_date(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """Return what an older version's `memory` returned in the layout of this one."""
        of_rule = [name for name in _ROOM_NAMES if name in arrays]
        layers = self.packed.layers
        return arrays | {name: without_second_copies(layers, arrays[name]) for name in of_rule}

    def remember(self, arrays: dict[str, npt.NDArray[Any]]) -> None:
        """Restore what `memory` returned for the same network, data and settings."""
        for name, array in self.memory().items():
            if name != "counts":
                array[:] = arrays[name]
        self.epochs, self._batches_before = (int(count) for count in arrays["counts"])

    def kernel(self) -> OfOneKind:
        """Return the kernel of the epoch, for examples of one kind."""
        return OfOneKind(epoch.train if self._room is None else epoch.train_by)

    def _kernel_call(self, eta: float) -> Call:
        """Return the call of the epoch's kernel for a team to run."""
        return self.call_of(self._kernel, self.examples(), eta)

    def call_of(self, kernel: OfOneKind, data: Data, eta: float) -> Call:
        """Return the call of a kernel that `kernel` returned."""
        functions = Functions(self._prepared.delta, self._prepared.custom)
        size, decay = self._settings.mini_batch_size, self._decay(eta)

        def train(rank: int, net: Net, room: Room | None, begin: int, end: int) -> int:
            span = Span(begin, end, size)
            if room is None:
                return int(kernel(net, data, functions, span, eta, decay))
            rule, rates = self._coded, self._rates(eta)
            return int(kernel(rule, rates, room, net, data, functions, span, None))

        return train

    def _data(self, order: npt.NDArray[Any]) -> Data:
        return Data(self._inputs, self._prepared.targets, order, self._weights)

    def _rates(self, eta: float) -> Rates:
        settings = self._settings
        l2, l1 = settings.lmbda / settings.n, settings.l1 / settings.n
        decay = self._decay(eta) if self._rule == Momentum(0.0) else 1.0
        return Rates(eta, l2, l1, decay, self._batches_before)

    def _decay(self, eta: float) -> float:
        """By what a step of plain gradient descent multiplies the weights (eq. 93)."""
        return 1.0 - eta * self._settings.lmbda / self._settings.n

    def _train_with_python_cost(self, begin: int, eta: float) -> int:
        """Train on one mini-batch whose output error only Python can compute."""
        prepared, net, room, rates = self._prepared, self.packed.net, self._room, self._rates(eta)
        assert room is not None  # see `_make_room`
        size = self._settings.mini_batch_size
        count = min(size, len(self.order) - begin)
        batches = begin // size
        if begin == 0:
            epoch.update_by(self._coded, rates, room, net, batches, False, True)
        epoch.forward_block(net, self._inputs, prepared.custom, self.order, begin, count)
        if self._before_cost is not None:
            self._before_cost(self.order, *self.packed.unpack())
        put_output_errors(
            net, self._prepared.cost, self._prepared.data, self.order[begin : begin + count]
        )
        factor = RULES[type(self._rule)].sum_factor(self._rule, eta, count)
        epoch.accumulate_block(net, room.gradient, self._data(self.order), begin, count, factor)
        more = begin + count < len(self.order)
        epoch.update_by(self._coded, rates, room, net, batches, True, more)
        return begin + count
