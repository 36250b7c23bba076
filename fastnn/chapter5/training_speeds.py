"""How fast each hidden layer learns during 500 epochs of gradient descent."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fastnn import plots
from fastnn.chapter5.experiment import (
    Experiment,
    Floats,
    Mapper,
    Measurement,
    seeded,
)
from fastnn.chapter5.networks import new_network, training_images
from fastnn.chapter5.report import Figure
from fastnn.common.checks import check_seeds

DEPTHS = (2, 3, 4)
EARLY = 100
"""In how many epochs, from the first, to look for the fast drop of the speeds."""


@dataclass(frozen=True)
class TrainingSpeeds:
    """Speeds before each epoch, by the number of hidden layers."""

    seeds: list[int]
    speeds: dict[int, Floats]  # (seeds, epochs, layers), the output layer last

    def last_over_first(self, depth: int) -> Floats:
        """How many times faster the last hidden layer is than the first, shape (seeds, epochs)."""
        speeds = self.speeds[depth]
        return speeds[:, :, -2] / speeds[:, :, 0]

    def drop(self, depth: int) -> Floats:
        """By what factor the last hidden layer's speed first falls, shape (seeds,)."""
        last = self.speeds[depth][:, :, -2]
        drop: Floats = last[:, 0] / last[:, :EARLY].min(axis=1)
        return drop

    def rebound(self, depth: int) -> Floats:
        """By what factor that speed then rises again, at most, shape (seeds,)."""
        factors = []
        for last in self.speeds[depth][:, :, -2]:
            low = int(np.argmin(last[:EARLY]))
            factors.append(last[low:].max() / last[low])
        return np.array(factors)


def run(
    seeds: Sequence[int],
    *,
    epochs: int = 500,
    images: int = 1000,
    dtype: npt.DTypeLike = np.float64,
    mapper: Mapper = map,
) -> TrainingSpeeds:
    """Measure ||delta^l|| before each epoch of full-batch descent.

    Each epoch is one step on the first images with eta = 0.1 and lmbda = 5.0, as in the chapter;
    full batches keep the curves smooth. The gradient is averaged over the images first, and then
    its norm is taken.

    Parameters
    ----------
    seeds : sequence of int
        Three networks for each seed, with 2, 3 and 4 hidden layers.
    epochs : int, optional
        Epochs of training, with one step each.
    images : int, optional
        How many training images to use, from the first.
    dtype : numpy dtype, optional
        float64 or float32.
    mapper : callable, optional
        How to map a function over tasks: `map`, or the `map` of an executor.

    Returns
    -------
    TrainingSpeeds
    """
    seeds = check_seeds(seeds)
    tasks = [(depth, seed) for depth in DEPTHS for seed in seeds]
    follow = functools.partial(_follow, epochs=epochs, images=images, dtype=dtype)
    measured = list(mapper(follow, tasks))
    return TrainingSpeeds(
        seeds,
        {
            depth: np.array(measured[i * len(seeds) : (i + 1) * len(seeds)])
            for i, depth in enumerate(DEPTHS)
        },
    )


def _follow(task: tuple[int, int], epochs: int, images: int, dtype: npt.DTypeLike) -> Floats:
    depth, seed = task
    net = new_network(depth, seed, dtype)
    with seeded(seed):
        history = net.SGD(
            training_images(images),
            epochs,
            images,
            0.1,
            lmbda=5.0,
            monitor_layer_speeds=True,
            verbose=False,
            threads=1,
        )
    return np.array(history.layer_speeds, np.float64)


def measurements(result: TrainingSpeeds) -> list[Measurement]:
    """How far the layers are apart, and the drop and rebound of the chapter's curves."""
    apart = [
        Measurement(
            f"Last hidden layer's speed over the first's, {depth} hidden layers, "
            "median over epochs",
            "100" if depth == 4 else None,
            np.median(result.last_over_first(depth), axis=1),
            "geometric mean",
        )
        for depth in DEPTHS
    ]
    shape = []
    for depth in DEPTHS:
        shape += [
            Measurement(
                f"First drop of the speed, {depth} hidden layers, factor",
                "very quickly",
                result.drop(depth),
                "geometric mean",
            ),
            Measurement(
                f"Rebound after it, {depth} hidden layers, factor",
                "a rebound occurs",
                result.rebound(depth),
                "geometric mean",
            ),
        ]
    return apart + shape


def findings(result: TrainingSpeeds) -> list[str]:
    """Say whether the first layer stays the slowest, and by how much."""
    always = [np.mean(result.last_over_first(depth) > 1) for depth in DEPTHS]
    deep = np.median(result.last_over_first(4), axis=1)
    return [
        "The first hidden layer is slower than the last in "
        + ", ".join(f"{100 * share:.0f} %" for share in always)
        + " of all epochs and seeds (two, three and four hidden layers).",
        f"With four hidden layers the last learns {np.median(deep):.0f} times as fast as the first "
        f"(median; single seeds from {deep.min():.0f} to {deep.max():.0f}); the chapter says "
        "about 100.",
        f"Within {EARLY} epochs the last hidden layer's speed is divided by "
        + ", ".join(f"{result.drop(depth).mean():.0f}" for depth in DEPTHS)
        + " with two, three and four hidden layers. Then it rises again by a factor of "
        + ", ".join(f"{result.rebound(depth).mean():.1f}" for depth in DEPTHS)
        + ", where 1.0 means that it does not rise.",
    ]


def figures(result: TrainingSpeeds) -> list[Figure]:
    """Draw speeds against epochs, in one figure for each number of hidden layers."""
    return [
        Figure(
            f"training-speeds-{depth}",
            f"Speed of learning of the {depth} hidden layers before each epoch: a thin line for "
            "each seed, the median, and a band that holds eight of ten seeds.",
            "Curves on a logarithmic axis against epochs; they drop fast and then level off. The "
            f"last hidden layer is {np.median(result.last_over_first(depth)):.0f} times as fast as "
            "the first (median).",
            functools.partial(plots.layer_speeds, result.speeds[depth]),
        )
        for depth in DEPTHS
    ]


EXPERIMENT = Experiment(
    title="The first layer stays slow",
    question="How do the speeds of the hidden layers change while the network learns?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    code="from fastnn.chapter5 import training_speeds\n"
    "print(training_speeds.run(seeds=range(10)).last_over_first(4))",
    takes=("dtype", "mapper"),
    quick={"epochs": 30, "images": 300},
)
