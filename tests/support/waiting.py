"""Wait for what other threads and processes do, though not for ever."""

import _thread
import time


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "A minute was not enough."
        time.sleep(0.002)


def running_threads():
    """How many threads there are besides the main one, whoever began them from Python.

    Those that have done all they had to do may be counted for a moment.
    """
    return _thread._count()
