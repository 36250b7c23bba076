"""The page of one visitor: what may be chosen, the figures, a digit, and the code."""

from __future__ import annotations

import html
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import panel as pn
from bokeh.models import CustomJS, Toggle

from fastnn.chapter5.live.controls import Controls
from fastnn.chapter5.live.digits import answer, as_mnist
from fastnn.chapter5.live.figures import Figures
from fastnn.chapter5.live.pad import Pad
from fastnn.chapter5.live.runs import Frame, Runner
from fastnn.chapter5.live.settings import IMAGES
from fastnn.chapter5.live.words import Words, key_of_layers, piece, table
from fastnn.chapter5.networks import validation_images

_TEMPLATE = """
{% extends base %}
{% block title %}fastnn live: why are deep neural networks hard to train?{% endblock %}
{% block preamble %}
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { background: #fefefe; color: #1b1c1d; font-family: system-ui, sans-serif; margin: 0 .6rem }
</style>
{% endblock %}
{% block contents %}<main>{{ embed(roots.page) }}</main>{% endblock %}
"""
_INTRODUCTION = f"""
<h1>Why are deep neural networks hard to train?</h1>
<p>Chapter 5 of Michael Nielsen's <em>Neural Networks and Deep Learning</em>, to play with. Each
choice trains a new network on the first {IMAGES:,} images of MNIST. The <b>speed of learning</b> of
a layer is the length of the gradient of the cost by its biases, ‖∂C/∂b‖, averaged over the images.
</p>
"""
_LOST = "The server has ended, or cannot be reached. Load this page anew when it is there again."
_TELL_DRAWN = "setTimeout(() => { bell.label = `${bell.tags[0]}` }, 0)"
_COPY = """
const page = new DOMParser().parseFromString(code.tags[0], 'text/html')
const text = page.querySelector('pre').textContent
const said = () => { button.label = 'Copied'; setTimeout(() => { button.label = label }, 1500) }
if (navigator.clipboard) {
  navigator.clipboard.writeText(text).then(said)
} else {
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
  said()
}
"""


class Page:
    """All that one visitor sees. Each visitor has a page, a runner and random numbers of their own.

    Parameters
    ----------
    document : bokeh.document.Document
        What the browser shows: changes of it go through its own loop.
    compiled : threading.Event
        Set when the kernels are compiled; the first run waits for that.
    in_loop : function
        Calls its first argument with the others in the thread of the document, soon. Bokeh may
        lose what other threads add to the document while it holds a message back.
    """

    def __init__(
        self, document: Any, compiled: threading.Event, in_loop: Callable[..., object]
    ) -> None:
        self._document, self._in_loop = document, in_loop
        self._figures = Figures()
        self._latest: Frame | None = None
        self._drawn: Frame | None = None
        self._held: Frame | None = None
        self._browser_is_busy = self._is_refused = False
        self._lock = threading.Lock()
        self._image: Any = None
        self._image_says = ""
        self._make_widgets()
        self._runner = Runner(self._take)
        self._compiled = compiled

    def begin(self) -> None:
        """Train for the first time; called when the browser shows the page."""
        if self._compiled.is_set():
            self._train()
            return
        self._say("Compiling the kernels, once on this machine; this takes a few seconds …")
        threading.Thread(
            target=self._train_when_compiled, name="fastnn live waits", daemon=True
        ).start()

    def close(self) -> None:
        """End what this page computes."""
        self._runner.close()

    # What there is on the page ----------------------------------------------------------------

    def _make_widgets(self) -> None:
        self._controls = Controls(self._train)
        self._controls.name_handles(self._document)
        self._status = Words()
        self._status.become(_status(_LOST, problem=True), self._document, "connection_lost")
        self._key = Words()
        self._table = Words()
        self._said = Words()
        self._hold_button = self._button("Hold this run", self._hold, color="primary")
        self._forget_button = self._button("Forget the held run", self._forget, disabled=True)
        self._code = Words()
        self._copy_button = pn.widgets.Button(label="Copy the Python")
        self._copy_button.js_on_click(
            args={
                "code": self._code.model,
                "button": self._copy_button,
                "label": "Copy the Python",
            },
            code=_COPY,
        )
        self._pad = Pad(width=260, height=260)
        self._pad.param.watch(self._when_locked(self._take_digit), "told")
        self._next_image = 0
        self._image_button = self._button("An image of MNIST", self._show_image)
        self._empty_button = self._button("Empty the field", self._empty)
        # The next frame is drawn when the browser has drawn this one: Python counts the frames in
        # the bell's tags, and the browser answers in its label. It is not shown.
        self._bell, self._numbers = Toggle(), itertools.count(1)
        answered = CustomJS(args={"bell": self._bell}, code=_TELL_DRAWN)
        self._bell.js_on_change("tags", answered)
        self._status.place.js_on_change("tags", answered)  # so that the browser gets the model
        self._bell.on_change("label", self._browser_has_drawn)

    def _button(self, name: str, clicked: Callable[[Any], None], **options: Any) -> Any:
        button = pn.widgets.Button(label=name, **options)
        button.on_click(self._when_locked(clicked))
        return button

    def _when_locked(self, act: Callable[[Any], None]) -> Callable[[Any], None]:
        """Let Bokeh call this when it has locked the document, in the order of the events.

        Panel does not always lock it, and Bokeh then refuses to change what is shown.
        """
        return lambda event: self._document.add_next_tick_callback(partial(act, event))

    def view(self) -> Any:
        """Return the page as Panel shows it."""
        figures = [
            _flexible(pn.Column(piece(f"<h3>{title}</h3>"), pn.pane.Bokeh(each)), 330)
            for title, each in self._figures.of_run.items()
        ]
        held = pn.Row(self._hold_button, self._forget_button)
        digit = pn.FlexBox(
            pn.Column(self._pad, pn.Row(self._image_button, self._empty_button), width=300),
            _flexible(pn.Column(self._said.place, pn.pane.Bokeh(self._figures.of_digit)), 330),
        )
        page = pn.FlexBox(
            piece(_INTRODUCTION),
            _flexible(pn.pane.Bokeh(self._controls.view()), 260, most=330),
            _flexible(
                pn.Column(
                    self._status.place,
                    self._key.place,
                    pn.FlexBox(*figures),
                    held,
                    self._table.place,
                    piece("<h2>Draw a digit</h2>"),
                    digit,
                    self._code.place,
                    self._copy_button,
                ),
                330,
                grow=4,
            ),
            align_items="flex-start",
        )
        template = pn.Template(_TEMPLATE)
        template.add_panel("page", page)
        return template

    # Training and drawing ---------------------------------------------------------------------

    @contextmanager
    def _one_message(self) -> Iterator[None]:
        """Send the browser all that changes meanwhile at once, not part by part.

        Panel 1.10 has a context for that, too. It waits for itself where what it sends off makes
        another part change.
        """
        is_first = self._document.callbacks.hold_value is None
        self._document.hold("combine")
        try:
            yield
        finally:
            if is_first:
                self._document.unhold()

    def _train_when_compiled(self) -> None:
        self._compiled.wait()
        self._in_loop(self._document.add_next_tick_callback, self._train)

    def _train(self) -> None:
        """Train with what is chosen, in place of the run before."""
        try:
            settings = self._controls.settings()
        except (TypeError, ValueError) as problem:
            self._runner.stop()
            self._is_refused = True
            self._say(f"{problem}.", problem=True)
            return
        self._is_refused = False
        with self._one_message():
            self._code.text = (
                "<h2>The Python that gives these numbers</h2>"
                f'<pre tabindex="0">{html.escape(settings.code())}</pre>'
            )
            self._key.text = key_of_layers(settings.depth)
            self._say("Training …")
        self._runner.start(settings)

    def _take(self, frame: Frame) -> None:
        """Keep a frame to draw; called in the runner's thread."""
        with self._lock:
            self._latest = frame
            if self._browser_is_busy:
                return
            self._browser_is_busy = True
        self._in_loop(self._document.add_next_tick_callback, self._draw)

    def _draw(self) -> None:
        """Draw the latest frame."""
        frame = self._latest
        if frame is None:
            return
        self._drawn = frame
        try:
            with self._one_message():
                self._figures.draw(frame)
                if not self._is_refused:  # else this frame was on its way already
                    self._tell_how_far(frame)
                self._table.text = table(self._drawn, self._held)
                self._answer()
        finally:  # whatever this frame changed or not, the next one is to be drawn
            self._bell.tags = [next(self._numbers)]

    def _browser_has_drawn(self, name: str, old: Any, new: Any) -> None:
        with self._lock:
            self._browser_is_busy = self._latest is not self._drawn
        if self._browser_is_busy:
            self._draw()

    def _tell_how_far(self, frame: Frame) -> None:
        total = frame.settings.epochs
        if frame.problem is not None:
            self._say(
                f"Ended after {frame.epoch} of {total} epochs: {frame.problem}.", problem=True
            )
        elif frame.ended:
            self._say(f"Epoch {frame.epoch} of {total}: trained in {frame.seconds:.2f} s.")
        else:
            self._say(f"Epoch {frame.epoch} of {total} …")

    def _say(self, text: str, *, problem: bool = False) -> None:
        self._status.text = _status(text, problem=problem)

    # Holding a run ----------------------------------------------------------------------------

    def _hold(self, _: Any) -> None:
        self._keep(self._drawn)

    def _forget(self, _: Any) -> None:
        self._keep(None)

    def _keep(self, frame: Frame | None) -> None:
        self._held = frame
        self._forget_button.disabled = frame is None
        self._figures.hold(frame)
        if self._drawn is not None:
            self._table.text = table(self._drawn, frame)

    # A digit ----------------------------------------------------------------------------------

    def _take_digit(self, _: Any) -> None:
        self._image, self._image_says = as_mnist(self._pad.pixels), ""
        self._answer()

    def _show_image(self, _: Any) -> None:
        images = validation_images(IMAGES)
        x, label = images[self._next_image % IMAGES]
        self._next_image += 1
        self._image = np.asarray(x, np.float64).reshape(-1)
        self._image_says = f" It is a {int(label)}."
        with self._one_message():  # no words on an image that is not in the field yet
            self._pad.shown = self._image.tolist()
            self._answer()

    def _empty(self, _: Any) -> None:
        self._image, self._image_says = None, ""
        with self._one_message():
            self._pad.shown = [] if self._pad.shown else [0.0]
            self._answer()

    def _answer(self) -> None:
        """Show what the present network makes of the image, if there is one."""
        if self._image is None or self._drawn is None:
            given, said = None, "Draw with the mouse, a finger or the arrow keys."
        else:
            given = answer(self._drawn.network, self._image)
            output = given.layers[-1][given.digit]
            says = f"The network says <b>{given.digit}</b> (output {output:.2f})."
            said = says + self._image_says
        with self._one_message():  # words and figure come together
            self._said.text = f"<p>{said}</p>"
            self._figures.answer(given)


def _status(text: str, *, problem: bool) -> str:
    kind = ' class="problem"' if problem else ""
    return f'<p role="status"{kind}>{html.escape(text)}</p>'


def _flexible(part: Any, width: int, *, grow: int = 1, most: int | None = None) -> Any:
    """Let a part take its share of a row, from this width on, or a row of its own."""
    part.sizing_mode = "stretch_width"
    part.styles = {
        "flex": f"{grow} 1 {width}px",
        "min-width": f"min({width}px, 100%)",
        **({"max-width": f"max({most}px, 20vw)"} if most else {}),
    }
    return part
