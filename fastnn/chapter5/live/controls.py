"""The controls of the page, and the settings that they stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn

from fastnn.chapter5.live.settings import CHOICES, DEEPEST, IMAGES, WIDEST, Settings

_OPTIMIZERS = {"gradient descent": "sgd", "Nesterov's momentum": "nesterov", "Adam": "adam"}
_INITIALIZERS = {
    "N(0, 1) / √inputs": "default",
    "N(0, 1), as in chapter 1": "large",
    "Glorot": "glorot",
    "He": "he",
}
_USUAL_MOMENTUM = 0.5
_STYLE = ".noUi-handle:focus-visible { outline: 3px solid #0067b1; outline-offset: 2px }"


class Controls:
    """What a visitor moves.

    Parameters
    ----------
    changed : function
        Called without arguments after each change.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        usual = Settings()
        wide: dict[str, Any] = {"sizing_mode": "stretch_width", "stylesheets": [_STYLE]}
        batches = {
            "full batch (1,000 images)" if size == IMAGES else f"mini-batches of {size}": size
            for size in reversed(CHOICES["mini_batch_size"])
        }
        self._changed = changed
        self._is_adapting = False
        self.widgets: dict[str, Any] = {
            "depth": pn.widgets.IntSlider(
                label="Hidden layers", start=1, end=DEEPEST, value=usual.depth, **wide
            ),
            "width": pn.widgets.IntSlider(
                label="Neurons in each", start=1, end=WIDEST, value=usual.width, **wide
            ),
            "activation": pn.widgets.Select(
                label="Activation", options=list(CHOICES["activation"]), **wide
            ),
            "initializer": pn.widgets.Select(
                label="Initial weights", options=_INITIALIZERS, **wide
            ),
            "eta": _slider("Learning rate η", "eta", usual.eta),
            "lmbda": _slider("Regularisation λ", "lmbda", usual.lmbda),
            "optimizer": pn.widgets.Select(label="Optimiser", options=_OPTIMIZERS, **wide),
            "momentum": _slider("Momentum μ", "momentum", usual.momentum),
            "mini_batch_size": pn.widgets.Select(label="Steps by", options=batches, **wide),
            "epochs": pn.widgets.Select(
                label="Epochs", options=list(CHOICES["epochs"]), value=usual.epochs, **wide
            ),
            "seed": pn.widgets.IntInput(
                label="Seed", start=0, end=2**32 - 1, value=usual.seed, **wide
            ),
        }
        for widget in self.widgets.values():
            widget.param.watch(self._take, "value")

    def settings(self) -> Settings:
        """Return what is chosen.

        Raises
        ------
        TypeError, ValueError
            If it does not go together.
        """
        return Settings(**{name: widget.value for name, widget in self.widgets.items()})

    def view(self) -> Any:
        """Return the controls as Panel shows them."""
        return pn.Column(*self.widgets.values())

    def _take(self, event: Any) -> None:
        if self._is_adapting:
            return
        if event.obj is self.widgets["optimizer"]:
            self._adapt_momentum(event.new)
        self._changed()

    def _adapt_momentum(self, optimizer: str) -> None:
        """Give Nesterov a momentum, and Adam none: they would refuse anything else."""
        momentum = self.widgets["momentum"]
        self._is_adapting = True
        try:
            if optimizer == "adam":
                momentum.value = 0.0
            elif optimizer == "nesterov" and momentum.value == 0.0:
                momentum.value = _USUAL_MOMENTUM
            momentum.disabled = optimizer == "adam"
        finally:
            self._is_adapting = False


def _slider(name: str, setting: str, value: float) -> Any:
    return pn.widgets.DiscreteSlider(
        label=name,
        options={f"{each:g}": each for each in CHOICES[setting]},
        value=value,
        sizing_mode="stretch_width",
        stylesheets=[_STYLE],
    )
