"""The figures of a training run, which `SGD` returns."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe
from fastnn.common.html import sparkline, table
from fastnn.common.libraries import check_libraries
from fastnn.schedules import best_epoch

if TYPE_CHECKING:
    from typing import Self

    import pandas


class _Monitors(NamedTuple):
    evaluation_cost: list[float]
    evaluation_accuracy: list[int]
    training_cost: list[float]
    training_accuracy: list[int]


class History(_Monitors):
    """The monitored figures of a training run: network2's tuple of four lists, with names.

    Attributes
    ----------
    evaluation_cost, training_cost : list of float
        One entry an epoch; empty where not monitored.
    evaluation_accuracy, training_accuracy : list of int
        Numbers of examples, one entry an epoch; empty where not monitored. A callback may put
        other figures in their place, as fractions of the examples.
    layer_speeds : list of ndarray
        With `monitor_layer_speeds`, one array an epoch: the norm of the averaged dC/db of every
        layer after the inputs, before that epoch.
    epoch_seconds : list of float
        How long the training of each epoch took.
    stopped_because : str or None
        Why training ended: "all epochs are done", or what stopped it earlier; None before that.
    best_epoch : int or None
        With `early_stopping_n`, the epoch whose weights the network got at the end.
    seconds : dict of str to float
        Where the time went: "preparing" (arrays for the kernels), "compiling", "training" and
        "evaluating".
    """

    layer_speeds: list[npt.NDArray[np.float64]]
    epoch_seconds: list[float]
    stopped_because: str | None
    best_epoch: int | None
    seconds: dict[str, float]

    def __new__(cls, *lists: Any) -> History:
        """Start with nothing recorded, or with four lists, as pickle does."""
        # Without lists straight from `tuple`: a call of `SGD` on a few examples is soon done.
        history = super().__new__(cls, *lists) if lists else tuple.__new__(cls, ([], [], [], []))
        history.layer_speeds = []
        history.epoch_seconds = []
        history.stopped_because = None
        history.best_epoch = None
        history.seconds = dict.fromkeys(("preparing", "compiling", "training", "evaluating"), 0.0)
        return history

    @property
    def final_evaluation_accuracy(self) -> int | None:
        """How many evaluation examples the network is right about in the end.

        That is after the best epoch, where the network got its weights, else after the last; None
        where it was not monitored.
        """
        if not self.evaluation_accuracy:
            return None
        return self.evaluation_accuracy[-1 if self.best_epoch is None else self.best_epoch]

    @classmethod
    def _make(cls, iterable: Iterable[Any]) -> Self:  # type: ignore[override]  # not any tuple
        """Start with four lists, as named tuples do."""
        return cls(*_Monitors._make(iterable))

    def _replace(self, **lists: Any) -> Self:
        """Return a history with other lists, as named tuples do, and all else of this one."""
        replaced = super()._replace(**lists)
        vars(replaced).update(vars(self))
        return replaced

    __replace__ = _replace  # of `copy.replace`

    def __repr__(self) -> str:
        """Say how long, how well, and why training ended."""
        epochs = len(self.epoch_seconds)
        parts = [f"{epochs} epoch{'' if epochs == 1 else 's'}"]
        for name, figures, best in self._monitored():
            last = f"{name} {figures[-1]:.6g}"
            parts.append(last if best == figures[-1] else f"{last} (best {best:.6g})")
        if self.stopped_because is not None:
            parts.append(f"stopped because {self.stopped_because}")
        return f"History({', '.join(parts)})"

    def _repr_html_(self) -> str:
        """Draw each figure over the epochs as a small curve, for notebooks."""
        rows = []
        for name, figures, best in self._monitored():
            said = f"last {figures[-1]:.6g}, best {best:.6g}"
            rows.append((name.replace("_", " "), sparkline(figures), said))
        for layer, speeds in enumerate(np.transpose(self.layer_speeds), 1):
            with np.errstate(divide="ignore"):
                curve = sparkline(np.log10(speeds))
            rows.append((f"speed of layer {layer} (log)", curve, f"last {speeds[-1]:.3g}"))
        return table(f"History of {len(self.epoch_seconds)} epochs", rows)

    def to_pandas(self) -> pandas.DataFrame:
        """Return the figures as a table with one row an epoch.

        Returns
        -------
        pandas.DataFrame
            Indexed by `epoch`, from 0. A column for each figure that was monitored;
            ``layer_speed_1``, ``layer_speed_2`` and so on for the layers after the inputs; and
            ``epoch_seconds``.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        check_libraries("History.to_pandas", ["pandas"], "pandas")
        import pandas

        columns: dict[str, Any] = {name: figures for name, figures, _ in self._monitored()}
        for layer, speeds in enumerate(np.transpose(self.layer_speeds), 1):
            columns[f"layer_speed_{layer}"] = speeds
        columns["epoch_seconds"] = self.epoch_seconds
        index = pandas.RangeIndex(len(self.epoch_seconds), name="epoch")
        return pandas.DataFrame(columns, index)

    def _monitored(self) -> Iterator[tuple[str, list[float], float]]:
        """Yield the name of each figure that there is, its values and the best of them."""
        for name in self._fields:
            figures = getattr(self, name)
            if figures:
                yield name, figures, figures[best_epoch(figures, "accuracy" in name)]

    def to_dict(self) -> dict[str, Any]:
        """Return everything by its name, in lists and numbers that JSON can hold."""
        return {
            **{name: [*map(plain_figure, getattr(self, name))] for name in self._fields},
            "layer_speeds": [speeds.tolist() for speeds in self.layer_speeds],
            "epoch_seconds": [*map(plain_figure, self.epoch_seconds)],
            "stopped_because": self.stopped_because,
            "best_epoch": self.best_epoch,
            "seconds": {name: plain_figure(seconds) for name, seconds in self.seconds.items()},
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> History:
        """Make the history that `to_dict` described.

        Raises
        ------
        TypeError, ValueError
            If `content` is something else.
        """
        empty = cls().to_dict()
        _check_keys("content", content, empty)
        _check_keys('content["seconds"]', content["seconds"], empty["seconds"])
        # An accuracy may have become a fraction of the examples in a callback.
        kinds = {name: _number if "accuracy" in name else float for name in cls._fields}
        history = cls(*([kind(figure) for figure in content[name]] for name, kind in kinds.items()))
        history.layer_speeds = [np.array(speeds, float) for speeds in content["layer_speeds"]]
        history.epoch_seconds = [float(seconds) for seconds in content["epoch_seconds"]]
        epochs = len(history.epoch_seconds)
        for name, figures in (*history._asdict().items(), ("layer_speeds", history.layer_speeds)):
            if len(figures) not in (0, epochs):
                raise ValueError(
                    f"{name} of a history of {epochs} epochs must have a figure of each, or none, "
                    f"got {len(figures)}"
                )
        history.stopped_because = content["stopped_because"]
        history.best_epoch = content["best_epoch"]
        history.seconds = {name: float(content["seconds"][name]) for name in history.seconds}
        return history

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Add the time that the block takes to `seconds[what]`."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[what] += time.perf_counter() - started


def plain_figure(figure: Any) -> Any:
    """Return a number as Python's int or float, as JSON has it; anything else as it is."""
    if isinstance(figure, np.ndarray) and figure.ndim == 0:
        figure = figure[()]
    if isinstance(figure, Integral):
        return int(figure)
    return float(figure) if isinstance(figure, Real) else figure


def is_figure(value: Any) -> bool:
    """Say whether `plain_figure` makes a number of it."""
    return type(plain_figure(value)) in (int, float)


def _number(value: Any) -> int | float:
    """Return a figure from a file."""
    if not is_figure(value):
        raise ValueError(f"a history must hold numbers, got {describe(value)}")
    number: int | float = plain_figure(value)
    return number


def _check_keys(name: str, content: Any, expected: dict[str, Any]) -> None:
    """Raise an error, which names the keys, unless `content` is a dict with all of `expected`."""
    if not isinstance(content, dict):
        raise TypeError(f"{name} must be a dict, as `to_dict` makes it, got {describe(content)}")
    lacking = [key for key in expected if key not in content]
    if lacking:
        raise ValueError(
            f"{name} must have the keys that `to_dict` gives it; it lacks {describe(lacking)}"
        )
