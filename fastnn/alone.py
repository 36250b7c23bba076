"""Each network is trained by one call at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

# Who trains which network, by process (a fork inherits this) and identity.
_TRAINED: dict[tuple[int, int], object] = {}


@contextmanager
def trained_alone(network: object) -> Iterator[None]:
    """Keep other calls from training the network meanwhile.

    Raises
    ------
    RuntimeError
        If one does already, in another thread or because this is its callback.
    """
    key, token = (os.getpid(), id(network)), object()
    try:
        if _TRAINED.setdefault(key, token) is not token:
            raise RuntimeError(
                "the network is being trained already, by another thread or by the call whose "
                "callback this is: wait for that, or train a copy"
            )
        yield
    finally:
        if _TRAINED.get(key) is token:
            del _TRAINED[key]
