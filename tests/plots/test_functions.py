"""Figures of the sigmoid and of the factors that each layer puts into a gradient."""

import numpy as np
import pytest
from drawn import legend_of, texts_of

from fastnn import plots

pytest.importorskip("matplotlib")


def test_the_greatest_slope_of_the_sigmoid_is_marked(ax):
    plots.activation_curve(ax=ax)
    assert texts_of(ax) == ["1/4 at z = 0"]


def test_the_map_says_where_the_interval_is_widest(ax):
    plots.factor_map(ax=ax)
    assert "widest: 0.45\nat |w| = 6.9" in texts_of(ax)


def test_the_widest_interval_is_marked(ax):
    plots.interval_width([4, 6.9, 9], [0.0, 0.45, 0.4], ax=ax)
    assert texts_of(ax) == ["0.45 at |w| = 6.9"]


def test_a_histogram_says_how_many_factors_are_below_a_quarter(ax):
    plots.factor_histogram([0.0, 0.1, 0.2, 0.25], ax=ax)
    assert legend_of(ax) == ["75.0 % below 1/4", "25.0 % 1/4 or more"]


@pytest.mark.parametrize("largest", [0.3, 9.0, 11.0, 1e3, 1e90])
@pytest.mark.parametrize("smallest", [0.0, 1e-90, 0.2, 0.3])
def test_a_histogram_of_any_range_has_few_bars_and_none_across_the_bound(ax, smallest, largest):
    factors = np.array([smallest, 0.2, 0.3, largest / 2, largest])
    plots.factor_histogram(np.repeat(factors, 400), ax=ax)
    lefts = np.array([bar.get_x() for bar in ax.patches])
    rights = lefts + [bar.get_width() for bar in ax.patches]
    assert len(lefts) <= 400
    assert not ((lefts < 0.25 * (1 - 1e-6)) & (rights > 0.25 * (1 + 1e-6))).any()
    # What is 0, or among the largest of a thousand, has no bar.
    shown = np.mean(np.repeat(factors, 400) > 0) if largest > 10 else 1.0
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(100 * shown)


def test_all_factors_below_the_bound_or_above_it_are_drawn(ax):
    plots.factor_histogram([20.0, 30.0], ax=ax)
    assert legend_of(ax) == ["0.0 % below 1/4", "100.0 % 1/4 or more"]
    assert ax.get_xscale() == "log"
