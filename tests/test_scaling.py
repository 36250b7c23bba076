"""Examples of one's own on their way to a network: held out, standardised, predicted."""

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
from fastnn.own_data import Examples, read_examples
from fastnn.scaling import Scaling

# --- held out, standardised -------------------------------------------------------------------


def numbered(n):
    """Examples whose input is their number."""
    return Examples(np.arange(n, dtype=float).reshape(-1, 1), np.arange(n) % 3, [0, 1, 2])


@pytest.mark.parametrize(
    ("n", "fraction", "held_out"), [(10, 0.2, 2), (60, 0.25, 15), (3, 0.01, 1), (3, 0.99, 2)]
)
def test_each_example_is_trained_on_or_held_out(n, fraction, held_out):
    training, evaluation = numbered(n).split(fraction, seed=1)
    assert len(evaluation.inputs) == held_out
    together = np.concatenate([training.inputs, evaluation.inputs])[:, 0]
    assert sorted(together.tolist()) == list(range(n))
    for part in (training, evaluation):
        assert np.array_equal(part.labels, part.inputs[:, 0].astype(int) % 3)
        assert part.classes == [0, 1, 2]


def test_the_seed_alone_says_what_is_held_out():
    before = np.random.get_state()[1].tolist()
    first, again, other = (numbered(50).split(0.2, seed)[1].labels for seed in (4, 4, 5))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.random.get_state()[1].tolist() == before


@pytest.mark.parametrize("fraction", [0, 1, 1.5, -0.1, float("nan")])
def test_a_fraction_that_leaves_one_side_empty_is_refused(fraction):
    assert_refused(lambda: numbered(10).split(fraction), ValueError, "fraction", str(fraction))


def test_one_example_cannot_be_held_out():
    assert_refused(lambda: numbered(1).split(0.5), ValueError, "at least two", "got 1")


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
    assert_refused(lambda: Scaling.of([[np.inf]]), ValueError, "inputs must be finite")


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


def test_examples_without_labels_are_no_training_data():
    examples = Examples(np.eye(2), None, [])
    assert_refused(examples.dataset, ValueError, "labels", "none")
