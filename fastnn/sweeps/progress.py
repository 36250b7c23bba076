"""What a sweep of many networks shows while it goes on."""

from __future__ import annotations

from fastnn.common.terminals import BarOrLines


class SweepProgress(BarOrLines):
    """A bar of networks, or a line for each.

    Parameters
    ----------
    networks : int
        How many there will be in all.
    done : int
        How many of them are done already.
    """

    def __init__(self, networks: int, done: int) -> None:
        super().__init__(networks, done, "network")

    def show(self, network: str, result: str) -> None:
        """Show that a network is done: which one, and what came of it."""
        # The result first on a bar: a narrow terminal cuts off the end.
        self.step(f"{network}: {result}", f"{result}: {network}")
