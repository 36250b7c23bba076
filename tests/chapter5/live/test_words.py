"""What the live page says in words: the table of runs and the key of colours."""

import re

import numpy as np
import pytest

pytest.importorskip("panel")
from live_frames import frame

from fastnn.chapter5.live.pictures import LAYER_COLORS
from fastnn.chapter5.live.words import Words, key_of_layers, table


def cells(html):
    """Return the text of each row's cells."""
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in html.split("</tr>")[:-1]]


def test_words_go_to_the_browser_only_when_they_change():
    words, sent = Words(), []
    words.model.on_change("tags", lambda name, old, new: sent.append(new))
    for text in ("<p>one</p>", "<p>one</p>", "<p>two</p>"):
        words.text = text
        assert words.text == text
    assert sent == [["<p>one</p>"], ["<p>two</p>"]]


def test_the_table_has_the_last_figures_of_this_run_and_of_the_held_one():
    speeds = np.array([[0.1, 0.2, 1.0], [0.1, 0.4, 1.0], [0.1, 0.6, 1.0]])
    now, held = frame(2, speeds=speeds), frame(1, epochs=200)
    _, *rows = cells(table(now, None))
    assert rows == [["this run", "2.0000", "18.0 %", "4 x", now.settings.summary()]]
    _, _, row = cells(table(now, held))
    assert row[:4] == ["held", "2.0000", "18.0 %", ""]  # one layer is not compared with itself
    assert row[4] == held.settings.summary()


def test_nothing_is_claimed_of_a_run_that_has_measured_nothing():
    shown = frame(2, speeds=np.empty((0, 3)), measured=type(frame().measured)())
    _, (_, *numbers, _) = cells(table(shown, None))
    assert numbers == ["", "", ""]


def test_a_speed_of_zero_makes_no_warning():
    speeds = np.array([[0.0, 0.2, 1.0]])
    _, (*_, ratio, _) = cells(table(frame(2, speeds=speeds), None))
    assert ratio == "inf x"


def test_epochs_in_which_neither_layer_learns_have_no_ratio():
    """As with ReLUs that are all dead."""
    speeds = np.array([[0.1, 0.2, 1.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    _, (*_, ratio, _) = cells(table(frame(2, speeds=speeds), None))
    assert ratio == "2 x"
    _, (*_, ratio, _) = cells(table(frame(2, speeds=speeds[1:]), None))
    assert ratio == ""


def test_the_key_names_each_hidden_layer_beside_its_colour():
    assert re.findall(r"background:(#\w+)\"></i>(hidden layer \d)", key_of_layers(3)) == [
        (LAYER_COLORS[i], f"hidden layer {i + 1}") for i in range(3)
    ]
