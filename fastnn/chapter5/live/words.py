"""The words of the page: pieces of HTML, those that change often, and the table of runs."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
from bokeh.models import CustomJS, Div, Toggle

from fastnn.chapter5.live.figures import key
from fastnn.chapter5.live.pictures import LAYER_COLORS
from fastnn.chapter5.live.runs import Frame

_STYLE = """
h1 { font-size: 1.5rem; margin: 0 0 .4rem } h2 { font-size: 1.15rem; margin: .8rem 0 .3rem }
h3 { font-size: 1rem; margin: .3rem 0 0; min-height: 2.5em }
p { margin: 0 0 .4rem; max-width: 75ch } .problem { color: #a3122c; font-weight: 600 }
table { border-collapse: collapse } td, th { padding: .15rem .7rem .15rem 0; text-align: left }
td.number { text-align: right; font-variant-numeric: tabular-nums }
.key { display: inline-block; white-space: nowrap; margin-right: .9rem }
.key i { display: inline-block; width: 1.1rem; height: .3rem; margin-right: .3rem;
         vertical-align: middle }
pre { margin: 0; padding: .7rem; white-space: pre-wrap; overflow-wrap: anywhere;
      border: 1px solid #c8cacc; border-radius: 4px }
"""
_WRITE = """
for (const view of Bokeh.index.query((each) => each.model === place)) {
  view.el.shadowRoot.querySelector('.words').innerHTML = words.tags[0]
}
"""
_WRITE_ALONE = _WRITE.replace("words.tags[0]", "text")


class Words:
    """Words that change often: the browser writes them without measuring the whole page anew.

    Attributes
    ----------
    place : bokeh.models.Div
        Where they stand on the page.
    model : bokeh.model.Model
        What brings them to the browser, in its `tags`.
    """

    def __init__(self) -> None:
        self.place = piece('<div class="words"></div>')
        self.model = Toggle()  # it is not shown
        written = CustomJS(args={"place": self.place, "words": self.model}, code=_WRITE)
        self.model.js_on_change("tags", written)
        self.place.js_on_change("tags", written)  # so that the browser gets the model at all

    @property
    def text(self) -> str:
        """The present words, as HTML."""
        return str(self.model.tags[0]) if self.model.tags else ""

    @text.setter
    def text(self, text: str) -> None:
        if text != self.text:
            self.model.tags = [text]

    def become(self, text: str, document: Any, event: str) -> None:
        """Have the browser write a text by itself when an event of the document comes."""
        write = CustomJS(args={"place": self.place, "text": text}, code=_WRITE_ALONE)
        document.js_on_event(event, write)


def piece(text: str) -> Any:
    """Make a piece of HTML."""
    return Div(text=text, stylesheets=[_STYLE], sizing_mode="stretch_width")


def key_of_layers(depth: int) -> str:
    """Name the colours of the hidden layers, which all figures share."""
    keys = "".join(key(f"hidden layer {i + 1}", LAYER_COLORS[i]) for i in range(depth))
    return f"<div>{keys}(a held run is dashed)</div>"


def table(now: Frame, held: Frame | None) -> str:
    """Set the figures of this run beside those of the held one."""
    rows = [("this run", now), *([("held", held)] if held is not None else [])]
    body = "".join(_row(name, frame) for name, frame in rows)
    return (
        "<table><tr><th>run</th><th>cost</th><th>right, others</th>"
        "<th>last over first hidden layer</th><th>chosen</th></tr>"
        f"{body}</table>"
    )


def _row(name: str, frame: Frame) -> str:
    measured, speeds = frame.measured, frame.speeds
    numbers = ["", "", ""]
    if measured.epochs:
        numbers[:2] = [f"{measured.cost[-1]:.4f}", f"{measured.validation_accuracy[-1]:.1f} %"]
    if len(speeds) and frame.settings.depth > 1:
        learning = (speeds[:, [0, -2]] > 0).any(axis=1)  # else both layers stand still
        if learning.any():
            with np.errstate(divide="ignore"):
                numbers[2] = f"{np.median(speeds[learning, -2] / speeds[learning, 0]):.3g} x"
    cells = "".join(f'<td class="number">{number}</td>' for number in numbers)
    return f"<tr><th>{name}</th>{cells}<td>{html.escape(frame.settings.summary())}</td></tr>"
