"""The controls of the page, and the settings that they stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bokeh.models import CategoricalSlider, Column, CustomJS, Select, Slider, Spinner
from bokeh.models.widgets.sliders import AbstractSlider

from fastnn.chapter5.live.settings import CHOICES, DEEPEST, IMAGES, WIDEST, Settings

_OPTIMIZERS = {"gradient descent": "sgd", "Nesterov's momentum": "nesterov", "Adam": "adam"}
_INITIALIZERS = {
    "N(0, 1) / √inputs": "default",
    "N(0, 1), as in chapter 1": "large",
    "Glorot": "glorot",
    "He": "he",
}
_BATCHES = {
    "full batch (1,000 images)" if size == IMAGES else f"mini-batches of {size}": size
    for size in reversed(CHOICES["mini_batch_size"])
}
_USUAL_MOMENTUM = "0.5"
_STYLE = ".noUi-handle:focus-visible { outline: 3px solid #0067b1; outline-offset: 2px }"

# Bokeh writes a slider's title above it, but a screen reader asks the handle for its name.
_NAME_HANDLES = """
for (const slider of sliders) {
  for (const view of Bokeh.index.query((each) => each.model === slider)) {
    const root = view.el.shadowRoot
    const name = () => {
      for (const handle of root.querySelectorAll('.noUi-handle')) {
        if (handle.getAttribute('aria-label') !== slider.title) {
          handle.setAttribute('aria-label', slider.title)
        }
        if (handle.getAttribute('aria-valuetext') !== `${slider.value}`) {
          handle.setAttribute('aria-valuetext', slider.value)
        }
      }
    }
    new MutationObserver(name).observe(root, { childList: true, subtree: true, attributes: true })
    name()
  }
}
"""


class Controls:
    """What a visitor moves.

    They are Bokeh's own widgets: Panel's wait 50 ms before they tell of a change.

    Parameters
    ----------
    changed : function
        Called without arguments after each change.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        usual = Settings()
        self._changed = changed
        self._is_adapting = False
        self._choices: dict[str, dict[str, Any]] = {}  # what the words of a widget stand for
        self.widgets: dict[str, Any] = {
            "depth": _wide(Slider, "Hidden layers", start=1, end=DEEPEST, value=usual.depth),
            "width": _wide(Slider, "Neurons in each", start=1, end=WIDEST, value=usual.width),
            "activation": self._select("activation", "Activation", _as_written("activation")),
            "initializer": self._select("initializer", "Initial weights", _INITIALIZERS),
            "eta": self._slider("eta", "Learning rate η"),
            "lmbda": self._slider("lmbda", "Regularisation λ"),
            "optimizer": self._select("optimizer", "Optimiser", _OPTIMIZERS),
            "momentum": self._slider("momentum", "Momentum μ"),
            "mini_batch_size": self._select("mini_batch_size", "Steps by", _BATCHES),
            "epochs": self._select("epochs", "Epochs", _as_written("epochs")),
            # Without bounds: beyond them Bokeh would show a value that it does not tell.
            "seed": _wide(Spinner, "Seed", step=1, value=usual.seed),
        }
        self.widgets["optimizer"].on_change("value", self._adapt_momentum)
        for widget in self.widgets.values():
            widget.on_change("value", self._take)

    def settings(self) -> Settings:
        """Return what is chosen.

        Raises
        ------
        TypeError, ValueError
            If it does not go together.
        """
        chosen = {name: widget.value for name, widget in self.widgets.items()}
        for name, choices in self._choices.items():
            chosen[name] = choices[chosen[name]]
        return Settings(**chosen)

    def view(self) -> Any:
        """Return the controls as Bokeh shows them."""
        return Column(*self.widgets.values())

    def name_handles(self, document: Any) -> None:
        """Have the browser name the handles of the sliders, now and when it draws them anew."""
        sliders = [each for each in self.widgets.values() if isinstance(each, AbstractSlider)]
        document.js_on_event(
            "document_ready", CustomJS(args={"sliders": sliders}, code=_NAME_HANDLES)
        )

    def _select(self, setting: str, title: str, choices: dict[str, Any]) -> Any:
        self._choices[setting] = choices
        usual = getattr(Settings(), setting)
        (value,) = (name for name, choice in choices.items() if choice == usual)
        return _wide(Select, title, options=list(choices), value=value)

    def _slider(self, setting: str, title: str) -> Any:
        choices = self._choices[setting] = _as_written(setting)
        value = f"{getattr(Settings(), setting):g}"
        return _wide(CategoricalSlider, title, categories=list(choices), value=value)

    def _take(self, name: str, old: Any, new: Any) -> None:
        if not self._is_adapting:
            self._changed()

    def _adapt_momentum(self, name: str, old: Any, new: Any) -> None:
        """Give Nesterov a momentum, and Adam none: they would refuse anything else."""
        momentum, optimizer = self.widgets["momentum"], _OPTIMIZERS[new]
        self._is_adapting = True
        try:
            if optimizer == "adam":
                momentum.value = "0"
            elif optimizer == "nesterov" and momentum.value == "0":
                momentum.value = _USUAL_MOMENTUM
            momentum.disabled = optimizer == "adam"
        finally:
            self._is_adapting = False


def _as_written(setting: str) -> dict[str, Any]:
    """Return the choices for a setting by what a widget shows for each."""
    return {each if isinstance(each, str) else f"{each:g}": each for each in CHOICES[setting]}


def _wide(widget: Any, title: str, **options: Any) -> Any:
    return widget(
        title=title,
        sizing_mode="stretch_width",
        margin=(5, 10),  # at either end of a slider, half its handle stands beyond
        stylesheets=[_STYLE],
        **options,
    )
