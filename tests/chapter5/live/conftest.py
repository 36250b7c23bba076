"""A server of the live page, a browser, and its visitor, for the tests of one file."""

import shutil
from functools import partial

import pytest

from fastnn.chapter5 import live


@pytest.fixture(scope="module")
def server():
    server = live.explorer()
    assert server.wait_for_kernels(600)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if chromium is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def opened(browser, server):
    """A visitor, and what the page showed before anything was chosen."""
    from live_visitor import Visitor

    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    visitor = Visitor(context, server.url)
    yield visitor, (visitor.status(), visitor.shown(), visitor.errors)
    context.close()


@pytest.fixture
def visitor(opened):
    """A visitor whose page is as it began, but for brief runs."""
    visitor, _ = opened
    visitor.begin_anew(epochs=50)
    return visitor


@pytest.fixture
def brief_runs(monkeypatch):
    """Let pages begin with 50 epochs instead of 500, for tests of something else than a run."""
    from fastnn.chapter5.live import controls

    monkeypatch.setattr(controls, "Settings", partial(live.Settings, epochs=50))
