"""Whether a layer with a small gradient has already learnt, and how weights change in training."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn import plots
from fastnn.chapter5.claims import Claim, at_least, at_most
from fastnn.chapter5.experiment import (
    NOT_NEGATIVE,
    PER_CENT,
    Experiment,
    Floats,
    Mapper,
    Measurement,
)
from fastnn.chapter5.networks import images_or_all, new_network, training_images, validation_images
from fastnn.chapter5.page import Figure, measured
from fastnn.common.checks import check_seeds, integer
from fastnn.common.intervals import mean_interval

HIDDEN_LAYERS = 3
_SHOWN = 9  # images of weights in each figure


@dataclass(frozen=True)
class FirstLayer:
    """[784, 30, 30, 30, 10], trained whole and with its random first layer left as it is."""

    seeds: list[int]
    epochs: int
    whole: Floats  # accuracy on validation data in per cent, (seeds,)
    frozen: Floats  # the same if the first layer keeps its random weights, (seeds,)
    sizes: Floats  # root mean square of each layer's weights before and after, (seeds, 2, layers)
    below_one: Floats  # the share of all weights with |w| < 1 before and after, (seeds, 2)
    largest: Floats  # the largest |w| after training, (seeds,)
    images: Floats  # the first layer's weights of the first seed before and after, (2, 30, 784)

    @property
    def growth(self) -> Floats:
        """By what factor training changes the size of each layer's weights, (seeds, layers)."""
        growth: Floats = self.sizes[:, 1] / self.sizes[:, 0]
        return growth


class _Trained(NamedTuple):
    whole: float
    frozen: float
    sizes: Floats
    below_one: Floats
    largest: float
    images: Floats


def run(
    seeds: Sequence[int],
    *,
    epochs: int = 10,
    images: int | None = None,
    dtype: npt.DTypeLike = np.float64,
    mapper: Mapper = map,
) -> FirstLayer:
    """Train all layers, and all but the first, from the same random weights.

    Mini-batches of 10, eta = 0.1 and lmbda = 5.0, as in `fastnn.chapter5.depth`.

    Parameters
    ----------
    seeds : sequence of int
        Two training runs for each seed.
    epochs : int, optional
        Epochs of training.
    images : int, optional
        How many training images to use, from the first; all 50,000 by default.
    dtype : numpy dtype, optional
        float64 or float32.
    mapper : callable, optional
        How to map a function over seeds: `map`, or the `map` of an executor.

    Returns
    -------
    FirstLayer
    """
    seeds = check_seeds(seeds)
    epochs = integer("epochs", epochs, smallest=1)
    images = images_or_all(images)
    train = functools.partial(_train, epochs=epochs, images=images, dtype=dtype)
    trained = list(mapper(train, seeds))
    return FirstLayer(
        seeds,
        epochs,
        np.array([one.whole for one in trained]),
        np.array([one.frozen for one in trained]),
        np.array([one.sizes for one in trained]),
        np.array([one.below_one for one in trained]),
        np.array([one.largest for one in trained]),
        trained[0].images,
    )


def _train(seed: int, epochs: int, images: int, dtype: npt.DTypeLike) -> _Trained:
    validation = validation_images()
    accuracies, weights = [], []
    for frozen in ((), (0,)):
        net = new_network(HIDDEN_LAYERS, seed, dtype)
        before = [w.astype(np.float64) for w in net.weights]
        net.SGD(
            training_images(images),
            epochs,
            10,
            0.1,
            lmbda=5.0,
            frozen_layers=frozen,
            verbose=False,
            threads=1,
            seed=seed,
        )
        accuracies.append(100.0 * net.accuracy(validation) / len(validation))
        weights.append((before, [w.astype(np.float64) for w in net.weights]))
    stages = weights[0]
    every = [np.concatenate([w.ravel() for w in stage]) for stage in stages]
    return _Trained(
        accuracies[0],
        accuracies[1],
        np.array([[np.sqrt(np.mean(w**2)) for w in stage] for stage in stages]),
        np.array([np.mean(np.abs(stage) < 1) for stage in every]),
        float(np.abs(every[1]).max()),
        np.array([stage[0] for stage in stages]),
    )


def measurements(result: FirstLayer) -> list[Measurement]:
    """What a random first layer costs, and whether weights grow."""
    where = "Vanishing gradient, a small gradient"
    after = f"{result.epochs} epoch{'s' if result.epochs > 1 else ''}"
    return [
        Measurement(
            f"Accuracy that training the first layer adds in {after}, percentage points",
            Claim(
                "It is not so that the first layer need not be trained",
                where,
                at_least(1, "need: ", " percentage point"),
            ),
            result.whole - result.frozen,
        ),
        Measurement(
            f"Accuracy if the first layer stays random, {after}, %",
            Claim(
                "Later layers, however well trained, can hardly identify the image",
                where,
                at_most(50, "hardly: ", " %"),
            ),
            result.frozen,
            possible=PER_CENT,
        ),
        Measurement(
            f"Accuracy if all layers learn, {after}, %", None, result.whole, possible=PER_CENT
        ),
        *(
            Measurement(
                f"Growth of the root mean square weight of layer {layer + 1}, factor",
                None,
                growth,
                "geometric mean",
            )
            for layer, growth in enumerate(result.growth.T)
        ),
        Measurement(
            "Weights with |w| < 1 before training, %",
            None,
            100 * result.below_one[:, 0],
            possible=PER_CENT,
        ),
        Measurement(
            "Weights with |w| < 1 after it, %",
            None,
            100 * result.below_one[:, 1],
            possible=PER_CENT,
        ),
        Measurement("Largest |w| after training", None, result.largest, possible=NOT_NEGATIVE),
    ]


def findings(result: FirstLayer) -> list[str]:
    """Say what a random first layer costs, and answer whether weights grow."""
    growth = ", ".join(measured(factor, "geometric mean") for factor in result.growth.T)
    before, after = (measured(100 * share) for share in result.below_one.T)
    _, least_gain, _ = mean_interval(result.whole - result.frozen)  # NaN of one seed
    return [
        f"With its random first layer the network reaches {measured(result.frozen)} %, "
        f"and {measured(result.whole)} % if that layer learns, too: "
        + (
            "its small gradient does not mean that it has nothing to learn."
            if least_gain > 0
            else "that is no difference from which to tell whether it has anything to learn."
        ),
        "The chapter asks whether weights grow while training, so that factors |w σ′(z)| could "
        "pass 1/4. From the first layer to the last, their root mean square is multiplied by "
        f"{growth} (geometric means). |w| < 1 holds for {before} % of all weights before training "
        f"and for {after} % after it; the largest reaches {measured(result.largest)} (mean of "
        "seeds).",
    ]


def figures(result: FirstLayer) -> list[Figure]:
    """Draw accuracies, and the first layer's weights as images before and after training."""
    accuracies = {"all layers learn": result.whole, "first layer random": result.frozen}
    return [
        Figure(
            "first-layer-accuracies",
            "Accuracy on the validation images if all layers learn, and if the first stays random.",
            f"Two rows of points; means {result.whole.mean():.1f} % and "
            f"{result.frozen.mean():.1f} %.",
            functools.partial(plots.dot_plot, accuracies, "accuracy (%)", accuracies=True),
            (3.9, 2.0),
        ),
        *(
            Figure(
                f"first-layer-{when}",
                f"What the first {_SHOWN} neurons of the first layer see {when} training (seed "
                f"{result.seeds[0]}): their weights as images of 28 × 28 pixels.",
                f"Nine square images of weights, {look}.",
                functools.partial(plots.weights, images[:_SHOWN]),
                (3.9, 3.0),
            )
            for when, look, images in zip(
                ("before", "after"), ("all noise", "with strokes"), result.images, strict=True
            )
        ),
    ]


EXPERIMENT = Experiment(
    title="A small gradient, and a random first layer",
    question="Has a layer with a small gradient already learnt? Do weights grow while training?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    setup="[784, 30, 30, 30, 10] learns for 10 epochs by mini-batches of 10 with η = 0.1 and λ "
    "= 5, once as a whole and once with its first layer frozen at its random weights.",
    code="from fastnn.chapter5 import first_layer\nprint(first_layer.run(seeds=range(5)).frozen)",
    takes=("dtype", "mapper"),
    quick={"epochs": 1, "images": 2000},
    default_seeds=5,
)
