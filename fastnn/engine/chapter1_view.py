"""A network of chapter 1 as compiled code takes it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from fastnn.engine.single_calls import SingleCalls
from fastnn.model.costs import QuadraticCost, unpatched
from fastnn.model.description import Arrays
from fastnn.model.overrides import is_overridden

_COST = unpatched(QuadraticCost)


class Chapter1View(SingleCalls):
    """Shows a network of chapter 1 as one of network2, with the same arrays.

    It does not keep that network alive: whoever calls holds it.

    Parameters
    ----------
    owner : weak reference
        To the network of chapter 1.
    own_cost : Cost
        The cost to train with if the network has a `cost_derivative` of its own.
    originals : mapping of str to function
        The methods of the class, by which overridden ones are told.
    """

    def __init__(
        self,
        owner: weakref.ref[Any],
        own_cost: Any,
        originals: Mapping[str, Callable[..., Any]],
    ) -> None:
        self._owner, self._own_cost, self._originals = owner, own_cost, originals

    @property
    def network(self) -> Any:
        """The network of chapter 1."""
        network = self._owner()
        assert network is not None  # a method of it is being called
        return network

    # The book's attributes stay the network's own; no run assigns the first three, so mypy need not
    # mind that these cannot be assigned.

    @property
    def sizes(self) -> Sequence[int]:  # type: ignore[override]
        """Neurons per layer."""
        sizes: Sequence[int] = self.network.sizes
        return sizes

    @property
    def num_layers(self) -> Any:  # type: ignore[override]
        """As many as `sizes` has, unless a script has set another number."""
        return self.network.num_layers

    @property
    def cost(self) -> Any:  # type: ignore[override]
        """The quadratic cost, or that of a `cost_derivative` of the user's own."""
        own = is_overridden(self.network, "cost_derivative", self._originals)
        return self._own_cost if own else _COST

    @property
    def weights(self) -> Arrays:
        """Those of the network."""
        weights: Arrays = self.network.weights
        return weights

    @weights.setter
    def weights(self, weights: Arrays) -> None:
        self.network.weights = weights

    @property
    def biases(self) -> Arrays:
        """Those of the network."""
        biases: Arrays = self.network.biases
        return biases

    @biases.setter
    def biases(self, biases: Arrays) -> None:
        self.network.biases = biases

    def _fastnn_own_class(self) -> type[Any]:
        """Return the class of the network of chapter 1."""
        return type(self.network)

    def call_what_is_overridden(self) -> None:
        """Have the methods that are a user's own in the place of this object's."""
        methods = {
            "feedforward": self.network.feedforward,
            "backprop": self.network.backprop,
            "update_mini_batch": self._take_own_step,
        }
        for name, method in methods.items():
            if is_overridden(self.network, name, self._originals):
                vars(self)[name] = method
            else:
                vars(self).pop(name, None)

    @contextmanager
    def evaluating(self, test_data: Any) -> Iterator[None]:
        """Have a user's own `evaluate`, which is given its own data, as the monitor of a run."""
        if is_overridden(self.network, "evaluate", self._originals):
            vars(self)["accuracy"] = lambda data: self.network.evaluate(test_data)
        try:
            yield
        finally:
            vars(self).pop("accuracy", None)

    def _take_own_step(self, mini_batch: Any, eta: float, lmbda: float, n: int) -> None:
        self.network.update_mini_batch(mini_batch, eta)
