"""Checks of options of `SGD` that no other argument needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastnn.common import checks
from fastnn.common.processors import threads_available

# A check takes name and value of an option; it returns the value in its plain form, or raises.
Check = Callable[[str, Any], Any]


def anything(name: str, value: Any) -> Any:
    """Return a value that is checked with others, or elsewhere."""
    return value


def truth(name: str, value: Any) -> bool:
    """Return whether a value is true, as network2 does, which takes anything."""
    return bool(value)


def count_or_none(name: str, value: Any) -> int | None:
    """Return a count from 1 on, or None, for which 0 stands too, as in ports of network2."""
    return None if value is None else checks.integer(name, value, smallest=0) or None


def seed_or_none(name: str, value: Any) -> int | None:
    """Return a seed, or None."""
    return None if value is None else checks.check_seed(name, value)


def callbacks(name: str, callback: Any) -> tuple[Callable[..., Any], ...]:
    """Return the functions to call after each epoch: none, one, or those of a list."""
    if callback is None:
        return ()
    functions = tuple(callback) if isinstance(callback, (list, tuple)) else (callback,)
    for place, function in enumerate(functions):
        if not callable(function):
            which = name if function is callback else f"{name}[{place}]"
            got = checks.describe(function)
            raise TypeError(f"{which} must be a function of epoch, network and history, got {got}")
    return functions


def on_divergence(name: str, value: Any) -> str:
    """Return one of the two words."""
    if value not in ("raise", "continue"):
        raise checks.wrong_choice(value, f'{name} must be "raise" or "continue"')
    return str(value)


def thread_count(name: str, threads: Any) -> int:
    """Return how many threads to use at most: all there are, or fewer where asked for."""
    available = threads_available()
    if threads is None:
        return available
    return min(checks.integer(name, threads, smallest=1), available)


def dropout_rates(name: str, dropout: Any) -> float | tuple[float, ...]:
    """Return one rate, or one for each hidden layer."""
    if isinstance(dropout, (list, tuple)):
        return tuple(checks.fraction(f"{name}[{i}]", rate) for i, rate in enumerate(dropout))
    return checks.fraction(name, dropout)


def layer_places(name: str, layers: Any) -> tuple[int, ...]:
    """Return places of layers in increasing order; how many there are is checked later."""
    if not isinstance(layers, (list, tuple, range, set, frozenset)):
        got = checks.describe(layers)
        raise TypeError(f"{name} must be a list of layers, counted from 0, got {got}")
    entries = enumerate(layers)
    return tuple(sorted({checks.integer(f"{name}[{i}]", at, smallest=0) for i, at in entries}))
