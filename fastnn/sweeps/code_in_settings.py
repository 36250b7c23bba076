"""Code of somebody's own in a sweep: known again by workers, and with no state that is shared."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from fastnn.common.checks import describe, shortened
from fastnn.model.costs import patched_parts
from fastnn.model.definitions import Definition, definition_of

_OF_CODE = ("cost", "activation", "schedule")  # the settings that are classes and functions
_WITH_STATE = ("cost", "schedule")  # activations are compiled with what they hold


def checked_code(
    settings: Mapping[str, Any], known: dict[int, tuple[Any, Definition]]
) -> dict[str, str]:
    """Find out what the code in a network's settings does.

    Parameters
    ----------
    settings : mapping of str to object
        Arguments of `Network` and `SGD`, by name.
    known : dict
        What has been found out in this call; it is added to.

    Returns
    -------
    dict of str to str
        As of `digests_of_code`.

    Raises
    ------
    ValueError
        If the networks of a sweep would share a generator of random numbers, or an object that
        cannot be copied.
    """
    for name, value in _code(settings).items():
        if id(value) not in known:
            known[id(value)] = value, _checked(name, value)
    return {
        name: _digest(value, known[id(value)][1].digest) for name, value in _code(settings).items()
    }


def digests_of_code(settings: Mapping[str, Any]) -> dict[str, str]:
    """Digest what the code in a network's settings does here, each by the name of its setting."""
    return {
        name: _digest(value, definition_of(value).digest) for name, value in _code(settings).items()
    }


def with_own_state(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with copies of the objects that may remember what they are called with."""
    return {
        name: deepcopy(value) if name in _WITH_STATE else value for name, value in settings.items()
    }


def _code(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: settings[name] for name in _OF_CODE if name in settings}


def _digest(value: Any, digest: str) -> str:
    """Return a digest that knows, too, what was put in the place of a built-in cost's functions."""
    return " ".join([digest, *patched_parts(value)])


def _checked(name: str, value: Any) -> Definition:
    definition = definition_of(value)
    if definition.draws:
        raise ValueError(
            f"{name} must not draw from {shortened(', '.join(definition.draws))}, a generator that "
            "all networks of a sweep share: let it make its own, as np.random.RandomState(epoch)"
        )
    if name in _WITH_STATE:
        try:
            deepcopy(value)
        except Exception as problem:
            raise ValueError(
                f"{name} must be something that can be copied, as each network of a sweep has its "
                f"own, got {describe(value)}: {shortened(problem)}"
            ) from None
    return definition
