"""Each network is trained by one call at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import ref

# The call that trains a network, by process (a fork inherits this) and the network's identity. A
# dead reference means that the call ended, even if an interrupt skipped `__exit__`.
_TRAINED: dict[tuple[int, int], ref[TrainedAlone]] = {}


class TrainedAlone:
    """A context that keeps other calls from training a network meanwhile.

    It is a class, which takes 0.6 of the 25 us of a short call, where a generator would take 1.2.
    Nothing runs when it is deleted: Ctrl-C would be lost there.

    Parameters
    ----------
    network : object

    Raises
    ------
    RuntimeError
        On entry, if another call trains it: in another thread, or one that has called a callback or
        a method which now calls this.
    """

    __slots__ = ("__weakref__", "_key", "_network")

    def __init__(self, network: object) -> None:
        self._key, self._network = (os.getpid(), id(network)), network

    def __enter__(self) -> None:
        """Note that the network is being trained."""
        this = ref(self)
        try:
            other = _TRAINED.setdefault(self._key, this)
            if other is not this:
                if other() is not None:
                    raise RuntimeError(
                        "the network is being trained already, by another thread or by the call "
                        "whose callback or method this is: wait for that, or train a copy"
                    )
                _TRAINED[self._key] = this
        except BaseException:  # its traceback, if somebody keeps it, keeps this
            if _TRAINED.get(self._key) is this:
                del _TRAINED[self._key]
            raise

    def __exit__(self, *_: object) -> None:
        """Let others train it."""
        del _TRAINED[self._key]


# The thread that may take steps on a network whose `SGD` calls it, by the same keys.
_STEPPING: dict[tuple[int, int], int] = {}


@contextmanager
def steps_allowed(network: object) -> Iterator[None]:
    """Let this thread take steps on a network that it is training already.

    A user's own `update_mini_batch` may call fastnn's, and so may what measures after an epoch.
    """
    key = (os.getpid(), id(network))
    _STEPPING[key] = threading.get_ident()
    try:
        yield
    finally:
        _STEPPING.pop(key, None)


@contextmanager
def stepped_alone(network: object) -> Iterator[None]:
    """As `TrainedAlone`, but for a single step, which `steps_allowed` may have allowed."""
    if _STEPPING.get((os.getpid(), id(network))) == threading.get_ident():
        yield
    else:
        with TrainedAlone(network):
            yield
