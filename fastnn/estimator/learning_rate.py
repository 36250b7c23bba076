"""The learning rate from epoch to epoch, as scikit-learn changes it."""

from __future__ import annotations

from typing import Any


class LearningRate:
    """The learning rate from epoch to epoch.

    Parameters
    ----------
    schedule : {"constant", "invscaling", "adaptive"}
        How it changes; Adam's is always "constant".
    initial : float
        The learning rate of the first epoch.
    power_t : float
        The exponent of "invscaling".

    Attributes
    ----------
    value : float
        The learning rate of the next epoch.
    """

    # "adaptive" divides by `_DIVISOR` until the learning rate is at most `_SMALLEST`.
    _DIVISOR = 5.0
    _SMALLEST = 1e-6

    def __init__(self, schedule: str, initial: float, power_t: float) -> None:
        self._schedule = schedule
        self._initial = float(initial)
        self._power_t = power_t  # of no use to other schedules, and perhaps no number there
        self.value = self._initial

    def stored(self) -> dict[str, Any]:
        """Return it as plain data, for `of`."""
        numbers = {"initial": self._initial, "power_t": self._power_t, "value": self.value}
        return {"schedule": self._schedule, **numbers}

    @classmethod
    def of(cls, data: dict[str, Any]) -> LearningRate:
        """Return the learning rate that `stored` described."""
        rate = cls(data["schedule"], data["initial"], data["power_t"])
        rate.value = data["value"]
        return rate

    def end_epoch(self, examples_seen: int) -> None:
        """Set the next epoch's learning rate, after `examples_seen` examples in all epochs."""
        if self._schedule == "invscaling":
            self.value = float(self._initial / (examples_seen + 1) ** self._power_t)

    def stop_or_shorten(self) -> str | None:
        """Shorten the steps because nothing improves, or return the reason to stop."""
        if self._schedule != "adaptive":
            return "Stopping."
        if self.value <= self._SMALLEST:
            return "Learning rate too small. Stopping."
        self.value /= self._DIVISOR
        return None
