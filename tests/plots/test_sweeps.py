"""Figures of many networks: what they show of a sweep and of a comparison."""

import numpy as np
import pytest
from refusals import assert_refused

from fastnn import plots
from fastnn.common.intervals import Interval, proportion_interval
from fastnn.model.history import History
from fastnn.sweeps import Comparison, Row, Sweep

pytest.importorskip("matplotlib")
from matplotlib.figure import Figure

ETAS, SIZES, SEEDS = [0.01, 0.1, 1.0], [[784, 10], [784, 30, 10]], range(4)


def accuracy(eta, sizes, seed):
    return 0.9 + 0.02 * len(sizes) + 0.003 * seed * eta


def table():
    return Sweep(
        Row({"eta": eta, "sizes": sizes}, seed, final_accuracy=accuracy(eta, sizes, seed))
        for eta in ETAS
        for sizes in SIZES
        for seed in SEEDS
    )


def test_a_sweep_is_drawn_as_means_with_intervals_over_the_seeds(ax):
    plots.sweep(table(), x="eta", hue="sizes", ax=ax)
    assert ax.get_xscale() == "log"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "sizes 784,10",
        "sizes 784,30,10",
    ]
    for curve, sizes in zip(ax.containers, SIZES, strict=True):
        line, _, (bars,) = curve.lines
        wanted = [
            proportion_interval([accuracy(eta, sizes, seed) for seed in SEEDS]) for eta in ETAS
        ]
        assert list(line.get_xdata()) == ETAS
        assert list(line.get_ydata()) == pytest.approx([100 * one.mean for one in wanted])
        ends = [segment[:, 1] for segment in bars.get_segments()]
        np.testing.assert_allclose(ends, [[100 * one.low, 100 * one.high] for one in wanted])


def test_settings_that_are_not_drawn_are_averaged_seed_by_seed(ax):
    plots.sweep(table(), ax=ax)
    (curve,) = ax.containers
    wanted = [
        100 * np.mean([accuracy(eta, sizes, seed) for sizes in SIZES for seed in SEEDS])
        for eta in ETAS
    ]
    assert list(curve.lines[0].get_ydata()) == pytest.approx(wanted)


@pytest.mark.parametrize("failed", [SEEDS, SEEDS[:2]], ids=["all seeds", "some seeds"])
def test_a_setting_that_failed_somewhere_does_not_lift_the_mean_there(ax, failed):
    rows = [
        row._replace(final_accuracy=None, error="it diverged")
        if row.settings == {"eta": 1.0, "sizes": [784, 10]} and row.seed in failed
        else row
        for row in table()
    ]
    plots.sweep(Sweep(rows), x="eta", ax=ax)
    (curve,) = ax.containers
    all_failed = len(failed) == len(SEEDS)
    sizes = SIZES[1:] if all_failed else SIZES
    wanted = [
        np.mean(
            [accuracy(eta, s, seed) for s in sizes for seed in SEEDS]
            if eta < 1.0 or all_failed
            else [accuracy(eta, s, seed) for s in sizes for seed in SEEDS[2:]]
        )
        for eta in ETAS
    ]
    assert list(curve.lines[0].get_ydata()) == pytest.approx(100 * np.array(wanted))
    (text,) = ax.get_legend().get_texts()
    assert text.get_text().endswith(", without sizes=784,10") == all_failed


def test_points_without_a_common_setting_are_drawn_and_called_so(ax):
    rows = [
        row for row in table() if (row.settings["eta"] == 0.1) == (len(row.settings["sizes"]) == 2)
    ]
    plots.sweep(Sweep(rows), x="eta", ax=ax)
    (text,) = ax.get_legend().get_texts()
    assert text.get_text().endswith(", of different settings")


def test_settings_that_are_no_numbers_stand_side_by_side(ax):
    plots.sweep(table(), x="sizes", hue="eta", ax=ax)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["784,10", "784,30,10"]


def test_functions_of_one_name_are_told_apart(ax):
    schedules = [lambda epoch: 1.0, lambda epoch: 0.5]
    rows = Sweep(
        Row({"schedule": schedule}, seed, final_accuracy=0.9 - place / 10)
        for place, schedule in enumerate(schedules)
        for seed in SEEDS
    )
    plots.sweep(rows, ax=ax)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["<lambda>", "<lambda> (2)"]
    assert list(ax.containers[0].lines[0].get_ydata()) == pytest.approx([90, 80])


def test_classes_of_one_name_are_told_apart_along_the_axis_in_curves_and_in_means(ax):
    costs = [type("Cost", (), {}) for _ in range(2)]  # they print alike, too
    rows = Sweep(
        Row({"cost": cost, "lmbda": lmbda}, seed, final_accuracy=0.9 - place / 10 - lmbda)
        for place, cost in enumerate(costs)
        for lmbda in (0.0, 0.2)
        for seed in SEEDS
    )
    plots.sweep(rows, x="cost", hue="lmbda", ax=ax)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["Cost", "Cost (2)"]
    curves = Figure().add_subplot(), Figure().add_subplot()
    plots.sweep(rows, x="lmbda", hue="cost", ax=curves[0])
    plots.sweep(rows, x="lmbda", ax=curves[1])
    heights = [list(one.lines[0].get_ydata()) for axes in curves for one in axes.containers]
    assert heights == [pytest.approx(wanted) for wanted in ([90, 70], [80, 60], [85, 65])]


def test_joined_sweeps_are_drawn_along_settings_that_all_have(ax):
    first = [Row({"eta": 0.1, "l1": 0.0}, seed, None, 0.5) for seed in SEEDS]
    second = [Row({"lmbda": 4.0, "eta": 0.2}, seed, None, 0.6) for seed in SEEDS]
    joined = Sweep([*first, *second, *first])
    plots.sweep(joined, ax=ax)
    assert list(ax.containers[0].lines[0].get_xdata()) == [0.1, 0.2]
    for name in ("x", "hue"):
        refused = {"x": "eta", name: "lmbda"}
        assert_refused(
            lambda refused=refused: plots.sweep(joined, ax=ax, **refused),
            ValueError,
            f"{name} must be one of ['eta']",
            "'lmbda'",
            "not all rows",
        )


def test_a_comparison_is_drawn_as_two_clouds_of_curves(ax):
    def rows(eta, height):
        histories = [History([], [height + seed, height + 2 * seed], [], []) for seed in SEEDS]
        return Sweep(Row({"eta": eta}, seed, histories[seed], 0.5) for seed in SEEDS)

    compared = Comparison(
        "a is better", Interval(0.1, 0.05, 0.15), 4, rows(0.1, 80), rows(0.5, 70), 100
    )
    plots.comparison(compared, ax=ax)
    assert len(ax.lines) == 2 * (len(SEEDS) + 1)
    np.testing.assert_allclose(ax.lines[4].get_ydata(), [81.5, 83.0])
    assert [list(line.get_xdata()) for line in ax.lines] == [[0, 1]] * len(ax.lines)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "a: eta=0.1, mean of 4",
        "b: eta=0.5, mean of 4",
    ]


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda ax: plots.sweep(table(), x="rate", ax=ax), ["x must be one of", "rate"]),
        (lambda ax: plots.sweep(table(), hue=3, ax=ax), ["hue must be one of", "3"]),
        (lambda ax: plots.sweep(Sweep([]), ax=ax), ["table must have networks"]),
        (lambda ax: plots.sweep(Sweep([Row({}, 1, None, 0.5)]), ax=ax), ["sweep with a grid"]),
    ],
)
def test_what_cannot_be_drawn_is_refused(ax, draw, words):
    assert_refused(lambda: draw(ax), ValueError, *words)
