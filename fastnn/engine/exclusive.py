"""Each network is trained by one call at a time."""

from __future__ import annotations

import os
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
