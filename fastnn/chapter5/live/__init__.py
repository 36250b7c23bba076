"""The chapter live: a page on which one chooses a network and sees it learn at once.

`serve` opens it in a browser, as ``fastnn live`` does; `explorer` shows it in a notebook. Both
need the extra ``live`` (Panel and Bokeh), which is imported only when they are called.
"""

from fastnn.chapter5.live.server import Explorer, explorer, serve
from fastnn.chapter5.live.settings import Settings

__all__ = ["Explorer", "Settings", "explorer", "serve"]
