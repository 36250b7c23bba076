"""What a training run, or a sweep of many networks, shows while it goes on."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

from fastnn.common.terminals import say, stderr_is_terminal
from fastnn.model.history import History


class Progress:
    """A bar of epochs on a terminal (tqdm, if it is installed), else a line for each epoch.

    Both go to stderr: stdout has the lines of network2 and nothing else.

    Parameters
    ----------
    epochs : int
        How many there will be in all.
    done : int
        How many of them are done already.
    """

    def __init__(self, epochs: int, done: int) -> None:
        self._epochs = epochs
        self._bar = _bar_on_a_terminal(epochs, done, "epoch")

    def show(self, epoch: int, history: History, n: int, n_evaluation: int) -> None:
        """Show the epoch that has ended: its accuracy, and its examples per second.

        Parameters
        ----------
        epoch : int
            Its number, from 0.
        history : History
            With the figures of this epoch.
        n, n_evaluation : int
            How many examples there are to train on, and to evaluate with.
        """
        figures = []
        if history.evaluation_accuracy:
            figures.append(f"accuracy {history.evaluation_accuracy[-1] / n_evaluation:.2%}")
        figures.append(f"{n / max(history.epoch_seconds[-1], 1e-9):,.0f} examples/s")
        if self._bar is None:
            say(f"epoch {epoch + 1}/{self._epochs}: {', '.join(figures)}")
        else:
            self._bar.set_postfix_str(", ".join(figures), refresh=False)
            self._bar.update()

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()


class SweepProgress:
    """A bar of networks on a terminal (tqdm, if it is installed), else a line for each network."""

    def __init__(self, networks: int, done: int) -> None:
        self._networks = networks
        self._done = done
        self._bar = _bar_on_a_terminal(networks, done, "network")

    def show(self, network: str, result: str) -> None:
        """Show that a network is done: which one, and what came of it."""
        self._done += 1
        if self._bar is None:
            say(f"network {self._done}/{self._networks}: {network}: {result}")
        else:
            # The result first: a narrow terminal cuts off the end.
            self._bar.set_postfix_str(f"{result}: {network}", refresh=False)
            self._bar.update()

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()


def _bar_on_a_terminal(total: int, done: int, unit: str) -> Any:
    """Return a bar of tqdm; None where nobody would see one, or tqdm is not installed."""
    notebook = _in_notebook()
    try:
        if notebook and find_spec("ipywidgets"):  # which tqdm's bar for notebooks is made of
            from tqdm.notebook import tqdm as notebook_bar

            return notebook_bar(total=total, initial=done, unit=unit)
        if sys.stderr is None or not (notebook or stderr_is_terminal()):
            return None
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm(total=total, initial=done, unit=unit, file=sys.stderr)


def _in_notebook() -> bool:
    """Say whether this process is the kernel of a notebook."""
    shell = sys.modules.get("IPython")
    return shell is not None and hasattr(shell.get_ipython(), "kernel")
