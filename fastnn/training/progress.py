"""What a training run shows while it goes on."""

from __future__ import annotations

from fastnn.common.terminals import BarOrLines
from fastnn.model.history import History


class Progress(BarOrLines):
    """A bar of epochs, or a line for each: stdout has the lines of network2 and nothing else.

    Parameters
    ----------
    epochs : int
        How many there will be in all.
    done : int
        How many of them are done already.
    """

    def __init__(self, epochs: int, done: int) -> None:
        super().__init__(epochs, done, "epoch")

    def show(self, history: History, n: int, n_evaluation: int) -> None:
        """Show the epoch that has ended: its accuracy, and its examples per second.

        Parameters
        ----------
        history : History
            With the figures of this epoch.
        n, n_evaluation : int
            How many examples there are to train on, and to evaluate with; of these maybe none.
        """
        figures = []
        if n_evaluation and history.evaluation_accuracy:  # else they are a callback's own
            figures.append(f"accuracy {history.evaluation_accuracy[-1] / n_evaluation:.2%}")
        figures.append(f"{n / max(history.epoch_seconds[-1], 1e-9):,.0f} examples/s")
        self.step(", ".join(figures), ", ".join(figures))
