"""Many networks at once: over seeds and over grids of settings, on this machine or on many."""

from fastnn.sweeps.comparison import Comparison, compare
from fastnn.sweeps.differences import Difference
from fastnn.sweeps.table import Row, Summary, Sweep
from fastnn.sweeps.train import SweepInterrupted, train_many

__all__ = [
    "Comparison",
    "Difference",
    "Row",
    "Summary",
    "Sweep",
    "SweepInterrupted",
    "compare",
    "train_many",
]
