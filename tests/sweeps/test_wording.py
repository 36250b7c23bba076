"""What a sweep says of itself in a terminal and in a notebook."""

import math
import re

import pytest
from small_sweeps import sweep

from fastnn.common.intervals import Interval
from fastnn.sweeps import Sweep
from fastnn.sweeps.differences import Difference
from fastnn.sweeps.wording import gain_in_words, in_words, setting_in_words


def cells(html):
    """Return the text of each row's cells."""
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in html.split("</tr>")[:-1]]


def test_accuracies_are_per_cent_with_their_interval_where_there_is_one():
    assert in_words(Interval(0.805, 0.7919, 0.8174)) == "80.50% (79.19% to 81.74%)"
    assert in_words(Interval(0.805, math.nan, math.nan)) == "80.50%"
    assert in_words(None) == "-"


def test_differences_say_whether_they_may_be_chance():
    down = Interval(-0.01, -0.02, 0.0)
    assert gain_in_words(Difference(3, down, 0.2)) == "-1.00%, may be chance"
    assert gain_in_words(Difference(3, down, 0.004)) == "-1.00%, p = 0.004"
    assert gain_in_words(None) == "-"


@pytest.mark.parametrize("mean", [0.0, -0.0, -1e-9])
def test_no_difference_has_no_minus(mean):
    assert gain_in_words(Difference(3, Interval(mean, -0.1, 0.1), 1.0)) == "+0.00%, may be chance"


def test_settings_are_said_by_name():
    assert setting_in_words([784, 30, 10]) == "784,30,10"
    assert setting_in_words(0.1) == "0.1"
    assert setting_in_words(Sweep) == "Sweep"
    assert setting_in_words(None) == "None"
    assert setting_in_words({2, 0}) == setting_in_words(range(0, 3, 2)) == "0,2"


def test_a_summary_is_one_line():
    lines = [repr(one) for one in sweep(grid={"eta": [0.1, 0.5]}).summary()]
    accuracy = r"\d+\.\d\d% \(\d+\.\d\d% to \d+\.\d\d%\)"
    for eta, line in zip(("0.1", "0.5"), lines, strict=True):
        assert re.fullmatch(rf"Summary\(eta={eta}: 2 trained, {accuracy}\)", line)


def test_a_notebook_shows_the_summary_as_a_table():
    rows = sweep(grid={"eta": [0.1, 0.5]})
    heads, *shown = cells(rows._repr_html_())
    assert heads == ["eta", "networks", "final accuracy", "best accuracy", "from the best"]
    assert [row[:3] for row in shown] == [
        [setting_in_words(one.settings["eta"]), "2", in_words(one.final_accuracy)]
        for one in rows.summary()
    ]
    assert "Sweep of 0 networks" in rows[:0]._repr_html_()
