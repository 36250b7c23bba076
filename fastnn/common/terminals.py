"""What a process says on the side, to stderr: on a terminal, in lines, or to nobody."""

from __future__ import annotations

import sys


def stderr_is_terminal() -> bool:
    """Say whether somebody sees stderr as it is written; programs without a console have none."""
    return bool(getattr(sys.stderr, "isatty", lambda: False)())


def say(line: str) -> None:
    """Write a line to stderr, if there is one: `print` would take stdout in its place."""
    if sys.stderr is not None:
        print(line, file=sys.stderr, flush=True)
