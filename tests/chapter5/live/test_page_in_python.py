"""What the live page tells a browser, and when: without one."""

import contextlib
import queue
import threading

import numpy as np
import pytest

pytest.importorskip("panel")
from bokeh.document import Document
from bokeh.models import ColumnDataSource
from live_frames import at_once, frame

from fastnn.chapter5.live.figures import Figures
from fastnn.chapter5.live.page import Page
from fastnn.chapter5.live.runs import Measured


def test_a_message_whose_sending_changes_another_part_is_sent():
    """Panel 1.10 would wait for itself; a page then stands still."""
    document, parts = Document(), [ColumnDataSource({"x": []}) for _ in range(2)]
    page = Page(document, threading.Event(), at_once)

    def change_the_other(name, old, new):
        with page._one_message():
            parts[1].data = {"x": [2]}

    parts[0].on_change("data", change_the_other)
    for part in parts:
        document.add_root(part)
    with page._one_message():
        with page._one_message():
            parts[0].data = {"x": [1]}
        assert document.callbacks.hold_value == "combine"
        assert parts[1].data == {"x": []}
    assert document.callbacks.hold_value is None
    assert parts[1].data == {"x": [2]}
    page.close()


@pytest.mark.parametrize("button", [Page._show_image, Page._empty])
def test_the_field_changes_in_one_message_with_the_words_on_it(button):
    """Words that came first would let a visitor empty a field that is then filled."""
    document, seen = Document(), []
    page = Page(document, threading.Event(), at_once)
    page._pad.param.watch(lambda _: seen.append(document.callbacks.hold_value), "shown")
    button(page, None)
    assert (seen, document.callbacks.hold_value) == (["combine"], None)
    page.close()


@pytest.mark.parametrize("draw", [Figures.draw, lambda *_: 1 / 0], ids=["drawn", "not drawn"])
def test_each_frame_asks_the_browser_for_an_answer_whatever_it_changes(draw, monkeypatch):
    """Without an answer no further frame would be drawn."""
    monkeypatch.setattr(Figures, "draw", draw)
    document, asked = Document(), []
    page = Page(document, threading.Event(), at_once)
    document.add_root(page._bell)
    page._bell.on_change("tags", lambda name, old, new: asked.append(new))
    for _ in range(3):
        page._take(frame(speeds=np.empty((0, 4)), measured=Measured(), epoch=0))
        with contextlib.suppress(ZeroDivisionError):
            page._draw()
    assert asked == [[1], [2], [3]]
    page.close()


def test_a_run_that_cannot_begin_is_told_of(monkeypatch):
    def fail(**_):
        raise MemoryError("no room")

    monkeypatch.setattr("fastnn.chapter5.live.runs.Network", fail)
    document, compiled, calls = Document(), threading.Event(), queue.Queue()
    compiled.set()
    page = Page(document, compiled, lambda *call: calls.put(call))
    page.begin()
    calls.get(timeout=60)
    page._draw()
    assert "Ended after 0 of 500 epochs: MemoryError: no room." in page._status.text
    page.close()


def test_other_threads_change_the_document_only_in_its_loop():
    """Bokeh would hold back what they add while it holds a message back, some of it for ever."""
    document, compiled, calls = Document(), threading.Event(), queue.Queue()
    page = Page(document, compiled, lambda *call: calls.put(call))
    page.begin()
    compiled.set()
    waiting = [calls.get(timeout=60)]
    page._take(frame())
    waiting.append(calls.get(timeout=60))
    assert document.session_callbacks == []
    for call, *arguments in waiting:
        call(*arguments)
    assert len(document.session_callbacks) == 2
    page.close()
