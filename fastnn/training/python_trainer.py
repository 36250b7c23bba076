"""Epochs of a network whose `update_mini_batch` or `backprop` is a user's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.engine.exclusive import steps_allowed
from fastnn.engine.packed_network import PackedNetwork
from fastnn.engine.python_calls import pairs_for_steps
from fastnn.engine.single_calls import SingleCalls
from fastnn.engine.step_settings import StepSettings
from fastnn.model.description import Arrays, are_finite, parameters_of
from fastnn.training.callers_data import CallersData


class UnpackedNetwork:
    """The parameters of a network where they are, with the interface of `PackedNetwork`.

    Parameters
    ----------
    network : SingleCalls
    own : bool
        Whether they are a user's own, of any kind, and none of fastnn's business.
    """

    def __init__(self, network: SingleCalls, own: bool) -> None:
        self._network, self._own = network, own

    def pack(self, weights: Arrays, biases: Arrays) -> None:
        """Give the network these parameters."""
        self._network.weights, self._network.biases = weights, biases

    def copy_to(self, other: PackedNetwork) -> None:
        """Give a network in the kernels' layout these parameters."""
        other.pack(*self.unpack())

    def unpack(self) -> tuple[Arrays, Arrays]:
        """Return the network's parameters.

        Raises TypeError or ValueError if what a user's method has left there does not fit.
        """
        return ([], []) if self._own else parameters_of(self._network)

    def is_finite(self) -> bool:
        """Say whether all parameters are finite, as far as is known."""
        return are_finite(*self.unpack())


class PythonTrainer:
    """What a run needs of `engine.trainer.Trainer`, for steps that only the network can take.

    Parameters
    ----------
    network : SingleCalls
        Its `update_mini_batch` is called for each mini-batch, with a list of the caller's pairs.
    data : CallersData
        The training data, which are reordered before each epoch, as network2 does.
    settings : StepSettings
        How to train; `training.overrides` has refused what Python's path cannot do.
    generator : module or random.Random
        Where the order of the epochs comes from.
    before_call : function, optional
        Called before each step. If it raises, the epoch stops.
    own_parameters : bool, optional
        Whether weights and biases are for the user's own methods only, and may be anything.

    Attributes
    ----------
    ended_by_user : bool
        Whether a step has raised something.
    """

    def __init__(
        self,
        network: SingleCalls,
        data: CallersData,
        settings: StepSettings,
        generator: Any,
        before_call: Callable[[], None] | None = None,
        own_parameters: bool = False,
    ) -> None:
        self._network, self._data, self._settings = network, data, settings
        self._generator, self._before_call = generator, before_call
        self.packed = UnpackedNetwork(network, own_parameters)
        self.ended_by_user = False
        self.order: npt.NDArray[np.integer[Any]] = data.dataset.order.copy()

    def compile(self) -> None:
        """Compile nothing."""

    def close(self) -> None:
        """End nothing."""

    def calls_cost(self) -> bool:
        """Return False: the cost belongs to the steps, which are the network's."""
        return False

    def keeps_speeds(self, eta: float) -> bool:
        """Return False: steps in Python keep no gradient to take the speeds of layers from."""
        return False

    def brought_up_to_date(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """There is nothing of a rule to remember."""
        return arrays

    def memory(self) -> dict[str, npt.NDArray[Any]]:
        """Return the order alone: what a subclass remembers between steps stays in it."""
        return {"order": self.order}

    def remember(self, arrays: dict[str, npt.NDArray[Any]]) -> None:
        """Restore what `memory` returned."""
        self.order[:] = arrays["order"]

    def run_epoch(self, eta: float) -> None:
        """Shuffle `order` and the caller's data, then have the network take a step a mini-batch."""
        network, settings, sizes = self._network, self._settings, self._network.sizes
        if settings.shuffle:
            order = self.order.tolist()
            self._generator.shuffle(order)
            self.order[:] = order
        pairs = self._data.in_order(self.order)
        # Cut before the first step, as network2 does: a step may change the list.
        mini_batches = [
            pairs[start : start + settings.mini_batch_size]
            for start in range(0, len(pairs), settings.mini_batch_size)
        ]
        with steps_allowed(network):
            for mini_batch in mini_batches:
                if self._before_call is not None:
                    self._before_call()
                given = pairs_for_steps(mini_batch, sizes)
                try:
                    network.update_mini_batch(given, eta, settings.lmbda, settings.n)
                except KeyboardInterrupt:  # Ctrl-C may come at any moment
                    raise
                except BaseException:
                    self.ended_by_user = True
                    raise
