"""The figures of the page, which are redrawn in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastnn.chapter5.live.curves import Curve, Curves
from fastnn.chapter5.live.digits import Answer
from fastnn.chapter5.live.pictures import LAYER_COLORS, Answers, Bars, Weights
from fastnn.chapter5.live.runs import Frame

_TRAINING_COLOR, _VALIDATION_COLOR = "#b86500", "#0067b1"


class Figures:
    """All figures of a page, of the run that goes on and of one that is held."""

    def __init__(self) -> None:
        self._speeds = Curves("speeds", "‖∂C/∂b‖", log=True)
        self._accuracy = Curves("accuracy", "right answers, %")
        self._cost = Curves("cost", "cost with penalty")
        self._slopes = Curves("slopes", "mean of f′(z)")
        self._bars = Bars()
        self._weights = Weights()
        self._answers = Answers()
        self._drawn: Frame | None = None

    @property
    def of_run(self) -> dict[str, Any]:
        """The figures of a run, as Bokeh knows them, by what HTML says above each."""
        return {
            "Speed of learning of each hidden layer": self._speeds.figure,
            "|∂C/∂b| of single neurons, drawn as in the book": self._bars.figure,
            f"Right answers: {key('1,000 training images', _TRAINING_COLOR)}"
            f"{key('1,000 others', _VALIDATION_COLOR)}": self._accuracy.figure,
            "Cost on the training images": self._cost.figure,
            "Weights of the first hidden layer, an image for each neuron": self._weights.figure,
            "Saturation: where the mean slope is near 0, a layer hardly learns": (
                self._slopes.figure
            ),
        }

    @property
    def of_digit(self) -> Any:
        """The figure of what each layer makes of a digit."""
        return self._answers.figure

    def draw(self, frame: Frame) -> None:
        """Draw a run as it is now."""
        self._drawn = frame
        epochs = frame.settings.epochs
        for part, curves in self._curves_of(frame):
            part.draw(curves, epochs)
        self._bars.draw(frame)
        self._weights.draw(frame)

    def hold(self, frame: Frame | None) -> None:
        """Keep a run beside those that follow; None forgets it."""
        epochs = 1 if self._drawn is None else self._drawn.settings.epochs
        if frame is None:
            for part in (self._speeds, self._accuracy, self._cost, self._slopes):
                part.hold([], epochs)
        else:
            for part, curves in self._curves_of(frame):
                part.hold(curves, epochs)

    def answer(self, answer: Answer | None) -> None:
        """Draw what each layer makes of a digit; None empties the figure."""
        self._answers.draw(answer)

    def _curves_of(self, frame: Frame) -> list[tuple[Curves, list[Curve]]]:
        """Return the curves of a run with the figure of each; none where no epoch was done."""
        measured, hidden = frame.measured, range(frame.settings.depth)
        # The speeds of an epoch are those before it.
        before = np.arange(len(frame.speeds))
        slopes = np.array(measured.slopes, np.float64).reshape(-1, frame.settings.depth + 1)
        speeds = np.where(frame.speeds > 0, frame.speeds, np.nan)
        after = np.array(measured.epochs)
        if not len(before) or not len(after):
            return [(part, []) for part in (self._speeds, self._accuracy, self._cost, self._slopes)]

        def by_layer(x: Any, values: Any) -> list[Curve]:
            return [
                Curve(f"hidden layer {i + 1}", LAYER_COLORS[i], x, values[:, i]) for i in hidden
            ]

        return [
            (self._speeds, by_layer(before, speeds)),
            (
                self._accuracy,
                [
                    Curve("training images", _TRAINING_COLOR, after, measured.training_accuracy),
                    Curve("others", _VALIDATION_COLOR, after, measured.validation_accuracy),
                ],
            ),
            (self._cost, [Curve("cost", _TRAINING_COLOR, after, measured.cost)]),
            (self._slopes, by_layer(after, slopes)),
        ]


def key(name: str, color: str) -> str:
    """Return HTML that says which colour a curve has."""
    return f'<span class="key"><i style="background:{color}"></i>{name}</span>'
