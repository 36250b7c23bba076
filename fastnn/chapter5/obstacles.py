"""Obstacles that the chapter names at its end: saturation, activations, weights, momentum."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn import plots
from fastnn.chapter5.claims import Claim, at_least, at_most
from fastnn.chapter5.experiment import PER_CENT, Experiment, Floats, Mapper, Measurement
from fastnn.chapter5.networks import (
    images_or_all,
    network_sizes,
    training_images,
    validation_images,
)
from fastnn.chapter5.obstacle_settings import (
    ACTIVATIONS,
    INITIALIZERS,
    SETTINGS,
    WITH_MOMENTUM,
    Setting,
)
from fastnn.chapter5.page import Figure, measured
from fastnn.common.checks import check_seeds, integer
from fastnn.gradients import layer_speeds, mean_slopes
from fastnn.model.history import History
from fastnn.network2 import Network

HIDDEN_LAYERS = 4
_SLOPES = (0, 0.25)  # between which those of the sigmoid lie


@dataclass(frozen=True)
class Obstacles:
    """Measurements with each setting, and the saturation with the chapter's own."""

    seeds: list[int]
    epochs: int
    speeds: dict[Setting, Floats]  # before training, (seeds, layers), the output layer last
    accuracies: dict[Setting, Floats]  # on validation data after all epochs, in per cent, (seeds,)
    slopes: Floats  # mean sigma', before and after each epoch, (seeds, epochs + 1, layers)
    activity: Floats  # mean activation of the last hidden layer, (seeds, epochs + 1)

    def last_over_first(self, setting: Setting) -> Floats:
        """How many times faster the last hidden layer is than the first at the start, (seeds,)."""
        speeds = self.speeds[setting]
        return speeds[:, -2] / speeds[:, 0]


class _Trained(NamedTuple):
    speeds: Floats
    accuracy: float
    slopes: list[Floats]
    activity: list[float]


def run(
    seeds: Sequence[int],
    *,
    epochs: int = 5,
    images: int | None = None,
    dtype: npt.DTypeLike = np.float64,
    mapper: Mapper = map,
) -> Obstacles:
    """Train networks with four hidden layers, with one thing changed at a time.

    Saturation is measured as by Glorot and Bengio (2010): the mean sigma' of the hidden layers, and
    the mean activation of the last one, which they saw move towards 0. Activations (sigmoid, tanh,
    ReLU) and initial weights (N(0, 1), divided by √fan-in or not, Glorot and Bengio's, He's) are
    compared by the layers' initial speeds and by the accuracy after some epochs, and momentum
    (Sutskever et al. 2013; eq. 107) by the accuracy alone. All else is as in `depth`.

    Parameters
    ----------
    seeds : sequence of int
        One training run with each setting for each seed.
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
    Obstacles
    """
    seeds = check_seeds(seeds)
    epochs = integer("epochs", epochs, smallest=1)
    images = images_or_all(images)
    settings = list(dict.fromkeys(SETTINGS + WITH_MOMENTUM))
    tasks = [(setting, seed) for setting in settings for seed in seeds]
    train = functools.partial(_train, epochs=epochs, images=images, dtype=dtype)
    trained = list(mapper(train, tasks))
    by_setting = {
        setting: trained[i * len(seeds) : (i + 1) * len(seeds)]
        for i, setting in enumerate(settings)
    }
    return Obstacles(
        seeds,
        epochs,
        {setting: np.array([one.speeds for one in runs]) for setting, runs in by_setting.items()},
        {setting: np.array([one.accuracy for one in runs]) for setting, runs in by_setting.items()},
        np.array([one.slopes for one in by_setting[Setting()]]),
        np.array([one.activity for one in by_setting[Setting()]]),
    )


def _train(task: tuple[Setting, int], epochs: int, images: int, dtype: npt.DTypeLike) -> _Trained:
    setting, seed = task
    validation, watched = validation_images(), validation_images(1000)
    slopes: list[Floats] = []
    activity: list[float] = []

    def watch(_epoch: int, net: Network, _history: History) -> None:
        slopes.append(mean_slopes(net, watched))
        inner = Network(net.sizes[:-1], dtype=net.dtype, seed=seed)
        inner.weights, inner.biases = net.weights[:-1], net.biases[:-1]
        activity.append(float(inner.feedforward(watched.inputs.T).mean()))

    net = Network(
        network_sizes(HIDDEN_LAYERS),
        dtype=dtype,
        activation=setting.activation,
        initializer=setting.initializer,
        seed=seed,
    )
    speeds = layer_speeds(net, training_images(1000))
    is_chapters = setting == Setting()
    if is_chapters:
        watch(-1, net, History())
    net.SGD(
        training_images(images),
        epochs,
        10,
        setting.eta,
        lmbda=5.0,
        momentum=setting.momentum,
        callback=watch if is_chapters else None,
        on_divergence="continue",  # a setting with which training diverges is a result, too
        verbose=False,
        threads=1,
        seed=seed,
    )
    return _Trained(speeds, 100.0 * net.accuracy(validation) / len(validation), slopes, activity)


def measurements(result: Obstacles) -> list[Measurement]:
    """Saturation, what a choice of each kind changes, and all speeds and accuracies."""
    after = _epochs(result)
    substantial = at_least(1, "substantial: ", " percentage point")
    where = "Other obstacles"
    claims = [
        Measurement(
            f"Lowest mean activation of the last hidden layer within {after}",
            Claim(
                "With sigmoid, the last hidden layer saturates near 0 early in training",
                f"{where}, Glorot and Bengio 2010",
                at_most(0.1, "near 0: "),
            ),
            result.activity.min(axis=1),
            possible=(0, 1),
        ),
        Measurement(
            f"Accuracy of the best activation minus sigmoid's after {after}, percentage points",
            Claim("The choice of activation matters", f"{where}, summary", substantial),
            _gain(result, [Setting(activation) for activation in ACTIVATIONS]),
        ),
        Measurement(
            f"Best way to draw sigmoid's weights minus N(0, 1), after {after}, percentage points",
            Claim(
                "A good initialisation makes a substantial difference",
                f"{where}, Sutskever et al. 2013",
                substantial,
            ),
            _gain(result, [Setting(initializer=name) for name in INITIALIZERS]),
        ),
        Measurement(
            f"Best momentum minus none, with η adapted, after {after}, percentage points",
            Claim(
                "A good momentum makes a substantial difference",
                f"{where}, Sutskever et al. 2013",
                substantial,
            ),
            _gain(result, [WITH_MOMENTUM[0], *WITH_MOMENTUM[2::2]]),
        ),
    ]
    start, end = result.slopes[:, 0, -2], result.slopes[:, -1, -2]
    return [
        *claims,
        Measurement(
            "Mean σ′ of the last hidden layer before training", None, start, possible=_SLOPES
        ),
        Measurement(f"Mean σ′ of the last hidden layer after {after}", None, end, possible=_SLOPES),
        *(
            Measurement(
                f"Initial speed, last hidden layer over first: {setting.name}",
                None,
                result.last_over_first(setting),
                "geometric mean",
            )
            for setting in SETTINGS
        ),
        *(
            Measurement(
                f"Accuracy after {after}, %: {setting.name}", None, accuracies, possible=PER_CENT
            )
            for setting, accuracies in result.accuracies.items()
        ),
    ]


def _gain(result: Obstacles, settings: list[Setting]) -> Floats:
    """What the setting that is best on average gains over the first one, seed by seed."""
    best = max(settings, key=lambda setting: result.accuracies[setting].mean())
    return result.accuracies[best] - result.accuracies[settings[0]]


def findings(result: Obstacles) -> list[str]:
    """Say in which direction each setting works."""
    start, end = (measured(result.slopes[:, place, -2]) for place in (0, -1))
    means = {setting: float(values.mean()) for setting, values in result.accuracies.items()}
    best = max(SETTINGS, key=lambda setting: means[setting])
    with_momentum = ", ".join(
        f"{measured(result.accuracies[setting])} % with {setting.momentum:g} and "
        f"η = {setting.eta:g}"
        for setting in WITH_MOMENTUM
    )
    apart = {
        setting: float(np.exp(np.log(result.last_over_first(setting)).mean()))
        for setting in SETTINGS
    }
    even = min(SETTINGS, key=lambda setting: abs(np.log(apart[setting])))
    ratios = [
        measured(result.last_over_first(setting), "geometric mean") for setting in (Setting(), even)
    ]
    return [
        f"After {_epochs(result)} the chapter's network with four hidden layers reaches "
        f"{measured(result.accuracies[Setting()])} %, and the best one ({best.name}) "
        f"{measured(result.accuracies[best])} %.",
        f"Saturation: the mean slope of the last hidden layer goes from {start} to {end}, "
        f"its mean activation from {measured(result.activity[:, 0])} to "
        f"{measured(result.activity[:, -1])}.",
        "Initial speeds: the last hidden layer begins "
        f"{ratios[0]} times as fast as the first in the chapter's network. The layers start most "
        f"evenly with {even.name}, where that factor is {ratios[1]} (geometric means).",
        f"Momentum, after {_epochs(result)}: {with_momentum}.",
    ]


def figures(result: Obstacles) -> list[Figure]:
    """Draw saturation, initial speeds for each activation, and accuracies."""
    accuracies = {setting.name: result.accuracies[setting] for setting in SETTINGS}
    momenta = {
        f"momentum {setting.momentum:g}, η = {setting.eta:g}": result.accuracies[setting]
        for setting in WITH_MOMENTUM
    }
    accuracy = f"accuracy after {_epochs(result)} (%)"
    speeds = [
        Figure(
            f"obstacles-speeds-{activation}",
            f"Initial speed of each hidden layer with {ACTIVATIONS[activation]} neurons, for "
            "four ways to draw the weights.",
            "Four lines on a logarithmic axis against the hidden layer.",
            functools.partial(
                plots.speeds_by_layer,
                {
                    words: result.speeds[Setting(activation, name)]
                    for name, words in INITIALIZERS.items()
                },
            ),
        )
        for activation in ACTIVATIONS
    ]
    return [
        Figure(
            "obstacles-saturation",
            "Mean slope σ′ of the four hidden layers while the chapter's network learns. Near 0 a "
            "layer is saturated; the largest possible slope is 1/4.",
            "Four curves against epochs; the last hidden layer's goes from "
            f"{result.slopes[:, 0, -2].mean():.3f} to {result.slopes[:, -1, -2].mean():.3f}.",
            functools.partial(plots.saturation, result.slopes),
        ),
        *speeds,
        Figure(
            "obstacles-accuracies",
            f"Accuracy after {_epochs(result)} with four hidden layers, by activation and "
            "initial weights.",
            "Rows of points; means: "
            + ", ".join(f"{name} {values.mean():.1f} %" for name, values in accuracies.items())
            + ".",
            functools.partial(plots.dot_plot, accuracies, accuracy, accuracies=True),
            (3.9, 4.6),
        ),
        Figure(
            "obstacles-momentum",
            f"Accuracy after {_epochs(result)} with four hidden layers of sigmoid neurons, by "
            "momentum.",
            "Rows of points; means: "
            + ", ".join(f"{name} {values.mean():.1f} %" for name, values in momenta.items())
            + ".",
            functools.partial(plots.dot_plot, momenta, accuracy, accuracies=True),
            (3.9, 2.8),
        ),
    ]


def _epochs(result: Obstacles) -> str:
    return "1 epoch" if result.epochs == 1 else f"{result.epochs} epochs"


EXPERIMENT = Experiment(
    title="Other obstacles",
    question="How much do saturation, the activation, the initial weights and momentum matter?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    setup="Networks with four hidden layers, trained as at the beginning, with one thing "
    "changed at a time: the activation (sigmoid, tanh, ReLU), the way to draw initial weights, "
    "or momentum m. Momentum makes steps 1/(1 − m) times as long, so it is shown with η = 0.1 "
    "and with η × (1 − m).",
    code="from fastnn.chapter5 import obstacles\nprint(obstacles.run(seeds=range(10)).accuracies)",
    takes=("dtype", "mapper"),
    quick={"epochs": 1, "images": 2000},
)
