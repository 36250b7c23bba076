"""Wait for other threads and processes, but not for ever.

The limit ends what hangs. A machine that has much else to do needs minutes for what takes seconds.
"""

import _thread
import time


def wait_until(condition):
    deadline = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < deadline, "Five minutes were not enough."
        time.sleep(0.002)


def running_threads():
    """Count the threads started from Python besides the main one.

    A thread that has just finished may still count for a moment.
    """
    return _thread._count()
