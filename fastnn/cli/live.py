"""`fastnn live`: the chapter as a page to play with."""

from __future__ import annotations

import argparse
from typing import Any

from fastnn.chapter5.live import serve
from fastnn.chapter5.live.server import LOOPBACK


def add_parser(commands: Any) -> None:
    """Add the command to the program's subparsers."""
    parser = commands.add_parser(
        "live",
        help="open a page on which networks train while you move sliders",
        epilog="Example: fastnn live",
        description="Serve a page for chapter 5 and open it in the browser: choose depth, width, "
        "activation, learning rate and more, and see the layers learn at once. Ctrl-C ends it.",
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "--port", type=int, default=0, help="where to serve the page (default: a free port)"
    )
    parser.add_argument(
        "--host",
        default=LOOPBACK,
        metavar="ADDRESS",
        help=f"address to answer on (default: {LOOPBACK}, which only this machine reaches)",
    )
    parser.add_argument("--no-browser", action="store_true", help="only print where the page is")


def run(options: argparse.Namespace) -> None:
    """Run the command with the options that its parser found."""
    try:
        serve(options.port, host=options.host, open_browser=not options.no_browser)
    except ImportError as problem:
        raise ValueError(str(problem)) from None
