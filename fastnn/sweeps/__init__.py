"""Many networks at once: over seeds and over grids of settings, on this machine or on many.

From the bottom up:

- `settings`: settings in the form in which equal ones are equal.
- `sharing`: one copy of the data for all networks of a process.
- `copies`: copies of users' objects and functions, with all that these hold.
- `code_in_settings`: users' code, known again by workers, and with no state that is shared.
- `grid`: from a grid of settings to networks and options.
- `worker`: what a worker does: train a network.
- `executors`: what each kind of executor needs.
- `claims`: who trains which network, where many calls share a file.
- `differences`: which settings differ by more than chance.
- `wording`: the words in which the table says what was measured.
- `table`: the table that a sweep returns.
- `headers`: which sweep a file of results is of.
- `results`: the file that keeps the results.
- `progress`: how many networks are done.
- `collection`: results as they come in.
- `dispatch`: networks handed out to workers, and results taken back.
- `train`: `train_many`.
- `comparison`: train two ways until they can be told apart.
"""

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
