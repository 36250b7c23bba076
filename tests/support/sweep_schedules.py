"""Schedules and data for sweeps; worker processes import the schedules from here."""

import os
import signal
import sys
import time
from pathlib import Path

from builders import digits, labelled

SIZES = [20, 6, 3]
SETTINGS = {"epochs": 3, "mini_batch_size": 7, "eta": 0.5, "lmbda": 0.1, "progress": False}
MARKER = "FASTNN_TEST_MARKER"


def settings_beside(grid):
    """Return the settings that a grid of values leaves as they are."""
    in_grid = grid if isinstance(grid, dict) else ()
    return {name: value for name, value in SETTINGS.items() if name not in in_grid}


def training_data(seed=1):
    return digits(60, SIZES[0], SIZES[-1], seed)


def evaluation_data():
    return labelled(digits(30, SIZES[0], SIZES[-1], seed=2))


def failing(epoch):
    """A schedule that fails in its second epoch."""
    if epoch == 1:
        raise LookupError("no rate for this epoch")
    return 1.0


def leaving(epoch):
    """A schedule that ends the program, as it believes."""
    sys.exit("no rate for this epoch")


def plain(epoch):
    """A schedule that changes nothing."""
    return 1.0


def definitions(factor):
    """A cost, an activation and a schedule, each with the same name for any factor."""

    class Cost:
        @staticmethod
        def fn(a, y):
            return factor * float(((a - y) ** 2).sum())

        @staticmethod
        def delta(z, a, y):
            return factor * (a - y)

    class Activation:
        @staticmethod
        def fn(z):
            return factor * z

        @staticmethod
        def prime(z):
            return factor

    def schedule(epoch):
        return factor

    named = {"cost": Cost, "activation": Activation, "schedule": schedule}
    for setting, definition in named.items():
        definition.__qualname__ = f"Own{setting}"
    return named


def interrupting(epoch):
    """A schedule that presses Ctrl-C, and then makes training slow."""
    if epoch == 0:
        os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.2)
    return 1.0


def killing_once(epoch):
    """A schedule that ends its process at once, if the file MARKER is not there yet."""
    if _created(marker_path()):
        os.kill(os.getpid(), signal.SIGKILL)
    return 1.0


def killing_always(epoch):
    """A schedule that ends its process a little later."""
    time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGKILL)


def killing_both(epoch):
    """A schedule that ends two processes at once, if the file MARKER is not there yet."""
    first, second = marker_path(), marker_path().with_suffix(".second")
    if _created(first):
        while not second.exists():
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGKILL)
    if _created(second):
        os.kill(os.getpid(), signal.SIGKILL)
    return 1.0


def look_for(marker):
    """Let this process look for another file than MARKER says, if there is one."""
    if marker is not None:
        os.environ[MARKER] = marker


def marker_path():
    return Path(os.environ[MARKER])


def _created(path):
    """Say whether this process, and no other, made the file."""
    try:
        path.open("x").close()
    except FileExistsError:
        return False
    return True


class Squared:
    @staticmethod
    def fn(a, y):
        return float(((a - y) ** 2).sum())


class Remembering:
    """A schedule that goes by how often it was called, as some are written."""

    def __init__(self):
        self.calls = 0

    def __call__(self, epoch):
        self.calls += 1
        return 1.0 / self.calls
