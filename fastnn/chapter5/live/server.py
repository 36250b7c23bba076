"""The server of the page, on this machine only unless it is told otherwise."""

from __future__ import annotations

import errno
import logging
import queue
import socket
import sys
import threading
import traceback
import webbrowser
from contextlib import ExitStack
from typing import Any

from fastnn.chapter5.live.runs import compile_kernels
from fastnn.common.checks import describe, integer_within
from fastnn.common.libraries import check_libraries

LOOPBACK = "127.0.0.1"


class Explorer:
    """A page that is served as long as it is not stopped; a notebook shows it in its place.

    Attributes
    ----------
    url : str
        Where a browser finds the page.
    """

    def __init__(self, host: str, port: int) -> None:
        host, port = _checked(host, port)
        self._compiled, self._stopped = threading.Event(), threading.Event()
        name = "localhost" if host == LOOPBACK else host
        name = f"[{name}]" if host == "::" else name
        self.url = f"http://{name}:{port}/"
        everywhere = host in ("0.0.0.0", "::")
        origins = ["*"] if everywhere else [f"{each}:{port}" for each in {host, name}]
        started: queue.Queue[Any] = queue.Queue()
        self._thread = threading.Thread(
            target=self._serve, args=(host, port, origins, started), name="fastnn live", daemon=True
        )
        self._thread.start()
        self._loop = started.get()
        if isinstance(self._loop, BaseException):
            raise self._loop
        threading.Thread(target=self._compile, name="fastnn live compiles", daemon=True).start()

    def __repr__(self) -> str:
        """Say where the page is."""
        return f"<fastnn live at {self.url}>"

    def _repr_html_(self) -> str:
        """Show the page inside a notebook."""
        return (
            f'<iframe src="{self.url}" title="fastnn live" width="100%" height="900" '
            'style="border: 0" allow="clipboard-write"></iframe>'
        )

    def stop(self) -> None:
        """End the server, its connections, and what it computes for its visitors."""
        if not self._stopped.is_set():
            self._stopped.set()
            self._loop.add_callback(self._loop.stop)
        self._thread.join()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the server has been stopped, or so many seconds; say whether it has."""
        return self._stopped.wait(seconds)

    def wait_for_kernels(self, seconds: float | None = None) -> bool:
        """Wait until the kernels are compiled; say whether they are."""
        return self._compiled.wait(seconds)

    def _compile(self) -> None:
        try:
            compile_kernels()
        finally:
            self._compiled.set()

    def _serve(self, host: str, port: int, origins: list[str], started: queue.Queue[Any]) -> None:
        """Serve until stopped; put the loop of the server, or what went wrong, into `started`."""
        try:
            import asyncio

            import panel
            from tornado.ioloop import IOLoop

            from fastnn.chapter5.live.page import Page

            # Visitors who leave are no news, also while a network trains or the page opens.
            logging.getLogger("bokeh.server.views.ws").setLevel(logging.ERROR)
            logging.getLogger("tornado.application").addFilter(_is_news)
            pages: set[Page] = set()

            def leave(page: Page) -> None:
                pages.discard(page)
                page.close()

            def visit() -> Any:
                page = Page(panel.state.curdoc, self._compiled, loop.add_callback)
                pages.add(page)
                panel.state.onload(page.begin)
                panel.state.on_session_destroyed(lambda _: leave(page))
                return page.view()

            asyncio.set_event_loop(asyncio.new_event_loop())
            loop = IOLoop.current()
            with ExitStack() as unless_served:
                unless_served.callback(loop.close, all_fds=True)
                server = panel.serve(
                    visit,
                    address=host,
                    port=port,
                    websocket_origin=origins,
                    loop=loop,
                    show=False,
                    start=False,
                    verbose=False,
                )
                server.start()
                unless_served.pop_all()
        except BaseException as problem:  # it is raised where the page was asked for
            started.put(problem)
            return
        started.put(loop)
        loop.start()
        server.unlisten()
        server.stop(wait=False)  # Bokeh 3.10 may wait for ever for a visitor who has just left
        for page in list(pages):
            page.close()
        loop.close(all_fds=True)  # the visitors' connections too: their pages say that it ended


def explorer(port: int = 0, *, host: str = LOOPBACK) -> Explorer:
    """Serve the page in the background; as the last line of a notebook's cell, it is shown there.

    Parameters
    ----------
    port : int, optional
        Where to serve it; a free port by default.
    host : str, optional
        The address to answer on: this machine's own, which no other machine reaches.

    Returns
    -------
    Explorer
        With the page's `url` and a method `stop`.

    Raises
    ------
    ImportError
        If Panel is not installed.
    OSError
        If the port or the address cannot be had.
    TypeError, ValueError
        If an argument is wrong.
    """
    return Explorer(host, port)


def serve(port: int = 0, *, host: str = LOOPBACK, open_browser: bool = True) -> None:
    """Serve the page until Ctrl-C, and open it in the browser when the kernels are compiled.

    Parameters
    ----------
    port, host
        As for `explorer`, whose errors it raises, too.
    open_browser : bool, optional
        False only prints where the page is.
    """
    page = Explorer(host, port)
    print(f"{page.url} (Ctrl-C ends it)", flush=True)
    if host not in (LOOPBACK, "localhost"):
        print(
            "Everybody who reaches this address can train networks on this machine.",
            file=sys.stderr,
        )
    print("compiling (once) ...", end="", flush=True)
    try:
        while not page.wait_for_kernels(0.2):
            pass
        print(" ready", flush=True)
        if open_browser:
            webbrowser.open(page.url)
        while not page.wait(0.5):
            pass
    finally:
        page.stop()


def _is_news(record: logging.LogRecord) -> bool:
    """Say whether an error is more than Bokeh's about a visitor who has left.

    A ping that fails lets the session go. When the connection then closes, Bokeh asserts that the
    session is there.
    """
    if not record.exc_info or record.exc_info[0] is not AssertionError:
        return True
    *_, (frame, _) = traceback.walk_tb(record.exc_info[2])
    return frame.f_globals.get("__name__") != "bokeh.server.connection"


def _checked(host: Any, port: Any) -> tuple[str, int]:
    """Return the address and a port that can be had, if Panel is installed."""
    if not isinstance(host, str) or not host:
        raise TypeError(f"host must be an address such as {LOOPBACK!r}, got {describe(host)}")
    if ":" in host and host != "::":
        raise ValueError(
            f"host must be a name, an address of IPv4 or :: for all, got {describe(host)}: Bokeh "
            "admits no browser to a single address of IPv6"
        )
    integer_within("port", port, 0, 65535)
    check_libraries("the live page", ["panel"], "live")
    return host, _free_port(host, port)


def _free_port(host: str, port: int) -> int:
    """Return the port, or a free one for 0; raise OSError if it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            of_port = problem.errno in (errno.EADDRINUSE, errno.EACCES)
            what = f"port {port}" if of_port else f"host {describe(host)}"
            raise OSError(f"{what} cannot be had: {problem.strerror}") from None
        return int(probe.getsockname()[1])
