"""Figures: what they show, that they say what it is, and that they are the same every time."""

from functools import cache, partial
from itertools import combinations, pairwise

import numpy as np
import pytest
from builders import digits, seeded_network
from drawn import XOR, Gate, Input, legend_of, random, texts_of

from fastnn import network2, plots
from fastnn.chapter5.claims import summarise
from fastnn.chapter5.experiment import PER_CENT
from fastnn.chapter5.page import Row
from fastnn.model.history import History
from fastnn.plots.style import LOOKS

matplotlib = pytest.importorskip("matplotlib")
from matplotlib import pyplot  # noqa: E402 (only where it is installed)

BITS = np.arange(2, 8)


def small_network():
    return seeded_network(network2, [6, 8, 7, 3])


def trained_history(seed, epochs=3):
    """A history with every figure, made up."""
    numbers = np.random.default_rng(seed)
    costs, rights = numbers.uniform(0.1, 1, (2, epochs)), numbers.integers(30, 60, (2, epochs))
    history = History(*(list(row) for row in (costs[0], rights[0], costs[1], rights[1])))
    history.epoch_seconds = [0.1] * epochs
    return history


DRAWINGS = {
    "layer_speeds": partial(plots.layer_speeds, random(3, 20, 4)),
    "saturation": partial(plots.saturation, random(3, 20, 4)),
    "speeds_by_layer": partial(
        plots.speeds_by_layer,
        {"2 hidden layers": random(5, 3), "3 hidden layers": random(5, 4)},
        published={"2 hidden layers": [0.07, 0.31]},
    ),
    "speed_ratios": partial(plots.speed_ratios, {2: random(5, 3), 3: random(5, 4)}),
    "norms_against_depth": partial(
        plots.norms_against_depth, range(2, 8), {"small": random(6, 4), "large": random(6, 4)}
    ),
    "gradient_bars": partial(plots.gradient_bars, small_network(), digits(9, 6, 3, seed=2)),
    "chain": partial(plots.chain, [0.2, 0.1, 0.25], [0.5, -2.0], 0.4),
    "activation_curve": plots.activation_curve,
    "factor_map": plots.factor_map,
    "interval_width": partial(plots.interval_width, [4, 7, 9], [0, 0.45, 0.4], numeric=[0, 0, 0]),
    "factor_histogram": partial(plots.factor_histogram, random(200)),
    "accuracy_against_depth": partial(
        plots.accuracy_against_depth, [1, 2], 96 + random(2, 5), published=[96.48, 96.90]
    ),
    "dot_plot": partial(plots.dot_plot, {"tanh": random(4), "sigmoid": random(4)}, "accuracy (%)"),
    "circuit": partial(plots.circuit, 2, XOR),
    "curves": partial(plots.curves, {"a": random(9), "b": random(9)}, "step", "speed"),
    "images": partial(plots.images, random(6, 16), [3, 1, 4, 1, 5, 9]),
    "gates_against_bits": partial(plots.gates_against_bits, BITS, {"two layers": 2**BITS}),
    "confusion": partial(plots.confusion, [[8, 2], [1, 9]], ["cat", "dog"]),
    "history": partial(plots.history, [trained_history(seed) for seed in range(3)]),
    "weights": partial(plots.weights, np.random.default_rng(1).normal(size=(9, 16))),
    "mistakes": partial(
        plots.mistakes, seeded_network(network2, [9, 5, 3]), digits(20, 9, 3, seed=2)
    ),
}
DIAGRAMS = {
    "gradient_bars",
    "chain",
    "circuit",
    "images",
    "weights",
    "mistakes",
}  # they have no axes to read values from
WITHOUT_LINES = {"confusion", "images", "mistakes", "weights"}


# --- all of them ------------------------------------------------------------------------------


def test_every_public_drawing_is_tested_here():
    drawings = set(plots.__all__) - {"Picture", "animate", "render", "gradient_bars_of"}
    assert drawings - {"comparison", "sweep"} == set(DRAWINGS)  # test_sweeps.py has these two


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_figure_is_drawn_on_the_axes_it_is_given(name, ax):
    assert DRAWINGS[name](ax=ax) is ax
    assert ax.has_data()


@pytest.mark.parametrize("name", DRAWINGS)
def test_without_axes_a_new_figure_of_pyplot_is_made(name):
    ax = DRAWINGS[name]()
    try:
        assert pyplot.get_fignums() == [ax.figure.number]
    finally:
        pyplot.close(ax.figure)


@pytest.mark.parametrize("name", sorted(DRAWINGS.keys() - DIAGRAMS))
def test_axes_say_what_they_show(name, ax):
    DRAWINGS[name](ax=ax)
    assert ax.get_xlabel()
    assert ax.get_ylabel() or [text.get_text() for text in ax.get_yticklabels()] == [
        "tanh",
        "sigmoid",
    ]


@cache
def rendered(name):
    """Render a figure once, which takes a quarter of a second; also what pyplot has after that."""
    before = dict(matplotlib.rcParams)
    figure = plots.render(DRAWINGS[name])
    return figure, dict(matplotlib.rcParams) == before, pyplot.get_fignums()


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_figure_is_rendered_to_the_same_bits_twice(name):
    first, _, _ = rendered(name)
    assert plots.render(DRAWINGS[name]) == first
    assert b"<svg" in first.svg
    assert first.png.startswith(b"\x89PNG")


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawing_leaves_matplotlibs_settings_and_pyplot_alone(name):
    _, settings_are_the_same, open_figures = rendered(name)
    assert settings_are_the_same
    assert open_figures == []


def test_curves_differ_by_colour_and_by_line_style(ax):
    plots.layer_speeds(random(20, 6), ax=ax)
    lines = ax.get_lines()
    assert len({line.get_color() for line in lines}) == len(lines) == 5
    assert len({str(line._unscaled_dash_pattern) for line in lines}) == 5


# --- each -------------------------------------------------------------------------------------


def test_speeds_of_hidden_layers_are_drawn_on_a_logarithmic_axis(ax):
    speeds = random(20, 4)
    plots.layer_speeds(speeds, ax=ax)
    assert ax.get_yscale() == "log"
    assert legend_of(ax) == ["Hidden layer 1", "Hidden layer 2", "Hidden layer 3"]
    for layer, line in enumerate(ax.get_lines()):
        np.testing.assert_array_equal(line.get_ydata(), speeds[:, layer])


def test_a_history_is_drawn_as_its_speeds_are(ax):
    history = History()
    history.layer_speeds = list(random(20, 3))
    plots.layer_speeds(history, ax=ax)
    np.testing.assert_array_equal(ax.get_lines()[1].get_ydata(), random(20, 3)[:, 1])


def test_several_seeds_have_a_thin_line_each_a_median_and_a_band(ax):
    speeds = random(5, 20, 3)
    plots.layer_speeds(speeds, ax=ax)
    assert len(ax.get_lines()) == 2 * (5 + 1)
    assert len(ax.collections) == 2
    np.testing.assert_array_equal(ax.get_lines()[5].get_ydata(), np.median(speeds, axis=0)[:, 0])


def test_a_slope_axis_begins_at_zero(ax):
    plots.saturation(random(20, 4), ax=ax)
    assert ax.get_ylim()[0] == 0
    assert ax.get_yscale() == "linear"


def test_ratios_are_those_of_neighbouring_layers(ax):
    plots.speed_ratios({2: [[0.1, 0.5, 9.0]], 3: [[0.1, 0.2, 0.8, 9.0]]}, ax=ax)
    medians = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    np.testing.assert_allclose(medians["Layer 2 to layer 1"], [5, 2])
    np.testing.assert_allclose(medians["Layer 3 to layer 2"], [4])


def test_bars_are_as_long_as_the_gradients_of_the_top_neurons(ax):
    nabla_b = [np.array([[0.1], [-0.2], [9.0]]), np.array([[0.4], [0.0], [0.3]]), np.ones((2, 1))]
    plots.gradient_bars_of(nabla_b, neurons=2, ax=ax)
    bars = [np.ptp(line.get_xdata()) for line in ax.get_lines() if line.get_linewidth() == 5]
    np.testing.assert_allclose(np.array(bars[:4]) / bars[2], [0.25, 0.5, 1, 0], atol=1e-12)
    assert "‖δ¹‖ = 9" in texts_of(ax)
    assert "Hidden layer 2" in texts_of(ax)


def test_small_gradients_are_written_as_in_the_text_of_a_report(ax):
    plots.gradient_bars_of([np.array([[2.61e-6]]), np.ones((2, 1))], ax=ax)
    assert {"‖δ¹‖ = 2.6 × 10⁻⁶", "|∂C/∂b| = 2.0 × 10⁻⁶"} <= set(texts_of(ax))
    plots.chain([0.25], [], 1.04e-5, ax=ax)
    assert "∂C/∂b₁ = 2.6 × 10⁻⁶" in texts_of(ax)


def test_the_longest_bar_of_a_diagram_is_among_those_drawn(ax):
    plots.gradient_bars_of([np.array([[0.1], [50.0]]), np.ones((2, 1))], neurons=1, ax=ax)
    bars = [np.ptp(line.get_xdata()) for line in ax.get_lines() if line.get_linewidth() == 5]
    assert bars[0] > 0.5


def test_bars_of_a_network_are_those_of_its_averaged_gradient(ax):
    net, data = small_network(), digits(9, 6, 3, seed=2)
    columns = np.mean([net.backprop(x, y)[0][1] for x, y in data], axis=0)
    plots.gradient_bars(net, data, ax=ax)
    assert f"‖δ²‖ = {np.linalg.norm(columns):.2g}" in texts_of(ax)


def test_bars_of_several_diagrams_have_one_scale_if_they_are_given_it(ax):
    nabla_b = [np.array([[0.1], [0.2]]), np.ones((2, 1))]
    plots.gradient_bars_of(nabla_b, ax=ax)
    own = [np.ptp(line.get_xdata()) for line in ax.get_lines() if line.get_linewidth() == 5]
    ax.clear()
    plots.gradient_bars_of(nabla_b, scale=0.4, ax=ax)
    given = [np.ptp(line.get_xdata()) for line in ax.get_lines() if line.get_linewidth() == 5]
    np.testing.assert_allclose(given[:2], np.array(own[:2]) / 2)


def test_bars_stand_beside_their_neurons(ax):
    plots.gradient_bars_of([np.array([[0.1], [0.2]]), np.ones((2, 1))], ax=ax)
    starts = [line.get_xdata()[0] for line in ax.get_lines() if line.get_linewidth() == 5][:2]
    assert min(starts) > 0


def test_a_circuit_has_a_box_for_each_gate_and_a_ring_for_each_negated_input(ax):
    negated = [[Gate("AND", [Input(0, True), Input(1)]), Gate("AND", [Input(1)])]]
    plots.circuit(2, negated, ax=ax)
    assert [text for text in texts_of(ax) if text.isupper()] == ["AND"]  # the other one is a wire
    assert len(ax.patches) == 1
    assert sum(line.get_marker() == "o" for line in ax.get_lines()) == 1


def test_accuracies_near_100_are_spread_out(ax):
    plots.dot_plot({"a": [10.0, 97.0, 98.5]}, "accuracy (%)", accuracies=True, ax=ax)
    places = ax.transData.transform([(97.0, 0), (98.5, 0), (94.0, 0)])[:, 0]
    assert places[1] - places[0] == pytest.approx(places[0] - places[2])


def test_an_axis_that_is_logarithmic_in_the_errors_says_so(ax):
    plots.dot_plot({"a": [10.0, 97.0]}, "accuracy (%)", accuracies=True, ax=ax)
    assert ax.get_xlabel() == "accuracy (%)\n(logarithmic in the errors)"
    plots.dot_plot({"a": [10.0, 97.0]}, "cost", ax=ax)
    assert ax.get_xlabel() == "cost"


@pytest.mark.parametrize("seeds", [[95.0, 96.5, 97.0, 97.2], [97.0, 99.99], [2.0, 30.0]])
def test_intervals_of_accuracies_are_those_of_the_table_and_end_at_100(seeds, ax):
    plots.dot_plot({"a": seeds}, "accuracy (%)", accuracies=True, ax=ax)
    (bar,) = ax.collections
    (ends,) = bar.get_segments()
    row = Row("accuracy", summarise(np.array(seeds)), possible=PER_CENT)
    np.testing.assert_allclose(ends[:, 0], row.ends)
    assert max(seeds) < ax.get_xlim()[1] < 100


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((10.0, 97.0, 98.5), "0 50 80 90 95 98"),
        ((65.8, 96.2), "50 80 90 95"),
        ((58.0, 74.0, 96.6), "50 80 90 95"),
        ((93.2, 95.1), "93 94 95"),
        ((96.9, 97.05), "96.9 96.95 97 97.05"),
        ((96.21, 96.36), "96.2 96.25 96.3 96.35"),
        ((95.0,), "95 95.05 95.1"),
        ((0.0, 99.999), "0 90 99 99.9 99.99 99.999"),
    ],
)
def test_labels_of_accuracies_are_round_begin_below_the_smallest_and_do_not_touch(
    values, wanted, ax
):
    ways = {f"{value}": [value] for value in values}
    plots.dot_plot(ways, "accuracy (%)", accuracies=True, ax=ax)
    ax.figure.canvas.draw()
    labels = ax.get_xticklabels()
    boxes = [label.get_window_extent() for label in labels]
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))
    assert " ".join(label.get_text() for label in labels) == wanted
    assert ax.get_xlim()[0] <= ax.get_xticks()[0] <= min(values)


def test_the_numbers_of_a_chain_do_not_touch(ax):
    ax.figure.set_size_inches(3.9, 2.1)
    plots.chain([0.237, 0.244, 0.133, 0.193], [-0.132, -0.639, -0.105], -0.197, ax=ax)
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert not [(a, b) for a, b in combinations(boxes, 2) if a.overlaps(b)]


@pytest.mark.parametrize("paper", ["#fffefb", "#171819"], ids=["light", "dark"])
def test_every_curve_has_a_contrast_of_three_at_least(paper):
    for one in LOOKS:
        assert contrast(one.color, paper) >= 3


@pytest.mark.parametrize("name", sorted({*DRAWINGS} - WITHOUT_LINES - {"history"}))
def test_no_line_of_data_is_made_fainter_than_its_colour(name, ax):
    DRAWINGS[name](ax=ax)
    assert ax.get_lines()
    for line in ax.get_lines():
        alpha = 1.0 if line.get_alpha() is None else line.get_alpha()
        only_marks = line.get_linestyle() == "None"
        color = line.get_markeredgecolor() if only_marks else line.get_color()
        if color != "white":  # on the map, which is dark
            assert contrast(blend(matplotlib.colors.to_rgb(color), alpha), "#fefefe") >= 3


def test_text_of_an_svg_file_is_text_that_can_be_searched():
    svg = plots.render(DRAWINGS["layer_speeds"]).svg.decode()
    assert "Hidden layer 2</text>" in svg


def blend(color, alpha):
    return [alpha * part + (1 - alpha) for part in color]


def contrast(one, other):
    """The contrast of two colours, after the Web Content Accessibility Guidelines."""
    bright, dark = sorted(map(luminance, (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(color):
    parts = np.array(matplotlib.colors.to_rgb(color))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_a_chain_states_the_product_of_its_factors(ax):
    plots.chain([0.25, 0.25], [-4.0], 2.0, ax=ax)
    assert texts_of(ax)[-1].endswith("= −0.5")


def test_accuracies_stand_with_interval_and_the_books_points(ax):
    plots.accuracy_against_depth([1, 2], [[95, 96], [97, 98]], published=[96.48, 96.9], ax=ax)
    assert set(legend_of(ax)) == {"one seed", "mean, 95 % interval", "the book"}


def test_one_seed_has_no_interval(ax):
    plots.accuracy_against_depth([1, 2], [[95], [97]], ax=ax)
    assert legend_of(ax) == ["one seed"]


def test_gates_are_drawn_on_a_logarithmic_axis(ax):
    plots.gates_against_bits([2, 3], {"two layers": [3, 5], "tree": [4, 8]}, ax=ax)
    assert ax.get_yscale() == "log"
    assert legend_of(ax) == ["two layers", "tree"]


def test_a_confusion_matrix_has_the_counts_of_each_class_and_answer(ax):
    plots.confusion([[8, 2], [1, 9], [0, 3]], ["cat", "dog", "emu"], ax=ax)
    assert [text.get_text() for text in ax.texts] == ["8", "2", "1", "9", "0", "3"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["cat", "dog"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["cat", "dog", "emu"]
    np.testing.assert_allclose(ax.get_images()[0].get_array(), [[0.8, 0.2], [0.1, 0.9], [0, 1]])


def test_a_confusion_matrix_needs_a_label_for_each_class(ax):
    with pytest.raises(ValueError, match="labels must be one for each of the 2 rows"):
        plots.confusion([[8, 2], [1, 9]], ["cat"], ax=ax)
