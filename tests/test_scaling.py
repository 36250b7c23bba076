"""Inputs of zero mean and unit variance, from a file to a prediction."""

import numpy as np
import pytest
from builders import seed_generators
from example_files import (
    HEADER,
    SPECIES,
    animals,
    save_csv,
)
from refusals import assert_refused

import fastnn
from fastnn.own_data import read_examples
from fastnn.scaling import Scaling, check_scaling


def test_standardised_inputs_have_zero_mean_and_unit_variance():
    rows, _ = animals()
    scaled = Scaling.of(rows).apply(rows)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.var(axis=0), 1, rtol=1e-12)


def test_the_scaling_is_that_of_scikit_learn():
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    rows, _ = animals()
    scaler = preprocessing.StandardScaler().fit(rows[:40])
    np.testing.assert_allclose(
        Scaling.of(rows[:40]).apply(rows), scaler.transform(rows), rtol=1e-10, atol=1e-12
    )


@pytest.mark.parametrize("constant", [0.0, 0.1, -3e200, 5e-324])
def test_an_input_that_never_varied_becomes_0_whatever_comes_later(constant):
    scaling = Scaling.of(np.full((7, 1), constant))
    assert scaling.deviation.tolist() == [0.0]
    assert scaling.apply([[constant], [constant + 1]]).tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize("unit", [1e-300, 1e-170, 1.0, 1e170, 1e300])
def test_no_magnitude_of_inputs_overflows_or_vanishes(unit):
    rows = unit * np.array([[1.0], [2.0], [3.0]])
    scaled = Scaling.of(rows).apply(rows)
    np.testing.assert_allclose(scaled[:, 0], np.sqrt(1.5) * np.array([-1, 0, 1]), atol=1e-12)


def test_float32_inputs_stay_float32():
    rows = animals()[0].astype(np.float32)
    assert Scaling.of(rows).apply(rows).dtype == np.float32


def test_a_scaling_for_other_inputs_is_refused():
    scaling = Scaling.of(np.eye(3))
    assert_refused(lambda: scaling.apply(np.ones((2, 4))), ValueError, "(n, 3)", "(2, 4)")
    assert_refused(lambda: Scaling.of(np.ones((0, 4))), ValueError, "(n, inputs)", "(0, 4)")


def test_inputs_are_standardised_in_place():
    rows = animals()[0]
    scaling = Scaling.of(rows)
    wanted = scaling.apply(rows)
    assert scaling.apply(rows, out=rows) is rows
    np.testing.assert_array_equal(rows, wanted)


@pytest.mark.parametrize(
    ("out", "error", "words"),
    [
        (np.full((5, 3), 7.0), ValueError, ["shape (2, 3)", "shape (5, 3)"]),
        (np.full((1, 3), 7.0), ValueError, ["shape (2, 3)", "shape (1, 3)"]),
        (np.full((2, 3), 7), TypeError, ["array of floats", "type int64"]),
        ([[7.0] * 3] * 2, TypeError, ["array of floats", "got [["]),
        (np.broadcast_to(7.0, (2, 3)), ValueError, ["writeable", "which is read-only"]),
    ],
    ids=["too long", "too short", "whole numbers", "a list", "read-only"],
)
def test_a_wrong_place_for_the_result_is_refused_and_left_as_it_is(out, error, words):
    scaling = Scaling.of(np.eye(3))
    assert_refused(lambda: scaling.apply(np.ones((2, 3)), out=out), error, "out must be", *words)
    assert (np.array(out) == 7).all()


@pytest.mark.parametrize(
    ("part", "wrong"), [("mean", np.nan), ("deviation", np.inf), ("deviation", -2.0)]
)
def test_a_wrong_entry_of_a_scaling_is_named(part, wrong):
    scaling = Scaling.of(np.eye(3))
    getattr(scaling, part)[1] = wrong
    words = "scaling must hold finite numbers", f"got {wrong} as {part}[1]"
    assert_refused(lambda: check_scaling("scaling", scaling, 3), ValueError, *words)


@pytest.mark.parametrize("wrong", [np.nan, -np.inf])
def test_what_cannot_be_standardised_is_refused_by_its_place(wrong):
    rows = np.ones((4, 3))
    rows[2, 1] = wrong
    words = ["inputs must be finite", f"got {wrong} in input 1 of example 2"]
    assert_refused(lambda: Scaling.of(rows), ValueError, *words)


def test_masked_inputs_are_refused():
    rows = np.ma.masked_equal(np.arange(6.0).reshape(3, 2), 4)
    scaling = Scaling.of(rows.filled(0.0))
    for use in (Scaling.of, scaling.apply):
        assert_refused(lambda use=use: use(rows), ValueError, "inputs must", "masked values, got 1")


# --- from file to prediction ------------------------------------------------------------------


def test_a_network_trained_on_text_labels_predicts_them(tmp_path):
    examples = read_examples(save_csv(tmp_path / "animals.csv", *animals(150), HEADER))
    training, held_out = examples.split(0.2, seed=1)
    seed_generators(1)
    net = fastnn.Network([4, 10, 3])
    net.labels, net.scaling = examples.classes, Scaling.of(training.inputs)
    history = net.SGD(
        training.dataset(net.scaling),
        20,
        10,
        0.5,
        evaluation_data=held_out.dataset(net.scaling),
        monitor_evaluation_accuracy=True,
        verbose=False,
    )
    predicted = net.predict(held_out.inputs)
    assert set(predicted.tolist()) == set(SPECIES)
    assert np.count_nonzero(predicted == held_out.labels) == history.evaluation_accuracy[-1]
    assert history.evaluation_accuracy[-1] >= 29
