"""Does it help to add hidden layers? The accuracy of the chapter's four networks."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fastnn import plots
from fastnn.chapter5.claims import Claim, at_least, at_most, between, chance, printed
from fastnn.chapter5.experiment import (
    PER_CENT,
    Experiment,
    Floats,
    Mapper,
    Measurement,
)
from fastnn.chapter5.networks import images_or_all, new_network, training_images, validation_images
from fastnn.chapter5.page import Figure
from fastnn.common.checks import check_seeds, integer
from fastnn.common.intervals import mean_interval

DEPTHS = (1, 2, 3, 4)
PUBLISHED = (96.48, 96.90, 96.57, 96.53)
"""The chapter's accuracies on validation data, in per cent."""
_SHOWN = 24  # digits in the figure


@dataclass(frozen=True)
class Depth:
    """Accuracies on validation data after every epoch, in per cent."""

    seeds: list[int]
    accuracies: Floats  # (seeds, depths, epochs)

    @property
    def final(self) -> Floats:
        """Accuracies after the last epoch, shape (seeds, depths)."""
        return self.accuracies[:, :, -1]

    @property
    def gains(self) -> Floats:
        """Percentage points that 2, 3 and 4 hidden layers gain over one, shape (seeds, 3)."""
        return self.final[:, 1:] - self.final[:, :1]


def run(
    seeds: Sequence[int],
    *,
    epochs: int = 30,
    images: int | None = None,
    dtype: npt.DTypeLike = np.float64,
    mapper: Mapper = map,
) -> Depth:
    """Train the chapter's networks with one to four hidden layers of 30 neurons.

    Mini-batches of 10, eta = 0.1, lmbda = 5.0, cross-entropy, as in the chapter's first section.
    A seed gives all four networks the same order of the images, so that they can be compared seed
    by seed.

    Parameters
    ----------
    seeds : sequence of int
        One training run of each network for each seed.
    epochs : int, optional
        Epochs of training.
    images : int, optional
        How many training images to use, from the first; all 50,000 by default.
    dtype : numpy dtype, optional
        float64 or float32.
    mapper : callable, optional
        How to map a function over tasks: `map`, or the `map` of an executor.

    Returns
    -------
    Depth
    """
    seeds = check_seeds(seeds)
    epochs = integer("epochs", epochs, smallest=1)
    images = images_or_all(images)
    # The deepest networks take longest. Started first, they keep all processors busy to the end.
    tasks = [(depth, seed) for depth in reversed(DEPTHS) for seed in seeds]
    train = functools.partial(_train, epochs=epochs, images=images, dtype=dtype)
    accuracies = np.array(list(mapper(train, tasks))).reshape(len(DEPTHS), len(seeds), epochs)
    return Depth(seeds, accuracies[::-1].swapaxes(0, 1))


def _train(task: tuple[int, int], epochs: int, images: int, dtype: npt.DTypeLike) -> list[float]:
    depth, seed = task
    net = new_network(depth, seed, dtype)
    validation = validation_images()
    history = net.SGD(
        training_images(images),
        epochs,
        10,
        0.1,
        lmbda=5.0,
        evaluation_data=validation,
        monitor_evaluation_accuracy=True,
        verbose=False,
        threads=1,
        seed=seed,
    )
    return [100.0 * correct / len(validation) for correct in history.evaluation_accuracy]


def measurements(result: Depth) -> list[Measurement]:
    """The accuracies, and what each further hidden layer changes."""
    section = "Vanishing gradient"
    accuracies = [
        Measurement(
            f"Accuracy with {_layers(depth)}, %",
            Claim(
                f"{published:.2f} %", f"{section}, network {depth} of 4", printed(f"{published}")
            ),
            values,
            possible=PER_CENT,
        )
        for depth, published, values in zip(DEPTHS, PUBLISHED, result.final.T, strict=True)
    ]
    one, two, three, four = result.final.T
    steps = [
        ("2 instead of 1", "A second hidden layer helps a little", two - one, at_least(0)),
        ("3 instead of 2", "A third did not help, the result fell", three - two, at_most(0)),
        (
            "3 instead of 1",
            "It fell close to the shallow network",
            three - one,
            between(-0.2, 0.2, "close: "),
        ),
        ("4 instead of 3", "A fourth: a drop that may be chance", four - three, chance()),
    ]
    return accuracies + [
        Measurement(f"{what}, percentage points", Claim(says, f"{section}, text", rule), gain)
        for what, says, gain, rule in steps
    ]


def findings(result: Depth) -> list[str]:
    """Say whether depth changed anything, with intervals."""
    if len(result.seeds) == 1:
        return ["One seed cannot tell whether the differences are more than chance."]
    differences = [
        (f"{_layers(depth)} instead of 1", gain)
        for depth, gain in zip(DEPTHS[1:], result.gains.T, strict=True)
    ]
    differences.append(("4 instead of 3", result.final[:, 3] - result.final[:, 2]))
    verdicts = [_verdict(gain) for _, gain in differences]
    details = [f"{what}: {_with_interval(gain)}" for what, gain in differences]
    return [
        f"Compared with one hidden layer, seed by seed: two {verdicts[0]}, three {verdicts[1]}, "
        f"four {verdicts[2]}.",
        f"Differences in accuracy over {len(result.seeds)} seeds, in percentage points: "
        + "; ".join(details)
        + ". The change from three to four, which the chapter takes for chance, "
        + f"{verdicts[3]}.",
    ]


def _verdict(gain: Floats) -> str:
    _, low, high = mean_interval(gain)
    if low > 0:
        return "is an improvement"
    return "is a loss" if high < 0 else "cannot be told from chance"


def _with_interval(gain: Floats) -> str:
    mean, low, high = mean_interval(gain)
    text = f"{mean:+.2f} (95 % interval {low:+.2f} to {high:+.2f})"
    return text.replace("-", "−")


def figures(result: Depth) -> list[Figure]:
    """Draw some digits, and accuracy against depth with the chapter's four points."""
    digits = training_images(_SHOWN)
    return [
        Figure(
            "depth-digits",
            f"The first {_SHOWN} training images of MNIST: 28 × 28 pixels, and a label each.",
            "Handwritten digits with their labels.",
            functools.partial(plots.images, digits.inputs, digits.labels),
            (3.9, 2.0),
        ),
        Figure(
            "depth",
            "Accuracy on the 10,000 validation images against the number of hidden layers: every "
            "seed, the mean with its 95 % interval, and the book's four runs.",
            "Points for one to four hidden layers: "
            + ", ".join(f"mean {mean:.2f} %" for mean in result.final.mean(axis=0))
            + ".",
            functools.partial(
                plots.accuracy_against_depth, DEPTHS, result.final.T, published=PUBLISHED
            ),
        ),
    ]


def _layers(depth: int) -> str:
    return "1 hidden layer" if depth == 1 else f"{depth} hidden layers"


EXPERIMENT = Experiment(
    title="More hidden layers",
    question="How much better do networks with more hidden layers read digits?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    setup="MNIST: 50,000 training images of digits and 10,000 validation images. Networks of "
    "784 inputs, hidden layers of 30 sigmoid neurons and 10 outputs learn for 30 epochs by "
    "mini-batches of 10, with learning rate η (eta) = 0.1, regularisation λ (lmbda) = 5 and the "
    "cross-entropy cost. A seed starts the random numbers of one run: it fixes the initial "
    "weights and the order of the images. A 95 % interval holds the true average 95 times in "
    "100; the interval of single runs, wider, holds one more run.",
    code="from fastnn.chapter5 import depth\nprint(depth.run(seeds=range(5)).final)",
    takes=("dtype", "mapper"),
    quick={"epochs": 1, "images": 5000},
    default_seeds=5,
)
