"""The words in which a table of a sweep says what was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fastnn.common.intervals import Interval
from fastnn.sweeps.differences import Difference
from fastnn.sweeps.settings import groups

_SMALLEST_CHANCE = 1e-6  # that is said: what is smaller says nothing more


def in_words(interval: Interval | None) -> str:
    """Say a mean accuracy with its interval; a single network has none."""
    if interval is None:
        return "-"
    mean, low, high = interval
    ends = f" ({low:.2%} to {high:.2%})" if low == low else ""
    return f"{mean:.2%}{ends}"


def gain_in_words(gain: Difference | None) -> str:
    """Say a difference from the best, and whether it may be chance."""
    if gain is None:
        return "-"
    mean = f"{gain.accuracy.mean:+.2%}".replace("-0.00%", "+0.00%")
    doubt = "may be chance" if gain.is_chance else _chance(gain.p)
    return f"{mean}, {doubt}"


def _chance(p: float) -> str:
    return f"p = {p:.1g}" if p >= _SMALLEST_CHANCE else f"p < {_SMALLEST_CHANCE:g}"


def in_a_row(value: Any, entries: list[str]) -> str:
    """Say entries with commas, and those of a type of its own, such as a named tuple, with that."""
    said = ",".join(entries)
    return said if type(value) in (list, tuple, range) else f"{type(value).__name__}({said})"


def setting_in_words(value: Any) -> str:
    """Say the value of a setting: functions and classes by name, lists and sets with commas."""
    if isinstance(value, (set, frozenset)):
        value = sorted(value)
    if isinstance(value, (list, tuple, range)):
        return in_a_row(value, list(map(setting_in_words, value)))
    if isinstance(value, float):
        return f"{value:g}"
    return named(value)


def named(value: Any) -> str:
    """Name a class, a function or a number type; say anything else in its own words."""
    if isinstance(value, np.dtype):
        return value.name
    return getattr(value, "__name__", None) or str(value)


def told_apart(values: Sequence[Any], say: Callable[[Any], Any]) -> list[Any]:
    """Say each of some values, with a number where texts for different ones are the same."""
    said: list[Any] = [None] * len(values)
    alike: Counter[str] = Counter()
    for places in groups({"": value} for value in values):
        words = say(values[places[0]])
        if isinstance(words, str):
            alike[words] += 1
            if alike[words] > 1:
                words = f"{words} ({alike[words]})"
        for place in places:
            said[place] = words
    return said
