"""Who trains which network, where several calls share one file of results."""

from __future__ import annotations

import errno
import functools
import json
import math
import os
import platform
import secrets
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

from fastnn.common.checks import printable
from fastnn.common.libraries import check_libraries
from fastnn.common.reading import parse_json

_LOOK_UP = 0.5  # seconds of waiting for the lock after which to see whether to go on with that
_SAY_SO = 5.0  # seconds after which the user is told that it is waited for
_GRACE = 5.0  # seconds for which it is waited for after Ctrl-C: others hold it for a moment
BEAT = 5.0  # seconds after which each call shows again that it lives
_WITHOUT_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS)  # as on some NFS
EXPIRES = 60.0  # seconds without such a sign after which the claims of a call are void


@functools.cache
def _lock_of(filename: str, process: int) -> Any:
    """Return a process's lock of that name.

    It is kept for ever: Ctrl-C while one is deleted may keep the next waiting.
    """
    check_libraries("results, a file that processes may share,", ["filelock"], "sweeps")
    from filelock import FileLock

    return FileLock(filename)


# Calls of this process that have ended: their claims are void, also where they could not say so.
_ENDED: set[str] = set()


class Claims:
    """A small file beside the results that says which call trains what.

    A call that dies leaves claims behind. They are void as soon as its process is seen to be dead,
    on the same machine, and else once its sign of life has not changed for a minute. Only changes
    count, so clocks of different machines need not agree. A claim that is void too early costs the
    time to train a network twice, and nothing else.

    Parameters
    ----------
    results : Path
        The file of results.
    stopped : SimpleQueue, optional
        Once something is in it, the call is to end: a lock that others hold is not waited for
        much longer.

    Raises
    ------
    ImportError
        If filelock is not installed.
    """

    def __init__(self, results: Path, stopped: SimpleQueue[None] | None = None) -> None:
        self._stopped = SimpleQueue() if stopped is None else stopped
        self._told = False  # that somebody holds the lock
        self._stopped_at = math.inf  # when it was first seen that the call is to end
        self._gave_up = False
        self._lock = _lock_of(f"{results}.lock", os.getpid())
        self._path = Path(f"{results}.claims")
        self._owner = secrets.token_hex(8)
        self._me: dict[str, Any] = {"host": _host(), "pid": os.getpid(), "beat": 0}
        self._mine: set[str] = set()
        self._seen: dict[str, tuple[int, float]] = {}  # the last change of each owner's beat

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep all others that want to read or write the results, or claims, waiting."""
        with self._acquired():
            yield

    def _acquired(self) -> Any:
        from filelock import Timeout

        began = time.monotonic()
        while True:
            try:
                # Once it was in vain, who wants to end does not wait again with each row.
                wait = 0.0 if self._gave_up else _LOOK_UP
                return self._lock.acquire(wait, poll_interval=0.005)
            except Timeout:
                self._wait_on(time.monotonic() - began)
            except (NotImplementedError, OSError) as problem:
                number = getattr(problem, "errno", errno.ENOSYS)
                reason = os.strerror(number)
                if number in _WITHOUT_LOCKS:
                    reason += (
                        "; keep results in a folder whose file system has locks, such as a disk"
                    )
                raise OSError(number, reason, self._lock.lock_file) from None

    def _wait_on(self, seconds: float) -> None:
        """Tell the user once that the lock is waited for; raise OSError if that is to end."""
        if not self._stopped.empty():
            now = time.monotonic()
            self._stopped_at = min(self._stopped_at, now)
            self._gave_up = now - self._stopped_at >= _GRACE
        if self._gave_up:
            raise OSError(errno.EAGAIN, "another process holds the lock", self._lock.lock_file)
        if seconds > _SAY_SO and not self._told:
            self._told = True
            warnings.warn(
                f"another process holds the lock {printable(self._lock.lock_file)} of results, for "
                f"{_SAY_SO:.0f} s now; the sweep waits for it. Ctrl-C ends it",
                RuntimeWarning,
                stacklevel=1,
            )

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Show that this call lives while the block runs; then give back what it has claimed."""
        ended = Event()

        def beat() -> None:
            while not ended.wait(BEAT):
                # The next beat may be heard again. Warnings may have been made errors.
                with suppress(OSError, RuntimeWarning), self.locked():
                    self._me["beat"] += 1
                    self._write(self._others())

        heart = Thread(target=beat, daemon=True, name="fastnn-claims")
        heart.start()
        try:
            yield
        finally:
            ended.set()
            heart.join()
            self._mine.clear()
            _ENDED.add(self._owner)
            with suppress(OSError), self.locked():  # else they are void soon
                self._write(self._others())

    def take(self, keys: Iterable[str], most: int) -> list[str]:
        """Claim networks that nobody else has; to be called while `locked`.

        Parameters
        ----------
        keys : iterable of str
            The networks that are wanted.
        most : int
            How many of them at most.

        Returns
        -------
        list of str
        """
        others = self._others()
        theirs = {key for other in others.values() for key in other["networks"]}
        taken: list[str] = []
        for key in keys:
            if len(taken) == most:
                break
            if key not in theirs:
                taken.append(key)
        if taken:
            self._mine.update(taken)
            self._write(others)
        return taken

    def give_back(self, key: str) -> None:
        """Claim a network no longer; others learn of it with the next claim or beat."""
        self._mine.discard(key)

    def _others(self) -> dict[str, dict[str, Any]]:
        """Read the claims of those that live."""
        try:
            content = parse_json(self._path.read_bytes())
            owners = {
                str(owner): {
                    "host": str(claims["host"]),
                    "pid": int(claims["pid"]),
                    "beat": int(claims["beat"]),
                    "networks": [str(key) for key in claims["networks"]],
                }
                for owner, claims in content.items()
            }
        except FileNotFoundError:
            return {}
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            return {}  # its writer was killed: those that live write their claims again
        return {
            owner: claims
            for owner, claims in owners.items()
            if owner != self._owner and self._lives(owner, claims)
        }

    def _lives(self, owner: str, claims: dict[str, Any]) -> bool:
        if owner in _ENDED or (claims["host"] == self._me["host"] and not _runs(claims["pid"])):
            return False
        now = time.monotonic()
        beat, since = self._seen.setdefault(owner, (claims["beat"], now))
        if beat != claims["beat"]:
            self._seen[owner] = (claims["beat"], now)
            return True
        return now - since < EXPIRES

    def _write(self, owners: dict[str, dict[str, Any]]) -> None:
        if self._mine:
            owners[self._owner] = {**self._me, "networks": sorted(self._mine)}
        if owners:
            self._path.write_text(json.dumps(owners), encoding="utf-8")
        else:
            self._path.unlink(missing_ok=True)


def _host() -> str:
    """Name what process ids belong to: a machine since it was started, and there a container."""
    parts = [platform.node()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    with suppress(OSError):
        parts.append(os.readlink("/proc/self/ns/pid"))
    return " ".join(parts)


def _runs(pid: int) -> bool:
    """Say whether a process of this machine may still run; where that cannot be asked, yes."""
    if os.name != "posix":
        return True  # on Windows, os.kill would end it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass  # somebody else's
    return True
