"""Work in a copy of this process, which may crash without ending the tests.

A copy has imported and compiled all that this process has; a new one takes a second to do so.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import traceback
import warnings

_MINUTES = 10


def in_a_copy(function, *arguments):
    """Return what a function returns in a copy of this process; fail as it fails or crashes.

    Where processes cannot be copied, the function is called here.
    """
    if sys.platform != "linux":
        return function(*arguments)
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(sender, function, arguments), daemon=True)
    with warnings.catch_warnings():
        # Python warns of threads that the copy lacks; those of pytest-xdist are not needed there.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    sender.close()
    try:
        assert receiver.poll(60 * _MINUTES), f"It takes longer than {_MINUTES} minutes."
        result, error = receiver.recv()
    except EOFError:
        process.join()
        name = signal.Signals(-process.exitcode).name if process.exitcode < 0 else process.exitcode
        raise AssertionError(f"The process ended by {name}.") from None
    finally:
        process.kill()
        process.join()
        receiver.close()
    assert error is None, error
    return result


def _work(sender, function, arguments):
    try:
        sent = function(*arguments), None
    except BaseException:
        sent = None, traceback.format_exc()
    sender.send(sent)
    sender.close()
