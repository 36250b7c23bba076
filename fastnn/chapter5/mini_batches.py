"""Whether mini-batches give the layers' speeds of full batches, with more noise."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fastnn import plots
from fastnn.chapter5.claims import Average, Claim, at_least, between
from fastnn.chapter5.experiment import NOT_NEGATIVE, Experiment, Floats, Mapper, Measurement
from fastnn.chapter5.networks import check_images, new_network, training_images
from fastnn.chapter5.page import Figure, measured
from fastnn.common.checks import check_seeds, integer
from fastnn.datasets.dataset import Dataset
from fastnn.gradients import average_gradient

MINI_BATCH_SIZE = 10
_AVERAGE: Average = "geometric mean"


@dataclass(frozen=True)
class MiniBatches:
    """Speeds of both hidden layers of [784, 30, 30, 10] at each step, (seeds, steps, layers)."""

    seeds: list[int]
    full: Floats  # by all images, in training by all images
    mini: Floats  # by a mini-batch, in training by mini-batches
    # The norms of gradients averaged over the steps of an epoch, (seeds, epochs, layers).
    averaged_full: Floats
    averaged_mini: Floats

    def noise(self, speeds: Floats) -> Floats:
        """How much the first layer's speed typically changes from step to step, (seeds,)."""
        steps = np.abs(np.diff(np.log(speeds[:, :, 0]), axis=1))
        noise: Floats = np.median(steps, axis=1)
        return noise

    @property
    def likeness(self) -> Floats:
        """Averaged mini-batches over full batches of the same steps, both layers, (seeds,)."""
        ratios = np.log(self.averaged_mini / self.averaged_full)
        likeness: Floats = np.exp(ratios.mean(axis=(1, 2)))
        return likeness


def run(
    seeds: Sequence[int],
    *,
    images: int = 1000,
    epochs: int = 5,
    dtype: npt.DTypeLike = np.float64,
    mapper: Mapper = map,
) -> MiniBatches:
    """Measure ||delta^l|| at each step, with mini-batches of 10 and with all images.

    Both take as many steps, with eta = 0.1 and lmbda = 5.0, from the same initial weights. To
    compare them, the gradients of both are averaged over the steps of an epoch, and then the norm
    is taken.

    Parameters
    ----------
    seeds : sequence of int
        One network with two hidden layers for each seed.
    images : int, optional
        How many training images to use, from the first: a multiple of 10, 20 at least.
    epochs : int, optional
        Epochs of training by mini-batches.
    dtype : numpy dtype, optional
        float64 or float32.
    mapper : callable, optional
        How to map a function over seeds: `map`, or the `map` of an executor.

    Returns
    -------
    MiniBatches
    """
    seeds = check_seeds(seeds)
    epochs = integer("epochs", epochs, smallest=1)
    images = check_images("images", images)
    if images % MINI_BATCH_SIZE or images == MINI_BATCH_SIZE:  # one step shows no noise
        raise ValueError(f"images must be 20 or another multiple of 10 above it, got {images}")
    follow = functools.partial(_follow, images=images, epochs=epochs, dtype=dtype)
    full, mini, averaged_full, averaged_mini = map(
        np.array, zip(*mapper(follow, seeds), strict=True)
    )
    return MiniBatches(seeds, full, mini, averaged_full, averaged_mini)


def _follow(
    seed: int, images: int, epochs: int, dtype: npt.DTypeLike
) -> tuple[Floats, Floats, Floats, Floats]:
    data = training_images(images)
    steps = epochs * (images // MINI_BATCH_SIZE)
    all_images = [data] * steps
    rng = np.random.default_rng(seed)
    batches = []
    for _ in range(epochs):
        order = rng.permutation(images)
        shuffled = Dataset(data.inputs[order], data.labels[order], classes=10)
        batches += [
            shuffled[first : first + MINI_BATCH_SIZE] for first in range(0, images, MINI_BATCH_SIZE)
        ]
    full, averaged_full = _speeds(seed, all_images, epochs, images, dtype)
    mini, averaged_mini = _speeds(seed, batches, epochs, images, dtype)
    return full, mini, averaged_full, averaged_mini


def _speeds(
    seed: int, batches: Sequence[Dataset], windows: int, images: int, dtype: npt.DTypeLike
) -> tuple[Floats, Floats]:
    """Train by one step for each batch; return the speeds, and those of averaged gradients."""
    net = new_network(2, seed, dtype)
    gradients = []
    for batch in batches:
        nabla_b, _ = average_gradient(net, batch)
        gradients.append(np.array(nabla_b[:-1], np.float64)[:, :, 0])
        net.update_mini_batch(batch, 0.1, 5.0, images)
    found = np.array(gradients)  # (steps, layers, neurons)
    averaged = found.reshape(windows, -1, *found.shape[1:]).mean(axis=1)
    return np.linalg.norm(found, axis=-1), np.linalg.norm(averaged, axis=-1)


def measurements(result: MiniBatches) -> list[Measurement]:
    """How noisy mini-batches are, and how their average compares with full batches."""
    where = "Vanishing gradient, how the curves were made"
    noise = {name: result.noise(speeds) for name, speeds in _speeds_by_name(result).items()}
    return [
        Measurement(
            "Noise of mini-batches over that of full batches, factor",
            Claim(
                "Mini-batches make the results much noisier",
                where,
                at_least(10, "much: ", " times"),
            ),
            noise["mini-batches of 10"] / noise["all images"],
            _AVERAGE,
        ),
        Measurement(
            "Norms of averaged gradients, mini-batches over full batches, factor",
            Claim(
                "If the noise is averaged out, the results are similar",
                where,
                between(0.67, 1.5, "similar: "),
            ),
            result.likeness,
            _AVERAGE,
        ),
        *(
            Measurement(
                f"Typical change from one step to the next, %: {name}",
                None,
                100 * values,
                possible=NOT_NEGATIVE,
            )
            for name, values in noise.items()
        ),
    ]


def _speeds_by_name(result: MiniBatches) -> dict[str, Floats]:
    return {"all images": result.full, "mini-batches of 10": result.mini}


def findings(result: MiniBatches) -> list[str]:
    """Say how noisy mini-batches are, and what their average is."""
    full, mini = (
        measured(100 * result.noise(speeds)) for speeds in _speeds_by_name(result).values()
    )
    likeness = measured(result.likeness, _AVERAGE)
    return [
        f"From one step to the next the speed changes by {mini} % with mini-batches and by {full} "
        f"% with full batches; of gradients averaged over an epoch, those of mini-batches "
        f"are {likeness} times as long as those of full batches."
    ]


def figures(result: MiniBatches) -> list[Figure]:
    """Draw both speeds of the first layer, step by step."""
    seed = result.seeds[0]
    first = {name: speeds[0, :, 0] for name, speeds in _speeds_by_name(result).items()}
    return [
        Figure(
            "mini-batches",
            f"Speed of learning of the first of two hidden layers at each step (seed {seed}). "
            "The averages that the text compares are not drawn.",
            "Two curves on a logarithmic axis against steps: a smooth one, and one that jumps.",
            functools.partial(plots.curves, first, "step", "speed of learning", logarithmic=True),
        )
    ]


EXPERIMENT = Experiment(
    title="Mini-batches",
    question="Do mini-batches show the same speeds, only with more noise?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    setup="The same steps, as many and from the same weights, once on all 1,000 images and once "
    "on mini-batches of 10, with η = 0.1 and λ = 5. Noise is the median change of the first "
    "layer's speed from one step to the next, in its logarithm. To compare both, gradients are "
    "averaged over the steps of an epoch before their norm is taken.",
    code="from fastnn.chapter5 import mini_batches\n"
    "print(mini_batches.run(seeds=range(10)).likeness)",
    takes=("dtype", "mapper"),
    quick={"epochs": 1, "images": 300},
)
