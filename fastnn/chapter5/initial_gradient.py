"""How fast each neuron begins to learn: dC/db of the neurons of two hidden layers."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fastnn import plots
from fastnn.chapter5.claims import Claim, at_least
from fastnn.chapter5.experiment import NOT_NEGATIVE, Experiment, Floats, Mapper, Measurement
from fastnn.chapter5.networks import check_images, new_network, training_images
from fastnn.chapter5.page import Figure
from fastnn.common.checks import check_seeds
from fastnn.gradients import average_gradient

DRAWN = 6
"""How many neurons of a layer the chapter draws, from the top."""
PUBLISHED_NORMS = (0.07, 0.31)
"""The chapter's norms of both layers, for the network that it draws."""


@dataclass(frozen=True)
class InitialGradient:
    """The averaged dC/db of every neuron in [784, 30, 30, 10], just initialised."""

    seeds: list[int]
    nabla_b: list[Floats]  # for every layer after the inputs: (seeds, neurons)

    @property
    def bars(self) -> Floats:
        """The mean length of the drawn neurons' bars, shape (seeds, hidden layers)."""
        hidden = self.nabla_b[:-1]
        return np.array([np.abs(layer[:, :DRAWN]).mean(axis=1) for layer in hidden]).T

    @property
    def nearest(self) -> int:
        """Which seed's norms of both layers are nearest to the chapter's, by their ratios."""
        norms = np.array([np.linalg.norm(layer, axis=1) for layer in self.nabla_b[:-1]]).T
        return int(np.argmin(np.abs(np.log(norms / PUBLISHED_NORMS)).sum(axis=1)))


def run(
    seeds: Sequence[int],
    *,
    images: int = 1000,
    dtype: npt.DTypeLike = np.float64,
    mapper: Mapper = map,
) -> InitialGradient:
    """Average dC/db, the chapter's delta, over images before any training.

    Parameters
    ----------
    seeds : sequence of int
        One network for each seed.
    images : int, optional
        How many training images to average over, from the first.
    dtype : numpy dtype, optional
        float64 or float32.
    mapper : callable, optional
        How to map a function over seeds: `map`, or the `map` of an executor.

    Returns
    -------
    InitialGradient
    """
    seeds = check_seeds(seeds)
    images = check_images("images", images)
    gradient = functools.partial(_gradient, images=images, dtype=dtype)
    by_seed = list(mapper(gradient, seeds))
    return InitialGradient(seeds, [np.array(layer) for layer in zip(*by_seed, strict=True)])


def _gradient(seed: int, images: int, dtype: npt.DTypeLike) -> list[Floats]:
    nabla_b, _ = average_gradient(new_network(2, seed, dtype), training_images(images))
    return [layer[:, 0].astype(np.float64) for layer in nabla_b]


def measurements(result: InitialGradient) -> list[Measurement]:
    """The mean bars of both layers, and how they compare."""
    first, second = result.bars.T
    return [
        Measurement(
            "Mean |∂C/∂b| of six neurons, hidden layer 1", None, first, possible=NOT_NEGATIVE
        ),
        Measurement(
            "Mean |∂C/∂b| of six neurons, hidden layer 2", None, second, possible=NOT_NEGATIVE
        ),
        Measurement(
            "Ratio of the second layer's bars to the first's",
            Claim(
                "The second layer's bars are mostly much longer",
                "Vanishing gradient, first diagram",
                at_least(2, "much: ", " times"),
            ),
            second / first,
            "geometric mean",
        ),
    ]


def findings(result: InitialGradient) -> list[str]:
    """Say for how many seeds the second layer's bars are longer."""
    first, second = result.bars.T
    longer, seeds = np.sum(second > first), len(result.seeds)
    how_many = f"{longer} of {seeds} seeds" if seeds > 1 else ["no seed", "the one seed"][longer]
    return [
        "The second hidden layer's bars are longer, averaged over the six neurons, for "
        f"{how_many}.",
        f"Drawn is seed {result.seeds[result.nearest]}, whose norms are nearest to the chapter's "
        "0.07 and 0.31.",
    ]


def figures(result: InitialGradient) -> list[Figure]:
    """Draw the network nearest to the chapter's, with a bar beside each neuron."""
    nearest = result.nearest
    nabla_b = [layer[nearest].reshape(-1, 1) for layer in result.nabla_b]
    first, second = result.bars[nearest]
    return [
        Figure(
            "initial-gradient",
            "The top six neurons of both hidden layers of [784, 30, 30, 10], just initialised "
            f"(seed {result.seeds[nearest]}). The longer a neuron's bar, the faster it learns.",
            "Diagram of two layers of six neurons with a bar on each; the bars are "
            f"{first:.3f} long on average in the first layer and {second:.3f} in the second.",
            functools.partial(plots.gradient_bars_of, nabla_b, neurons=DRAWN),
            (3.9, 3.9),
        )
    ]


EXPERIMENT = Experiment(
    title="How fast each neuron starts",
    question="How fast does each neuron learn at the very beginning?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    setup="δ (delta) of a neuron is ∂C/∂b: how much the cost C changes with its bias b. "
    "Gradient descent changes bias and weights in proportion to it, so it says how fast the "
    "neuron learns. It is averaged over the first 1,000 training images, before any training.",
    code="from fastnn.chapter5 import initial_gradient\n"
    "print(initial_gradient.run(seeds=range(10)).bars)",
    takes=("dtype", "mapper"),
)
