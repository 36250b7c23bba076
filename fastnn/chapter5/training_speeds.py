"""How fast each hidden layer learns during 500 epochs of gradient descent."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fastnn import plots
from fastnn.chapter5.claims import Average, Claim, at_least, between
from fastnn.chapter5.experiment import (
    PER_CENT,
    Experiment,
    Floats,
    Mapper,
    Measurement,
)
from fastnn.chapter5.initial_gradient import DRAWN
from fastnn.chapter5.networks import check_images, new_network, training_images
from fastnn.chapter5.page import Figure, Motion, measured
from fastnn.common.checks import check_seeds, integer
from fastnn.common.numerals import written
from fastnn.datasets.dataset import Dataset
from fastnn.gradients import average_gradient
from fastnn.model.history import History
from fastnn.network2 import Network

DEPTHS = (2, 3, 4)
EARLY = 100
"""In how many epochs, from the first, to look for the fast drop of the speeds."""
_AVERAGE: Average = "geometric mean"


@dataclass(frozen=True)
class TrainingSpeeds:
    """Speeds before each epoch, by the number of hidden layers."""

    seeds: list[int]
    speeds: dict[int, Floats]  # (seeds, epochs, layers), the output layer last
    bars: Floats  # |dC/db| of the deepest network, first seed, (epochs, hidden layers, neurons)

    def last_over_first(self, depth: int) -> Floats:
        """How many times faster the last hidden layer is than the first, shape (seeds, epochs)."""
        speeds = self.speeds[depth]
        return speeds[:, :, -2] / speeds[:, :, 0]

    def much_slower(self, depth: int) -> Floats:
        """The share of epochs in which the first is at most half as fast as the last, (seeds,)."""
        share: Floats = np.mean(self.last_over_first(depth) >= 2, axis=1)
        return share

    def drop(self, depth: int, layer: int = -2) -> Floats:
        """By what factor a layer's speed first falls; -2 is the last hidden one, (seeds,)."""
        speed = self.speeds[depth][:, :, layer]
        drop: Floats = speed[:, 0] / speed[:, :EARLY].min(axis=1)
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
    epochs = integer("epochs", epochs, smallest=1)
    images = check_images("images", images)
    tasks = [(depth, seed) for depth in DEPTHS for seed in seeds]
    follow = functools.partial(_follow, epochs=epochs, images=images, dtype=dtype)
    measured = list(mapper(follow, tasks))
    return TrainingSpeeds(
        seeds,
        {
            depth: np.array(measured[i * len(seeds) : (i + 1) * len(seeds)])
            for i, depth in enumerate(DEPTHS)
        },
        _follow_bars(seeds[0], epochs, images, dtype),
    )


def _follow(task: tuple[int, int], epochs: int, images: int, dtype: npt.DTypeLike) -> Floats:
    depth, seed = task
    net = new_network(depth, seed, dtype)
    history = net.SGD(
        training_images(images),
        epochs,
        images,
        0.1,
        lmbda=5.0,
        monitor_layer_speeds=True,
        verbose=False,
        threads=1,
        seed=seed,
    )
    return np.array(history.layer_speeds, np.float64)


def _follow_bars(seed: int, epochs: int, images: int, dtype: npt.DTypeLike) -> Floats:
    """Measure dC/db of every hidden neuron in the deepest network, before each epoch."""
    net, data = new_network(DEPTHS[-1], seed, dtype), training_images(images)
    bars = [_bars(net, data)]

    def watch(_epoch: int, network: Network, _history: History) -> None:
        bars.append(_bars(network, data))

    net.SGD(
        data, epochs, images, 0.1, lmbda=5.0, callback=watch, verbose=False, threads=1, seed=seed
    )
    return np.array(bars[:-1])


def _bars(net: Network, data: Dataset) -> Floats:
    nabla_b, _ = average_gradient(net, data)
    return np.abs(np.array(nabla_b[:-1], np.float64)[:, :, 0])


def measurements(result: TrainingSpeeds) -> list[Measurement]:
    """How far the layers are apart, and the drop and rebound of the chapter's curves."""
    table = []
    for depth in DEPTHS:
        where = f"Vanishing gradient, curves of {depth} hidden layers"
        table += [
            Measurement(
                f"Epochs in which the first of {depth} is at most half as fast as the last, %",
                Claim(
                    "All this time, the first learns much more slowly than the last",
                    where,
                    at_least(95, "much: half as fast; all this time: ", " % of epochs"),
                ),
                100 * result.much_slower(depth),
                possible=PER_CENT,
            ),
            Measurement(
                f"Speed of the last of {depth} hidden layers over the first's, median over epochs",
                Claim(
                    "The first learns about 100 times more slowly than the last",
                    where,
                    between(50, 200, "about: "),
                )
                if depth == 4
                else None,
                _apart(result, depth),
                _AVERAGE,
            ),
        ]
    where = "Vanishing gradient, curves of 2 hidden layers"
    both = np.minimum(result.drop(2, 0), result.drop(2))
    table += [
        Measurement(
            f"Drop of both speeds within {EARLY} epochs, the smaller factor",
            Claim(
                "Then both speeds drop very quickly",
                where,
                at_least(2, f"very quickly: within {EARLY} of 500 epochs "),
            ),
            both,
            _AVERAGE,
        ),
        Measurement(
            "Rebound of the last of 2 after its drop, factor",
            Claim("A rebound occurs", where, at_least(1.05, "a rebound: ")),
            result.rebound(2),
            _AVERAGE,
        ),
    ]
    for depth in DEPTHS[1:]:
        table += [
            Measurement(f"Drop of the last of {depth}, factor", None, result.drop(depth), _AVERAGE),
            Measurement(
                f"Rebound of the last of {depth}, factor", None, result.rebound(depth), _AVERAGE
            ),
        ]
    return table


def _apart(result: TrainingSpeeds, depth: int) -> Floats:
    """How many times faster the last hidden layer is, median over epochs, (seeds,)."""
    apart: Floats = np.median(result.last_over_first(depth), axis=1)
    return apart


def _average(values: Floats) -> str:
    return measured(values, _AVERAGE)


def findings(result: TrainingSpeeds) -> list[str]:
    """Say whether the first layer stays the slowest, and by how much."""
    deep = _apart(result, 4)
    return [
        "With four hidden layers the last stays "
        f"{_average(deep)} times as fast as the first, with three "
        f"{_average(_apart(result, 3))} times and with two {_average(_apart(result, 2))} times "
        "(geometric means over seeds of the median over epochs).",
        f"Single seeds lie between {written(deep.min())} and {written(deep.max())} times with four "
        "hidden layers.",
        f"Within {EARLY} epochs the last hidden layer's speed is divided by "
        + ", ".join(_average(result.drop(depth)) for depth in DEPTHS)
        + " with two, three and four hidden layers. Then it rises again by a factor of "
        + ", ".join(_average(result.rebound(depth)) for depth in DEPTHS)
        + "; 1 means that it does not rise (geometric means).",
    ]


def motion(result: TrainingSpeeds) -> Motion:
    """Play the bars of the top neurons of four hidden layers."""
    return Motion(
        "training-motion",
        f"The top {DRAWN} neurons of the four hidden layers while the network learns (seed "
        f"{result.seeds[0]}); a bar is |∂C/∂b|, on one scale for all epochs.",
        result.bars[:, :, :DRAWN],
    )


def figures(result: TrainingSpeeds) -> list[Figure]:
    """Draw speeds against epochs, in one figure for each number of hidden layers."""
    return [
        Figure(
            f"training-speeds-{depth}",
            f"Speed of learning of the {depth} hidden layers before each epoch: a thin line for "
            "each seed, the median, and a band that holds eight of ten seeds.",
            "Curves on a logarithmic axis against epochs; they drop fast and then level off. The "
            f"last hidden layer is {_average(_apart(result, depth))} times as fast as the first.",
            functools.partial(plots.layer_speeds, result.speeds[depth]),
        )
        for depth in DEPTHS
    ]


EXPERIMENT = Experiment(
    title="The layers while they learn",
    question="How do the speeds of the hidden layers change while the network learns?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    motion=motion,
    setup="The speeds ‖δ‖ are measured before each of 500 epochs of gradient descent on 1,000 "
    "training images, all in one batch, with η = 0.1 and λ = 5. One batch makes curves smooth.",
    code="from fastnn.chapter5 import training_speeds\n"
    "print(training_speeds.run(seeds=range(10)).last_over_first(4))",
    takes=("dtype", "mapper"),
    quick={"epochs": 30, "images": 300},
)
