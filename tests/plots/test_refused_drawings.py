"""What cannot be drawn is refused, in a message that names the argument."""

from functools import partial

import numpy as np
import pytest
from drawn import PAIR, XOR, Gate, random
from refusals import assert_refused

from fastnn import plots

pytest.importorskip("matplotlib")
from matplotlib import pyplot

WRONG = {
    "speeds of one layer only": (partial(plots.layer_speeds, random(5, 1)), "speeds", "hidden"),
    "speeds of nothing": (partial(plots.layer_speeds, []), "speeds", "(epochs, layers)"),
    "speeds of runs that differ in length": (
        partial(plots.layer_speeds, [random(5, 3), random(4, 3)]),
        "speeds",
        "ragged",
    ),
    "slopes of runs that differ in length": (
        partial(plots.saturation, [random(5, 3), random(4, 3)]),
        "slopes",
        "ragged",
    ),
    "speeds of no network": (partial(plots.speeds_by_layer, {}), "speeds_by_name", "none"),
    "ratios of no network": (partial(plots.speed_ratios, {}), "speeds_by_depth", "none"),
    "norms of no network": (
        partial(plots.norms_against_depth, [2, 3], {}),
        "norms_by_name",
        "none",
    ),
    "points of nothing": (partial(plots.dot_plot, {}, "accuracy"), "values_by_name", "none"),
    "gates of no circuit": (partial(plots.gates_against_bits, [2, 3], {}), "gates_by", "none"),
    "curves of nothing": (partial(plots.curves, {}, "step", "speed"), "values_by_name", "none"),
    "speeds in four dimensions": (partial(plots.layer_speeds, random(1, 2, 3, 4)), "speeds"),
    "speeds that are no numbers": (partial(plots.layer_speeds, [[np.nan, 1]]), "speeds", "finite"),
    "ratio to zero": (partial(plots.speed_ratios, {2: [[0, 1, 1]]}), "speeds_by_depth[2]", "zero"),
    "an unknown network": (
        partial(plots.speeds_by_layer, {"a": random(2, 3)}, published={"b": [1, 2]}),
        "published",
        "'b'",
    ),
    "an unknown activation": (partial(plots.activation_curve, "step"), "name", "'step'"),
    "factors below zero": (partial(plots.factor_histogram, [-0.1]), "factors", "-0.1"),
    "a depth too many": (
        partial(plots.accuracy_against_depth, [1, 2, 3], random(2, 5)),
        "accuracies",
        "(3, seeds)",
    ),
    "a weight too many": (partial(plots.chain, [0.1, 0.2], [1, 2], 1.0), "weights", "(1,)"),
    "no neurons": (partial(plots.gradient_bars_of, [random(2, 1)] * 2, neurons=0), "neurons"),
    "no hidden layer": (partial(plots.gradient_bars_of, [random(2, 1)]), "nabla_b", "got 1"),
    "a bar longer than the scale": (
        partial(plots.gradient_bars_of, [random(2, 1)] * 2, scale=1e-4),
        "scale",
        "longest",
    ),
    "a gate that reads nothing": (
        partial(plots.circuit, 1, XOR),
        "layers[0]",
        "1 outputs",
    ),
    "a gate of no kind": (
        partial(plots.circuit, 2, [[Gate("XOR", PAIR)]]),
        "layers[0]",
        "'XOR'",
    ),
    "a label too few": (partial(plots.images, random(2, 4), [1]), "labels", "2"),
    "more than all are right": (
        partial(plots.dot_plot, {"a": [101.0]}, "accuracy", accuracies=True),
        "values_by_name['a']",
        "100",
    ),
    "too few gates": (partial(plots.gates_against_bits, [2, 3], {"tree": [4]}), "'tree'", "(2,)"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_drawn_is_refused_before_a_figure_is_made(case):
    draw, *words = WRONG[case]
    assert_refused(draw, ValueError, *words)
    assert pyplot.get_fignums() == []
