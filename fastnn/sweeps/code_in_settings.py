"""Code of somebody's own in a sweep: known again by workers, and with no state that is shared."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastnn.common.checks import shortened
from fastnn.model.costs import patched_parts
from fastnn.model.definitions import Code, code_of
from fastnn.model.memory import Memory
from fastnn.sweeps.copies import copy_of

_OF_CODE = ("cost", "activation", "schedule")  # the settings that are classes and functions


@dataclass
class Known:
    """What has been found out in a call: of code by its identity, and what networks share."""

    code: dict[int, tuple[Any, Code]] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)


def checked_code(settings: Mapping[str, Any], known: Known) -> dict[str, str]:
    """Find out what the code in a network's settings does.

    Parameters
    ----------
    settings : mapping of str to object
        Arguments of `Network` and `SGD`, by name.
    known : Known
        It is added to.

    Returns
    -------
    dict of str to str
        As of `digests_of_code`.

    Raises
    ------
    ValueError
        If the networks of a sweep would share a generator, of random numbers or of others.

    Warns
    -----
    RuntimeWarning
        If they share what code changes and reads again: it may be no more than a store of results.
    """
    found = {}
    for name, value in _code(settings).items():
        if id(value) not in known.code:
            known.code[id(value)] = value, _checked(name, value)
        found[name] = known.code[id(value)][1]
        _point_out(f"{name} changes and reads", found[name].memory.remembered(), known)
    memories = {name: code.memory for name, code in found.items() if code.memory != Memory()}
    together = f"{' and '.join(memories)} together change and read"
    _point_out(together, Memory().remembered(*memories.values()), known)
    return {name: _digest(settings[name], code.digest) for name, code in found.items()}


def digests_of_code(settings: Mapping[str, Any]) -> dict[str, str]:
    """Digest what the code in a network's settings does here, each by the name of its setting."""
    return {name: _digest(value, code_of(value).digest) for name, value in _code(settings).items()}


def with_own_state(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with copies of what may remember what it is called with."""
    memo: dict[int, Any] = {}  # of all of them: a schedule may tell the cost which epoch it is
    own = {name: copy_of(value, memo) for name, value in _code(settings).items()}
    return {**settings, **own}


def _code(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: settings[name] for name in _OF_CODE if name in settings}


def _digest(value: Any, digest: str) -> str:
    """Return a digest that knows, too, what was put in the place of a built-in cost's functions."""
    return " ".join([digest, *patched_parts(value)])


def _checked(name: str, value: Any) -> Code:
    code = code_of(value)
    if code.draws:
        raise ValueError(
            f"{name} must not draw from {shortened(', '.join(code.draws))}, a generator that "
            "all networks of a sweep share: let it make its own, as np.random.RandomState(epoch)"
        )
    if code.steps:
        raise ValueError(
            f"{name} must not go on with {shortened(', '.join(code.steps))}, which all networks of "
            "a sweep share: keep what it remembers in an object or a closure, of which each "
            "network has a copy (generators have none)"
        )
    return code


def _point_out(what: str, remembered: Sequence[str], known: Known) -> None:
    """Warn once of what all networks share."""
    new = [name for name in dict.fromkeys(remembered) if name not in known.shared]
    known.shared.update(new)
    if new:
        warnings.warn(
            f"{what} {shortened(', '.join(new))}, which all networks of a sweep share: where one "
            "depends on what was done for others, keep it in an object or in the closure of a "
            "function, of which each network has a copy (of classes there is none)",
            RuntimeWarning,
            stacklevel=6,
        )
