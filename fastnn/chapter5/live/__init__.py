"""The chapter live: a page on which one chooses a network and sees it learn at once.

`serve` opens it in a browser, as ``fastnn live`` does; `explorer` shows it in a notebook. Both
need the extra ``live`` (Panel and Bokeh), which is imported only when they are called.

From the bottom up:

- `settings`: what a visitor may choose.
- `runs`: a run in a thread beside the page.
- `digits`: a digit that was drawn, and what each layer makes of it.
- `curves`: curves against epochs (here Bokeh begins).
- `pictures`: bars, weights and a digit.
- `figures`: all figures of the page.
- `controls`: what a visitor sets.
- `words`: pieces of HTML.
- `pad`: a field to draw a digit on (here Panel begins).
- `page`: the page of one visitor.
- `server`: the server of the page.
"""

from fastnn.chapter5.live.server import Explorer, explorer, serve
from fastnn.chapter5.live.settings import Settings

__all__ = ["Explorer", "Settings", "explorer", "serve"]
