"""The figures of the live page: which numbers they draw, and whether one can see them."""

import math

import numpy as np
import pytest

pytest.importorskip("panel")
from bokeh.document import Document
from live_frames import frame

from fastnn.chapter5.live.digits import Answer
from fastnn.chapter5.live.figures import Figures
from fastnn.chapter5.live.pictures import LAYER_COLORS
from fastnn.chapter5.live.runs import Measured
from fastnn.chapter5.live.settings import DEEPEST
from fastnn.plots.style import PAPER


def named(figures, name):
    return next(figure for figure in figures.of_run.values() if figure.name == name)


def drawn(figure):
    """Return what the glyphs of a figure draw, from the back to the front."""
    return [renderer.data_source.data for renderer in figure.renderers]


@pytest.mark.parametrize("depth", [1, 3, DEEPEST])
def test_speeds_are_drawn_for_each_hidden_layer_before_each_epoch(depth):
    figures, shown = Figures(), frame(depth)
    figures.draw(shown)
    _, now = drawn(named(figures, "speeds"))
    assert now["name"] == [f"hidden layer {i + 1}" for i in range(depth)]
    np.testing.assert_array_equal(np.transpose(now["ys"]), shown.speeds[:, :-1])
    assert [list(x) for x in now["xs"]] == [[0, 1]] * depth


def test_costs_accuracies_and_slopes_are_drawn_after_their_epochs():
    figures, shown = Figures(), frame()
    figures.draw(shown)
    _, accuracy = drawn(named(figures, "accuracy"))
    assert [list(y) for y in accuracy["ys"]] == [[10, 20], [9, 18]]
    _, cost = drawn(named(figures, "cost"))
    assert [list(x) for x in cost["xs"]] == [[1, 2]]
    _, slopes = drawn(named(figures, "slopes"))
    assert len(slopes["ys"]) == 3


def test_all_curves_are_inside_their_axes_those_of_the_held_run_too():
    figures = Figures()
    figures.draw(frame(epochs=50))
    figures.hold(frame(epochs=200, speeds=np.full((2, 4), 1e-9)))
    figures.draw(frame(epochs=100))
    for name in ("speeds", "accuracy", "cost", "slopes"):
        figure = named(figures, name)
        for data in drawn(figure):
            assert data["ys"]
            for x, y in zip(data["xs"], data["ys"], strict=True):
                assert figure.x_range.start <= min(x) <= max(x) <= figure.x_range.end
                assert figure.y_range.start < min(y) <= max(y) < figure.y_range.end


def test_a_held_run_stays_while_others_are_drawn_and_can_be_forgotten():
    figures, held = Figures(), frame(seed=1)
    figures.draw(held)
    figures.hold(held)
    figures.draw(frame(seed=2))
    kept, now = drawn(named(figures, "speeds"))
    np.testing.assert_array_equal(np.transpose(kept["ys"]), held.speeds[:, :-1])
    assert not np.array_equal(kept["ys"], now["ys"])
    figures.hold(None)
    assert drawn(named(figures, "speeds"))[0]["ys"] == []


def test_a_run_without_an_epoch_has_no_curves_also_where_it_is_held():
    """Neither those of the run before it, nor those of a run that was held before."""
    figures, none = Figures(), frame(speeds=np.empty((0, 4)), measured=Measured(), epoch=0)
    figures.draw(frame())
    figures.hold(frame())
    figures.draw(none)
    figures.hold(none)
    for name in ("speeds", "accuracy", "cost", "slopes"):
        assert [data["ys"] for data in drawn(named(figures, name))] == [[], []]


def test_speeds_that_are_zero_or_no_numbers_leave_a_gap():
    speeds = np.array([[0.0, 0.1, 1.0], [np.nan, 0.2, 1.0]])
    figures = Figures()
    figures.draw(frame(2, speeds=speeds))
    _, now = drawn(named(figures, "speeds"))
    assert np.isnan(now["ys"][0]).all()
    assert 0 < named(figures, "speeds").y_range.start < 0.1


def test_bars_have_the_length_of_each_gradient_on_one_scale():
    figures, shown = Figures(), frame(2, width=4)
    figures.draw(shown)
    edges, bars, circles = drawn(named(figures, "bars"))
    values = np.abs(np.concatenate([g[:, 0] for g in shown.gradient]))
    np.testing.assert_array_equal(bars["value"], values)
    lengths = np.subtract(bars["right"], bars["left"])
    np.testing.assert_allclose(lengths, 0.72 * values / values.max())
    assert len(circles["x"]) == 4 + 4 + 10
    assert len(edges["xs"]) == 4 * 4 + 4 * 10


def test_of_wide_layers_six_neurons_are_drawn_and_of_one_the_only_one():
    for width, shown in ((30, 6), (1, 1)):
        figures = Figures()
        figures.draw(frame(1, width=width))
        assert len(drawn(named(figures, "bars"))[2]["x"]) == shown + 10


def test_first_weights_are_upright_images_before_training_beside_those_of_now():
    figures, shown = Figures(), frame(1, width=8)
    figures.draw(shown)
    figure = named(figures, "weights")
    for data, weights in zip(
        drawn(figure), (shown.initial_weights, shown.network.weights[0]), strict=True
    ):
        sheet = data["image"][0][::-1]  # Bokeh draws from the bottom
        images = weights.reshape(8, 28, 28).astype(np.float32)
        np.testing.assert_array_equal(sheet[:28, 30:58], images[1])
        np.testing.assert_array_equal(sheet[30:58, :28], images[3])
        assert np.isnan(sheet[90:]).all()
    left, right = (renderer.glyph for renderer in figure.renderers)
    assert left.x + left.dw < right.x
    assert list(figure.xaxis.major_label_overrides.values()) == ["before training", "now"]


def test_weights_before_training_are_sent_once_for_each_run():
    figures, first = Figures(), frame(1)
    figures.draw(first)
    before, _ = drawn(named(figures, "weights"))
    figures.draw(frame(1, epoch=3))
    assert drawn(named(figures, "weights"))[0] is before
    figures.draw(frame(1, number=2, initial_weights=first.initial_weights + 1))
    assert np.nanmean(drawn(named(figures, "weights"))[0]["image"][0]) > 0.9


def test_weights_of_any_size_can_be_sent_and_zero_ones_too():
    for size in (0.0, 1e300):
        shown = frame(1)
        for w in (shown.initial_weights, *shown.network.weights):
            w[:] = size
        figures = Figures()
        with np.errstate(all="raise"):
            figures.draw(shown)
        before, now = drawn(named(figures, "weights"))
        assert not np.isinf([before["image"][0], now["image"][0]]).any()


def test_the_layers_of_a_digits_answer_are_rows_with_the_digits_below():
    figures = Figures()
    layers = [np.linspace(-1, 1, 4), np.linspace(0, 1, 10)]
    figures.answer(Answer(layers, 9))
    cells, digits = drawn(figures.of_digit)
    assert cells["y"] == [2] * 4 + [1] * 10
    np.testing.assert_allclose(cells["shade"][:4], [0, 1 / 3, 2 / 3, 1])
    np.testing.assert_allclose(cells["value"][4:], layers[1])
    assert digits["text"] == [str(k) for k in range(10)]
    figures.answer(None)
    assert drawn(figures.of_digit)[0]["x"] == []
    assert not figures.of_digit.yaxis.visible


def test_drawing_anew_puts_no_new_models_into_the_document():
    """Each new model makes Bokeh walk through the whole document, which took longer than a run."""
    figures, document = Figures(), Document()
    for figure in (*figures.of_run.values(), figures.of_digit):
        document.add_root(figure)
    answers = [Answer([np.linspace(0, 1, n), np.linspace(0, 1, 10)], 9) for n in (4, 5)]
    figures.draw(frame(depth=2))
    figures.answer(answers[0])
    models = set(document.models)
    for depth, answer in ((3, answers[1]), (4, None)):
        figures.draw(frame(depth))
        figures.answer(answer)
        assert set(document.models) == models


def luminance(color):
    """The relative luminance of WCAG 2.1."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else math.pow((c + 0.055) / 1.055, 2.4) for c in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def test_every_layer_has_a_colour_of_its_own_that_stands_out_from_the_paper():
    assert len(set(LAYER_COLORS)) == DEEPEST
    for color in LAYER_COLORS:
        assert (luminance(PAPER) + 0.05) / (luminance(color) + 0.05) > 3
