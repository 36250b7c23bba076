"""Code of somebody's own in a sweep: known again by workers, and with no state that is shared."""

from __future__ import annotations

import contextvars
import gc
import io
import threading
import types
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from fastnn.common.checks import shortened
from fastnn.model.costs import patched_parts
from fastnn.model.definitions import Code, code_of

_OF_CODE = ("cost", "activation", "schedule")  # the settings that are classes and functions
_WITH_STATE = ("cost", "schedule")  # activations are compiled with what they hold

# What copies of an object share, as it cannot be copied and numbers do not depend on it.
_SHARED = (
    *(type(threading.Lock()), type(threading.RLock()), threading.local, contextvars.ContextVar),
    *(io.IOBase, types.ModuleType),
)
_OF_ALL = (type, types.FunctionType, types.BuiltinFunctionType, types.CodeType)


def checked_code(settings: Mapping[str, Any], known: dict[int, tuple[Any, Code]]) -> dict[str, str]:
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
        If the networks of a sweep would share a generator of random numbers.
    """
    for name, value in _code(settings).items():
        if id(value) not in known:
            known[id(value)] = value, _checked(name, value)
    return {
        name: _digest(value, known[id(value)][1].digest) for name, value in _code(settings).items()
    }


def digests_of_code(settings: Mapping[str, Any]) -> dict[str, str]:
    """Digest what the code in a network's settings does here, each by the name of its setting."""
    return {name: _digest(value, code_of(value).digest) for name, value in _code(settings).items()}


def with_own_state(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with copies of the objects that may remember what they are called with."""
    return {
        name: _copy(value) if name in _WITH_STATE else value for name, value in settings.items()
    }


def _code(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: settings[name] for name in _OF_CODE if name in settings}


def _digest(value: Any, digest: str) -> str:
    """Return a digest that knows, too, what was put in the place of a built-in cost's functions."""
    return " ".join([digest, *patched_parts(value)])


def _copy(value: Any) -> Any:
    """Copy an object; what cannot be copied is all that networks share."""
    try:
        return deepcopy(value)
    except Exception:  # a lock or a stream, as a rule
        try:
            return deepcopy(value, _shared(value))
        except Exception:  # some object's class does not let itself be copied at all
            return value


def _shared(value: Any) -> dict[int, Any]:
    """Find what copies share, as the memo of `deepcopy`."""
    memo, seen, rest = {}, set(), [value]
    while rest:
        one = rest.pop()
        if id(one) in seen or isinstance(one, _OF_ALL):
            continue
        seen.add(id(one))
        if isinstance(one, _SHARED):
            memo[id(one)] = one
        else:
            rest += gc.get_referents(one)
    return memo


def _checked(name: str, value: Any) -> Code:
    code = code_of(value)
    if code.draws:
        raise ValueError(
            f"{name} must not draw from {shortened(', '.join(code.draws))}, a generator that "
            "all networks of a sweep share: let it make its own, as np.random.RandomState(epoch)"
        )
    return code
