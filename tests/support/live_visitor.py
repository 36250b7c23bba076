"""A visitor of the live page in a browser: what the page shows, and what its console says."""

import contextlib
import re

from playwright import sync_api as playwright

CONTROLS = (
    *("Hidden layers", "Neurons in each", "Activation", "Initial weights", "Learning rate η"),
    *("Regularisation λ", "Optimiser", "Momentum μ", "Steps by", "Epochs", "Seed"),
)
PATIENCE = 120_000  # ms, which only what hangs takes: a machine may have much else to do

# What a figure draws, as its name says which: the columns of each of its sources.
CURVES = """name => {
  const figure = Bokeh.documents[0].get_model_by_name(name)
  return figure.renderers.map(({ data_source }) => Object.fromEntries(
    Object.entries(data_source.data).map(([key, columns]) => [
      key, Array.from(columns, (column) => column.length === undefined || column.at === undefined
        || typeof column === 'string' ? column : Array.from(column))
    ])))
}"""

# What the control with this title stands at, and how it is put elsewhere.
VALUE = "title => Bokeh.index.query_one(({ model }) => model.title === title).model.value"
MOVE = """([title, value]) => {
  Bokeh.index.query_one(({ model }) => model.title === title).model.value = value
}"""

# How dark each pixel of the field to draw on is, from 0.
INK = """pad => {
  const copy = new OffscreenCanvas(28, 28).getContext('2d')
  copy.drawImage(pad, 0, 0)
  const { data } = copy.getImageData(0, 0, 28, 28)
  return Array.from(data).filter((_, i) => i % 4 === 0).map((red) => 255 - red)
}"""

# Note when a key is pressed and what the page says of its run from then on, in `watched`.
WATCH = """() => {
  const find = (root) => [...root.querySelectorAll('*')].flatMap((element) => [
    ...(element.getAttribute('role') === 'status' ? [root] : []),
    ...(element.shadowRoot ? find(element.shadowRoot) : []),
  ])
  const [root] = find(document)
  window.watched = []
  let last = root.querySelector('[role=status]')?.textContent
  document.addEventListener('keydown', () => {
    watched.push([performance.now(), 'key'])
  }, true)
  setInterval(() => {
    const text = root.querySelector('[role=status]')?.textContent
    if (text !== last) watched.push([performance.now(), text])
    last = text
  }, 10)
}"""


class Visitor:
    """A page in the browser, with all that its console said."""

    def __init__(self, context, url):
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        playwright.expect.set_options(timeout=PATIENCE)
        self.said, self.asked = [], []
        self.page.on("console", lambda message: self.said.append((message.type, message.text)))
        self.page.on("pageerror", lambda error: self.said.append(("error", str(error))))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(url)
        self.wait_until_trained()
        self.usual = {title: self.page.evaluate(VALUE, title) for title in CONTROLS}

    def begin_anew(self, epochs):
        """Bring the page back to what it began with, but for the number of epochs."""
        for title, value in {**self.usual, "Epochs": f"{epochs}"}.items():
            if self.page.evaluate(VALUE, title) != value:
                with self.choosing():
                    self.page.evaluate(MOVE, [title, value])
        forget = self.page.get_by_role("button", name="Forget the held run")
        if forget.is_enabled():
            forget.click()
        if self.page.get_by_text("The network says").is_visible():
            self.empty_the_pad()
        playwright.expect(self.page.locator("table tr")).to_have_count(2)
        playwright.expect(self.page.get_by_text("Draw with the mouse")).to_be_visible()
        self.said.clear()

    @property
    def errors(self):
        return [text for kind, text in self.said if kind not in ("log", "info", "debug")]

    def status(self):
        return self.page.get_by_role("status").text_content()

    @contextlib.contextmanager
    def choosing(self):
        """Wait, after a choice, until its run is drawn to its end."""
        self.page.get_by_role("status").evaluate("each => each.dataset.old = 'yes'")
        yield
        self.wait_until_trained()

    def wait_until_trained(self):
        new = self.page.locator("[role=status]:not([data-old])")
        playwright.expect(new).to_contain_text(re.compile("trained in|diverged|needs"))

    @property
    def pad(self):
        return self.page.locator("canvas[role=application]")

    def ink(self):
        return self.pad.evaluate(INK)

    def empty_the_pad(self):
        """Empty the pad by its button, and wait until the page says so and the pad is blank."""
        self.page.get_by_role("button", name="Empty the field").click()
        playwright.expect(self.page.get_by_text("Draw with the mouse")).to_be_visible()
        blank = f"pad => ({INK})(pad).every((ink) => ink === 0)"
        self.page.wait_for_function(blank, arg=self.pad.element_handle())

    def draw_a_one(self, button="left"):
        self.pad.scroll_into_view_if_needed()
        box = self.pad.bounding_box()
        self.page.mouse.move(box["x"] + 120, box["y"] + 30)
        self.page.mouse.down(button=button)
        self.page.mouse.move(box["x"] + 120, box["y"] + 220, steps=10)
        self.page.mouse.up(button=button)

    def touch(self, *moments):
        """Touch the pad; each moment is the places of the fingers on it, at last none."""
        self.pad.scroll_into_view_if_needed()
        box, fingers = self.pad.bounding_box(), 0
        session = self.page.context.new_cdp_session(self.page)
        for places in moments:
            more, fewer = len(places) > fingers, len(places) < fingers
            what = "touchStart" if more else "touchEnd" if fewer else "touchMove"
            points = [
                {"x": box["x"] + x, "y": box["y"] + y, "id": i} for i, (x, y) in enumerate(places)
            ]
            session.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": points})
            fingers = len(places)

    def code(self):
        return self.page.locator("pre").text_content()

    def slider(self, label):
        return self.page.get_by_role("slider", name=label, exact=True)

    def shown(self):
        """Return the code, and what the figures draw of its run."""
        return self.code(), {name: self.curves(name)[1] for name in ("speeds", "cost", "accuracy")}

    def curves(self, name):
        """Return what a figure draws of the held run, and of the present one."""
        return self.page.evaluate(CURVES, name)
