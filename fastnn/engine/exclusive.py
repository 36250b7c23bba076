"""Each network is trained by one call at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# The call that trains a network, by process (a fork inherits this) and the network's identity. Once
# it has ended it is an empty list.
_TRAINED: dict[tuple[int, int], list[str]] = {}


@contextmanager
def trained_alone(network: object) -> Iterator[None]:
    """Keep other calls from training the network meanwhile.

    Raises
    ------
    RuntimeError
        If one does already, in another thread or because this is its callback.
    """
    key, this = (os.getpid(), id(network)), ["training"]
    try:
        other = _TRAINED.setdefault(key, this)
        if other is not this:
            if other:
                raise RuntimeError(
                    "the network is being trained already, by another thread or by the call whose "
                    "callback this is: wait for that, or train a copy"
                )
            _TRAINED[key] = this  # an interrupt has kept the other from leaving
        yield
    finally:
        this.clear()  # in one step, which no interrupt divides
        if _TRAINED.get(key) is this:
            del _TRAINED[key]


# The thread whose call of `SGD` is about to take a step with a method of the user's, by the same.
_STEPPING: dict[tuple[int, int], int] = {}


@contextmanager
def steps_allowed(network: object) -> Iterator[None]:
    """Let this thread take steps on a network that it is training already.

    What a user has in the place of `update_mini_batch` may call fastnn's own.
    """
    key = (os.getpid(), id(network))
    _STEPPING[key] = threading.get_ident()
    try:
        yield
    finally:
        _STEPPING.pop(key, None)


@contextmanager
def stepped_alone(network: object) -> Iterator[None]:
    """As `trained_alone`, but for a single step, which `steps_allowed` may have allowed."""
    if _STEPPING.get((os.getpid(), id(network))) == threading.get_ident():
        yield
    else:
        with trained_alone(network):
            yield
