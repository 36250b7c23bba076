"""Compare two ways to train, over as many seeds as it takes to tell them apart."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, integer, numbers, positive
from fastnn.common.intervals import Interval
from fastnn.datasets.dataset import as_dataset
from fastnn.sweeps.grid import check_names, with_defaults, without_arrays
from fastnn.sweeps.settings import checked_settings, groups
from fastnn.sweeps.table import Sweep
from fastnn.sweeps.train import SweepInterrupted, train_many, with_sweep

LEVEL = 0.05  # how often at most anything is found where there is nothing, whenever one stops
_FEWEST = 5  # seeds before which nothing is decided: fewer show too little of a spread
_ROUND = 4  # seeds that are trained before the next look


class Comparison(NamedTuple):
    """What `compare` has found.

    Attributes
    ----------
    verdict : str
        "a is better", "b is better", "no difference" (larger than `smallest`) or "undecided".
    gain : Interval
        How much more accurate a is than b: the mean over the seeds, and an interval that holds the
        true difference 95 times in 100 however long one looks.
    seeds : int
        How many pairs were trained.
    a, b : Sweep
        The rows of both sides, in the order of their seeds.
    examples : int
        How many examples accuracies were counted on.
    """

    verdict: str
    gain: Interval
    seeds: int
    a: Sweep
    b: Sweep
    examples: int


def compare(
    sizes: Sequence[int] | None,
    training_data: Iterable[tuple[Any, Any]],
    *,
    a: Mapping[str, Any],
    b: Mapping[str, Any],
    evaluation_data: Iterable[tuple[Any, Any]],
    smallest: float = 0.001,
    most_seeds: int = 200,
    executor: Executor | None = None,
    results: str | os.PathLike[str] | None = None,
    progress: bool = True,
    **settings: Any,
) -> Comparison:
    """Train two ways with the same seeds until it is clear which is more accurate, and by how much.

    Parameters
    ----------
    sizes : sequence of int or None
        Neurons per layer, inputs first; None where `a` and `b` have them.
    training_data, evaluation_data, executor, results, progress
        As for `train_many`.
    a, b : mapping of str to value
        The settings that differ, such as ``{"eta": 0.1}`` and ``{"eta": 0.5}``.
    smallest : float, optional
        The smallest difference in final accuracy that matters: 0.001 is a tenth of a percentage
        point. Training ends, too, once it is clear that there is none as large.
    most_seeds : int, optional
        Where to stop, undecided.
    **settings
        What both have in common: other arguments of `train_many`.

    Returns
    -------
    Comparison

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong.
    ImportError, OSError
        As `train_many`, of `results`.
    RuntimeError
        If a network fails, so that there is nothing to compare.
    SweepInterrupted
        At Ctrl-C. This, and every other error that ends training, has the rows of both sides that
        are done as `sweep`.

    Notes
    -----
    The interval is that of `confidence_sequence`, which holds at all times together: stopping when
    one sees a difference does not make chance differences likelier than 5 in 100. What a few seeds
    do not show cannot be known: a way that fails with one seed in fifty, and is a little better
    with the others, is called better.
    """
    _check_sides(a, b, {**settings, "sizes": sizes})
    smallest = positive("smallest", smallest)
    most_seeds = integer("most_seeds", most_seeds, smallest=_FEWEST)
    for name in ("seeds", "grid", "keep_networks"):
        if name in settings:
            raise TypeError(f"{name} is no argument of compare: it trains a and b, seed by seed")
    training = as_dataset("training_data", training_data)
    evaluation = as_dataset("evaluation_data", evaluation_data)
    rows: tuple[list[Any], list[Any]] = ([], [])
    while True:
        first = len(rows[0])
        number = min(most_seeds - first, _FEWEST if first == 0 else _ROUND)
        before = [*rows[0], *rows[1]]
        try:
            table = train_many(
                sizes,
                training,
                evaluation_data=evaluation,
                seeds=range(first, first + number),
                grid=[a, b],
                executor=executor,
                results=results,
                progress=progress,
                **settings,
            )
        except SweepInterrupted as stop:
            networks = len(before) + stop.networks
            raise SweepInterrupted(Sweep([*before, *stop.sweep]), networks) from None
        except Exception as problem:
            done = Sweep([*before, *getattr(problem, "sweep", ())])
            raise with_sweep(problem, done) from problem.__cause__
        for place, row in enumerate(table):
            if row.error is not None:
                which = f"{'a' if place < number else 'b'} with seed {row.seed}"
                failed = RuntimeError(f"the network of {which} failed: {row.error}")
                raise with_sweep(failed, Sweep([*before, *table]))
        rows[0].extend(table[:number])
        rows[1].extend(table[number:])
        gain = confidence_sequence(
            [one.final_accuracy - other.final_accuracy for one, other in zip(*rows, strict=True)],
            step=1 / len(evaluation),
        )
        verdict = _verdict(gain, smallest)
        if verdict != "undecided" or len(rows[0]) == most_seeds:
            both = Sweep(rows[0]), Sweep(rows[1])
            return Comparison(verdict, gain, len(rows[0]), *both, len(evaluation))


def _check_sides(a: Any, b: Any, settings: Mapping[str, Any]) -> None:
    """Raise TypeError or ValueError if a and b are no settings, or the same with all others."""
    for name, side in (("a", a), ("b", b)):
        if not isinstance(side, Mapping):
            raise TypeError(f"{name} must be a dict of settings, got {describe(side)}")
    names = dict.fromkeys((*a, *b))
    check_names(names)
    common, checked = with_defaults(settings, True), []
    for name, side in (("a", a), ("b", b)):
        here = {**common, **side}
        if not here["monitor_evaluation_accuracy"]:
            raise ValueError(
                "monitor_evaluation_accuracy must be True: compare goes by accuracy, got "
                f"{describe(here['monitor_evaluation_accuracy'])}"
            )
        if here.get("epochs") == 0:
            raise ValueError("epochs must be at least 1, as compare goes by accuracy, got 0")
        for setting in names:
            if setting not in here:
                raise ValueError(f"{name} must have {setting}, which no other argument gives")
        whole = without_arrays({setting: here[setting] for setting in names})
        checked.append(checked_settings(whole, common["cost"]))
    if len(groups(checked)) == 1:
        got = " and ".join(describe(without_arrays(dict(side))) for side in (a, b))
        raise ValueError(f"a and b must differ, got {got}, which mean the same")


def _verdict(gain: Interval, smallest: float) -> str:
    if gain.low > 0.0:
        return "a is better"
    if gain.high < 0.0:
        return "b is better"
    return "no difference" if max(-gain.low, gain.high) < smallest else "undecided"


def confidence_sequence(
    gains: npt.ArrayLike, level: float = LEVEL, *, step: float = 0.0
) -> Interval:
    """The mean of paired differences, and an interval that one may look at after every pair.

    Parameters
    ----------
    gains : array_like, shape (seeds,)
        Differences that are independent and normally distributed, with any spread.
    level : float, optional
        How often at most the true mean is ever outside, over all numbers of pairs together.
    step : float, optional
        What all differences are multiples of, as accuracies counted on so many examples are. Their
        spread is taken to be that of rounding at least, step / sqrt(12): a few counts may well
        agree by chance.

    Returns
    -------
    Interval
        Infinitely wide while there are too few pairs.

    Notes
    -----
    All means m that are not rejected by the sequential t test with a normal prior on the mean over
    the standard deviation: with t the statistic of n pairs against m, the Bayes factor

        (1 + n)^(-1/2) ((1 + t^2 / (n - 1)) / (1 + t^2 / ((n - 1) (1 + n))))^(n / 2)

    is a martingale that starts at 1 if m is the mean, so it ever reaches 1 / level with a
    probability of at most `level` (Ville's inequality). See Lai (1976), On confidence sequences,
    Ann. Statist. 4; Rouder et al. (2009), Bayesian t tests, Psychon. Bull. Rev. 16; Wang and Ramdas
    (2025), Anytime-valid t-tests and confidence sequences for Gaussian means with unknown variance,
    Sequential Analysis 44. In simulations it also holds for other distributions that are symmetric
    about their mean, as differences between two ways that are alike are. Where they are skewed, the
    true mean is outside more often: 10 times in 100 if they are exponentially distributed.
    """
    pairs = np.asarray(numbers("gains", gains, "(seeds,)"), np.float64)
    if pairs.ndim != 1 or not pairs.size or not np.isfinite(pairs).all():
        raise ValueError(
            f"gains must be one finite number at least, of shape (seeds,), got shape {pairs.shape}"
        )
    mean, half = (float(value) for value in means_and_halves(pairs, level, step))
    return Interval(mean, mean - half, mean + half)


def means_and_halves(
    gains: npt.NDArray[np.float64], level: float, step: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The means along the last axis, and half the widths of their intervals.

    The equations are those of `confidence_sequence`. Leading axes are for as many sequences.
    """
    n, mean = gains.shape[-1], gains.mean(axis=-1)
    ratio = (math.sqrt(1 + n) / level) ** (2 / n)
    if n < _FEWEST or ratio >= 1 + n:
        return mean, np.full_like(mean, math.inf)
    spread = np.maximum(gains.std(axis=-1, ddof=1), step / math.sqrt(12))
    # What t^2 / (n - 1) may be at most.
    reach = (ratio - 1) / (1 - ratio / (1 + n))
    half = spread * math.sqrt(reach * (n - 1) / n)
    # That all of n differences are the same but for chance is 2^(1 - n) likely.
    same = (np.ptp(gains, axis=-1) <= 1e-12) & (np.abs(mean) > 1e-12)
    return mean, np.where(same & (2.0 ** (1 - n) > level / 5), math.inf, half)
