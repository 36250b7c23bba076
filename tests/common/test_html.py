"""HTML for notebooks: text is escaped, curves are pictures that say what they show."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from fastnn.common.html import Html, sparkline, table


def test_a_table_escapes_text_and_keeps_html():
    made = table("a < b", [("x & y", "<b>", Html("<svg></svg>"))])
    tree = ElementTree.fromstring(made)
    assert tree.find("caption/b").text == "a < b"
    assert [cell.text for cell in tree.iter("td")] == ["x & y", "<b>", None]
    assert tree.find(".//svg") is not None


def test_a_curve_goes_up_where_its_numbers_do():
    tree = ElementTree.fromstring(sparkline([1.0, 3.0, 2.0]))
    points = [tuple(map(float, p.split(","))) for p in tree.find("polyline").get("points").split()]
    (x0, y0), (x1, y1), (x2, y2) = points
    assert x0 < x1 < x2
    assert y1 < y2 < y0  # a picture's y goes down
    assert tree.find("title").text == "from 1 to 2, between 1 and 3"
    assert tree.find("polyline").get("stroke") == "currentColor"  # on light and on dark pages


@pytest.mark.parametrize("values", [[np.nan, np.inf], []])
def test_nothing_finite_is_said(values):
    assert sparkline(values) == "(no finite figure)"


def test_numbers_that_are_not_finite_are_left_out():
    tree = ElementTree.fromstring(sparkline([1.0, np.inf, 2.0]))
    assert len(tree.find("polyline").get("points").split()) == 2
