"""Many networks at once: over seeds and over grids of settings, on this machine or on many."""

from fastnn.sweeps.table import Row, Summary, Sweep
from fastnn.sweeps.train import SweepInterrupted, train_many

__all__ = ["Row", "Summary", "Sweep", "SweepInterrupted", "train_many"]
