"""What a process says on the side, to stderr: in a bar on a terminal, in lines, or to nobody."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any


def give_streams() -> None:
    """Have prints go nowhere in a process without stdout or stderr: there Python has None."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until Python ends
            setattr(sys, name, nowhere)


@contextmanager
def escaped_on_stdout() -> Iterator[None]:
    """Have prints escape what the encoding of stdout has not, as they do on stderr, not fail."""
    stream = sys.stdout
    if not isinstance(stream, io.TextIOWrapper) or stream.errors != "strict":
        yield
        return
    stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        stream.reconfigure(errors="strict")


def stderr_is_terminal() -> bool:
    """Say whether somebody sees stderr as it is written; programs without a console have none."""
    return bool(getattr(sys.stderr, "isatty", lambda: False)())


def say(line: str) -> None:
    """Write a line to stderr, if there is one: `print` would take stdout in its place."""
    if sys.stderr is not None:
        print(line, file=sys.stderr, flush=True)


class BarOrLines:
    """A bar on a terminal (tqdm, if it is installed), else a line for each step.

    Both go to stderr.

    Parameters
    ----------
    total : int
        How many steps there will be in all.
    done : int
        How many of them are done already.
    unit : str
        What a step is called.
    """

    def __init__(self, total: int, done: int, unit: str) -> None:
        self._total, self._done, self._unit = total, done, unit
        self._bar = bar_on_a_terminal(total=total, initial=done, unit=unit)

    def step(self, in_line: str, on_bar: str) -> None:
        """Show that a step is done, with a text for a line of its own or one for the bar."""
        self._done += 1
        if self._bar is None:
            say(f"{self._unit} {self._done}/{self._total}: {in_line}")
        else:
            self._bar.set_postfix_str(on_bar, refresh=False)
            self._bar.update()

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()


def bar_on_a_terminal(*items: Any, **how: Any) -> Any:
    """Return a bar of tqdm; None where nobody would see one, or tqdm is not installed.

    Parameters
    ----------
    *items, **how
        As tqdm takes them.
    """
    notebook = _in_notebook()
    try:
        if notebook and find_spec("ipywidgets"):  # which tqdm's bar for notebooks is made of
            from tqdm.notebook import tqdm as notebook_bar

            return notebook_bar(*items, **how)
        if sys.stderr is None or not (notebook or stderr_is_terminal()):
            return None
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm(*items, file=sys.stderr, **how)


def _in_notebook() -> bool:
    """Say whether this process is the kernel of a notebook."""
    shell = sys.modules.get("IPython")
    return shell is not None and hasattr(shell.get_ipython(), "kernel")
