"""An estimator whose training is refused stays as it was, to the last attribute."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from fastnn import estimator as mine
from fastnn.estimator.trainer import WeightedTrainer
from fastnn.estimator.undoing import Before

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.RandomState(0)
X = RNG.randn(60, 4)
CLASSES = (X[:, 0] > 0) * 1 + (X[:, 1] > 0)
NAMES = np.array(["few", "some", "many"])[CLASSES]


def state_of(estimator):
    """All attributes, down to the bytes of arrays."""

    def plain(value):
        if isinstance(value, np.ndarray):
            return value.dtype, value.shape, value.tobytes()
        if isinstance(value, (list, tuple)):
            return [plain(entry) for entry in value]
        if isinstance(value, dict):
            return {name: plain(entry) for name, entry in value.items()}
        return value if isinstance(value, (int, float, str, type(None))) else type(value)

    return {name: plain(value) for name, value in vars(estimator).items()}


def short_weights(estimator):
    return (X, NAMES, np.ones(3))


def no_weights(estimator):
    return (X, NAMES, np.zeros(60))


def other_layers(estimator):
    estimator.set_params(warm_start=True, hidden_layer_sizes=9)
    return (X, CLASSES)


def other_inputs(estimator):
    estimator.set_params(warm_start=True)
    return (X[:, :2], CLASSES)


def other_classes(estimator):
    estimator.set_params(warm_start=True)
    return (X, NAMES)


def too_few_held_out(estimator):
    estimator.set_params(early_stopping=True, validation_fraction=0.01)
    return (X[:, :2], NAMES)


def a_lonely_class(estimator):
    estimator.set_params(early_stopping=True)
    return (X[:, :2], np.arange(60) == 0)  # which cannot be in both parts


def wrong_initial_weights(estimator):
    estimator._init_coef = lambda *arguments: (np.zeros(3), np.zeros(3))
    return (X[:, :2], NAMES)


def divergence(estimator):
    estimator.set_params(solver="sgd", learning_rate_init=1e300, activation="identity")
    return (X, NAMES)


def divergence_of_a_warm_start(estimator):
    divergence(estimator)
    estimator.set_params(warm_start=True)
    return (X, CLASSES)


# What the refusals say, most of them in scikit-learn's words.
OF_ANY = {
    short_weights: r"sample_weight.shape == \(3,\)",
    no_weights: "(?i)sample.weight",
    too_few_held_out: "validation set is too small",
    a_lonely_class: "least populated class",
    wrong_initial_weights: "_init_coef must return",
    divergence: "non-finite",
    divergence_of_a_warm_start: "non-finite",
}
OF_FITTED = {
    **OF_ANY,
    other_layers: "hidden_layer_sizes must be",
    other_inputs: "X has 2 features",
    other_classes: "same classes as in the previous call",
}
CASES = [(True, *case) for case in OF_FITTED.items()] + [(False, *case) for case in OF_ANY.items()]


@pytest.mark.parametrize(("fitted", "prepare", "words"), CASES)
def test_a_fit_that_is_refused_changes_nothing(fitted, prepare, words):
    estimator = mine.MLPClassifier(6, max_iter=5, random_state=0)
    if fitted:
        estimator.fit(X, CLASSES)
    given = prepare(estimator)
    before, held = state_of(estimator), copy.copy(vars(estimator))
    with pytest.raises(ValueError, match=words):
        estimator.fit(*given)
    assert state_of(estimator) == before
    assert all(value is held[name] for name, value in vars(estimator).items())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((X, CLASSES, np.ones(3)), r"sample_weight.shape == \(3,\)"),
        ((X[:, :2], CLASSES), "X has 2 features"),
        ((X, CLASSES + 1), "has classes not in `self.classes_`"),
        ((X * 1e300, CLASSES), "non-finite"),
    ],
    ids=["short weights", "other inputs", "other classes", "divergence"],
)
def test_a_partial_fit_that_is_refused_changes_nothing(given, words):
    parameters = {"solver": "sgd", "learning_rate": "invscaling", "batch_size": 20}
    estimator = mine.MLPClassifier(6, activation="identity", random_state=0, **parameters)
    estimator.partial_fit(X, CLASSES, classes=[0, 1, 2])
    before = state_of(estimator)
    with pytest.raises(ValueError, match=words):
        estimator.partial_fit(*given)
    assert state_of(estimator) == before
    again = mine.MLPClassifier(6, activation="identity", random_state=0, **parameters)
    again.partial_fit(X, CLASSES, classes=[0, 1, 2])
    # What the solver remembers is as it was, too.
    assert estimator.partial_fit(X, CLASSES).loss_ == again.partial_fit(X, CLASSES).loss_


def test_a_first_partial_fit_that_is_refused_leaves_no_classes():
    estimator = mine.MLPClassifier(6)
    with pytest.raises(ValueError, match=r"has classes not in `self.classes_`"):
        estimator.partial_fit(X, CLASSES, classes=[0, 1])
    assert not hasattr(estimator, "classes_")
    estimator.partial_fit(X, CLASSES, classes=[0, 1, 2])


def test_a_search_that_ends_before_it_knows_a_loss_changes_nothing(monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    estimator = mine.MLPClassifier(6, max_iter=5, random_state=0)
    before = state_of(estimator.fit(X, CLASSES).set_params(solver="lbfgs"))
    monkeypatch.setattr(WeightedTrainer, "loss_and_gradient", interrupted)
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(X, NAMES)
    assert state_of(estimator) == before


def test_what_was_learnt_stays():
    class Own:
        """An object with attributes."""

    for has_learnt, expected in ((True, [1, 2]), (False, [1])):
        own = Own()
        own.entries = [1]
        with pytest.raises(ZeroDivisionError), Before(own) as before:
            own.entries.append(2)
            own.more = 3
            before.has_learnt = has_learnt
            raise ZeroDivisionError
        assert own.entries == expected
        assert hasattr(own, "more") is has_learnt
