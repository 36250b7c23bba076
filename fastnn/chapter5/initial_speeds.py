"""How fast each hidden layer begins to learn: the norm of its averaged dC/db."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fastnn import plots
from fastnn.chapter5.claims import Average, Claim, at_least, printed
from fastnn.chapter5.experiment import Experiment, Floats, Mapper, Measurement
from fastnn.chapter5.networks import check_images, new_network, training_images
from fastnn.chapter5.page import Figure, measured
from fastnn.common.checks import check_seeds
from fastnn.common.numerals import written
from fastnn.gradients import layer_speeds

PUBLISHED = {
    2: ("0.07", "0.31"),
    3: ("0.012", "0.060", "0.283"),
    4: ("0.003", "0.017", "0.070", "0.285"),
}
"""The chapter's speeds as printed, by the number of hidden layers; the first layer comes first."""
_AVERAGE: Average = "geometric mean"


@dataclass(frozen=True)
class InitialSpeeds:
    """Speeds by the number of hidden layers: arrays (seeds, layers), the output layer last."""

    seeds: list[int]
    speeds: dict[int, Floats]

    def ratios(self, depth: int) -> Floats:
        """How much faster each hidden layer is than the one before, shape (seeds, depth - 1)."""
        hidden = self.speeds[depth][:, :-1]
        return hidden[:, 1:] / hidden[:, :-1]


def run(
    seeds: Sequence[int],
    *,
    images: int = 1000,
    dtype: npt.DTypeLike = np.float64,
    mapper: Mapper = map,
) -> InitialSpeeds:
    """Measure ||delta^l||, the chapter's speed of learning of layer l, before any training.

    The gradient is averaged over the images first, and then its Euclidean norm is taken.

    Parameters
    ----------
    seeds : sequence of int
        Three networks for each seed, with 2, 3 and 4 hidden layers.
    images : int, optional
        How many training images to average over, from the first.
    dtype : numpy dtype, optional
        float64 or float32.
    mapper : callable, optional
        How to map a function over tasks: `map`, or the `map` of an executor.

    Returns
    -------
    InitialSpeeds
    """
    seeds = check_seeds(seeds)
    images = check_images("images", images)
    tasks = [(depth, seed) for depth in PUBLISHED for seed in seeds]
    measured = list(mapper(functools.partial(_speeds, images=images, dtype=dtype), tasks))
    return InitialSpeeds(
        seeds,
        {
            depth: np.array(measured[i * len(seeds) : (i + 1) * len(seeds)])
            for i, depth in enumerate(PUBLISHED)
        },
    )


def _speeds(task: tuple[int, int], images: int, dtype: npt.DTypeLike) -> Floats:
    depth, seed = task
    speeds = layer_speeds(new_network(depth, seed, dtype), training_images(images))
    return np.asarray(speeds, np.float64)


def measurements(result: InitialSpeeds) -> list[Measurement]:
    """The speed of every hidden layer of the three networks, and how they compare."""
    where = "Vanishing gradient"
    speeds = [
        Measurement(
            f"Speed of hidden layer {layer + 1} of {depth}",
            Claim(published, f"{where}, {depth} hidden layers", printed(published)),
            speeds,
            _AVERAGE,  # speeds are positive, and so are the ends of its intervals
        )
        for depth, row in PUBLISHED.items()
        for layer, (published, speeds) in enumerate(
            zip(row, result.speeds[depth].T[:-1], strict=True)
        )
    ]
    much = at_least(2, "much: ", " times")
    apart = [
        Measurement(
            f"Speed of the last of {depth} hidden layers over the first's",
            Claim("The first learns much more slowly than the last", f"{where}, text", much),
            result.ratios(depth).prod(axis=1),
            "geometric mean",
        )
        for depth in PUBLISHED
    ]
    smallest = np.min([result.ratios(depth).min(axis=1) for depth in PUBLISHED], axis=0)
    return [
        *speeds,
        *apart,
        Measurement(
            "Speed of a hidden layer over the one's before it: the smallest of all three networks",
            Claim("Early layers learn more slowly than later ones", f"{where}, text", at_least(1)),
            smallest,
            "geometric mean",
        ),
        Measurement("The same ratio, average of all layers", None, _typical(result), _AVERAGE),
    ]


def _typical(result: InitialSpeeds) -> Floats:
    """The geometric mean of all ratios of each seed, (seeds,)."""
    logs = np.concatenate([np.log(result.ratios(depth)) for depth in PUBLISHED], axis=1)
    typical: Floats = np.exp(logs.mean(axis=1))
    return typical


def findings(result: InitialSpeeds) -> list[str]:
    """Say how many times faster each layer is than the one before, and over what range."""
    ratios = np.concatenate([result.ratios(depth).ravel() for depth in PUBLISHED])
    typical = measured(_typical(result), _AVERAGE)
    return [
        f"A hidden layer learns {typical} times as fast as the one before it (geometric "
        f"mean; {written(ratios.min())} to {written(ratios.max())} times over all "
        "networks, layers and seeds).",
        "So each layer added in front divides the first layer's speed by that factor once more.",
    ]


def figures(result: InitialSpeeds) -> list[Figure]:
    """Draw the speeds layer by layer, and the ratios between neighbouring layers."""
    by_name = {f"{depth} hidden layers": speeds for depth, speeds in result.speeds.items()}
    published = {f"{depth} hidden layers": np.array(row, float) for depth, row in PUBLISHED.items()}
    means = ", ".join(
        written(float(np.exp(np.log(result.ratios(depth)).mean()))) for depth in PUBLISHED
    )
    return [
        Figure(
            "initial-speeds",
            "Speed of learning of every hidden layer just after initialisation, for every seed, "
            "and the book's values.",
            "Speeds on a logarithmic axis against the hidden layer, one line for each of three "
            "networks; all rise from the first hidden layer to the last.",
            functools.partial(plots.speeds_by_layer, by_name, published=published),
        ),
        Figure(
            "initial-speeds-ratios",
            "How many times faster a hidden layer learns than the one before it, for every seed. "
            "Above 1, the earlier layer is slower.",
            "Speed ratios of neighbouring layers for networks with two, three and four hidden "
            f"layers; geometric means {means}.",
            functools.partial(plots.speed_ratios, result.speeds),
        ),
    ]


EXPERIMENT = Experiment(
    title="How fast each layer starts",
    question="How do the speeds of the hidden layers compare just after initialisation?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    setup="The speed of learning of a layer is ‖δ‖: ∂C/∂b of its neurons, averaged over 1,000 "
    "images first, and then the length (Euclidean norm) of that vector. The networks have two, "
    "three and four hidden layers of 30 and are just initialised.",
    code="from fastnn.chapter5 import initial_speeds\n"
    "print(initial_speeds.run(seeds=range(10)).speeds)",
    takes=("dtype", "mapper"),
)
