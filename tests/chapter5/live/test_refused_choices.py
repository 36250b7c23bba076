"""What the live page does with a choice that cannot be trained with."""

import threading

import pytest

pytest.importorskip("panel")
from bokeh.document import Document
from live_frames import at_once

from fastnn.chapter5.live.page import Page

pytestmark = pytest.mark.compiled


def test_a_choice_that_is_refused_ends_the_run_and_is_what_the_page_says(monkeypatch):
    compiled = threading.Event()
    page = Page(Document(), compiled, at_once)
    compiled.set()
    page.begin()
    assert page._runner.wait(120)
    page._draw()
    assert "Epoch" in page._status.text

    def refuse():
        raise ValueError("seed must be an integer of at least 0, got -1")

    monkeypatch.setattr(page._controls, "settings", refuse)
    page._train()
    page._draw()  # a frame that was on its way
    assert "seed must be" in page._status.text
    monkeypatch.undo()
    page._train()
    assert page._runner.wait(120)
    page._draw()
    assert "Epoch" in page._status.text
    page.close()
