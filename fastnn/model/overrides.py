"""Which methods of a network are a user's own: in a subclass, on the class, or on the network."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from inspect import getattr_static
from operator import attrgetter
from types import MemberDescriptorType
from typing import Any, TypeVar

from fastnn.common.checks import float_type
from fastnn.model.activations import only_python, sigmoid, sigmoid_prime

Method = TypeVar("Method", bound=Callable[..., Any])

_SIGMOIDS = ("network2.sigmoid", "network2.sigmoid_prime")

_ORIGINALS: dict[str, Callable[..., Any]] = {}


def original(method: Method) -> Method:
    """Note a method as fastnn's own, so that another one in its place is seen to be a user's."""
    _ORIGINALS[method.__name__] = method
    return method


def is_overridden(
    network: Any, name: str, originals: Mapping[str, Callable[..., Any]] = _ORIGINALS
) -> bool:
    """Say whether something else has taken the place of a method noted by `original`.

    For another class than network2's, give its methods as `originals`.
    """
    return name in vars(network) or getattr(type(network), name) is not originals[name]


def has_overrides(network: Any) -> bool:
    """Say whether `is_overridden` is true of any method that `original` has noted."""
    if not vars(network).keys().isdisjoint(_ORIGINALS):
        return True
    methods, originals = _methods_to_compare()
    return methods(type(network)) != originals


@functools.cache
def _methods_to_compare() -> tuple[attrgetter[tuple[Any, ...]], tuple[Any, ...]]:
    """Return what gets these methods of a class, and fastnn's own; they are noted by imports."""
    return attrgetter(*_ORIGINALS), (*_ORIGINALS.values(),)


# What each network sets for itself; its class has a default.
ATTRIBUTES = ("activations", "columns", "dtype", "history", "labels", "scaling")


@functools.cache
def _parts_of_class() -> attrgetter[tuple[Any, ...]]:
    return attrgetter(*_ORIGINALS, *ATTRIBUTES)


def class_of(network: Any) -> tuple[Any, ...] | None:
    """Return what of a network's class may be a user's own.

    Two that are equal get the same answers from `has_overrides` and `watched_parameters`, and have
    the same defaults of `ATTRIBUTES`. To compare them takes a third of the time of asking. None
    where this comparison would not be enough.
    """
    kind = network._fastnn_own_class()
    if (
        hasattr(kind, "weights")
        or hasattr(kind, "biases")
        or hasattr(kind, "cost")
        or not vars(network).keys().isdisjoint(_ORIGINALS)
    ):
        return None
    return kind.__setattr__, kind.__getattribute__, _parts_of_class()(type(network))


def watched_parameters(network: Any) -> list[str]:
    """Name what a user's class has that runs whenever parameters or cost are read or assigned.

    Such as a property ``Clipped.weights``, or ``Logged.__setattr__``. network2 reads them at every
    step, and assigns weights and biases.
    """
    kind = network._fastnn_own_class()
    if (  # fast path: this runs in every single call
        kind.__setattr__ is object.__setattr__
        and kind.__getattribute__ is object.__getattribute__
        and not (hasattr(kind, "weights") or hasattr(kind, "biases") or hasattr(kind, "cost"))
    ):
        return []
    hooks = ("__setattr__", "__getattribute__")
    found = [name for name in hooks if getattr(kind, name) is not getattr(object, name)]
    for name in ("weights", "biases", "cost"):  # what network2 reads at every step
        of_class = getattr_static(kind, name, None)
        if isinstance(of_class, MemberDescriptorType):  # of `__slots__`
            continue
        if any(hasattr(of_class, way) for way in ("__get__", "__set__", "__delete__")):
            found.append(name)
    return [f"{kind.__name__}.{name}" for name in found]


def calls_feedforward(network: Any) -> bool:
    """Say whether the outputs have to come from `feedforward` of the network, in Python."""
    return is_overridden(network, "feedforward") or has_functions_of_python(network)


def calls_backprop(network: Any) -> bool:
    """Say whether the gradient has to come from `backprop` of the network, in Python."""
    return is_overridden(network, "backprop") or has_functions_of_python(network)


def has_own_steps(network: Any) -> bool:
    """Say whether a user's own code takes the steps, or the gradients for them."""
    return is_overridden(network, "backprop") or is_overridden(network, "update_mini_batch")


def has_functions_of_python(network: Any) -> bool:
    """Say whether a sigmoid is rebound, or an activation is one that only Python can compute."""
    return network._fastnn_rebound_sigmoids() is not None or bool(activations_of_python(network))


def activations_of_python(network: Any) -> list[str]:
    """Name the activations that only Python can compute."""
    activations = network.activations
    if not isinstance(activations, (list, tuple)) or all(type(a) is str for a in activations):
        return []
    names = only_python(activations, float_type(network.dtype))
    return [f"the activation {name}" for name in names]


def overridden(network: Any, *names: str) -> list[str]:
    """Return those of the methods that are overridden, and the functions of network2 rebound.

    They are called as a message calls them: ``Momentum.update_mini_batch``, ``network2.sigmoid``.
    """
    found = [f"{type(network).__name__}.{name}" for name in names if is_overridden(network, name)]
    own = sigmoid, sigmoid_prime
    pairs = zip(network._fastnn_rebound_sigmoids() or own, own, _SIGMOIDS, strict=True)
    return [*found, *(name for present, function, name in pairs if present is not function)]


def leading_through_python(network: Any, *names: str) -> list[str]:
    """Return `overridden`, and the activations that only Python can compute."""
    return [*overridden(network, *names), *activations_of_python(network)]


def check_exportable(network: Any, answers: Mapping[str, Callable[..., Any]]) -> None:
    """Raise ValueError if the outputs have to come from a method of the network.

    `answers` are the methods that tell outputs, fastnn's own, by their names.
    """
    names = [name for name in overridden(network, "feedforward") if name != _SIGMOIDS[1]]
    kind = type(network).__name__
    names += [f"{kind}.{name}" for name in answers if is_overridden(network, name, answers)]
    if names:
        raise ValueError(
            f"{' and '.join(names)} is overridden, which other programs do not have: only networks "
            "whose outputs follow from their parameters can be given away"
        )
