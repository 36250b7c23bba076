"""However training ends, what was learnt is kept, in the arrays that users hold."""

from __future__ import annotations

import builtins
import warnings

import numpy as np
import pytest
from builders import assert_close
from sklearn import neural_network as theirs
from sklearn.exceptions import ConvergenceWarning

from fastnn import estimator as mine
from fastnn.estimator.trainer import WeightedTrainer

RNG = np.random.RandomState(0)
X = RNG.randn(60, 4)
CLASSES = (X[:, 0] > 0) * 1 + (X[:, 1] > 0)

# These tests train for a few epochs only and need no convergence. scikit-learn 1.7 calls SciPy in a
# way that SciPy 1.16 deprecates.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:scipy.optimize:DeprecationWarning"),
]


def both(**parameters):
    parameters = {"hidden_layer_sizes": 6, "max_iter": 30, "random_state": 0, **parameters}
    parameters.setdefault("learning_rate_init", 0.03)
    return [module.MLPClassifier(**parameters) for module in (theirs, mine)]


# What ends training ---------------------------------------------------------------------------


ENDLESS = [{}, {"solver": "lbfgs", "max_iter": 9}, {"early_stopping": True}]


@pytest.mark.parametrize("parameters", ENDLESS, ids=str)
def test_a_warning_that_is_made_an_error_comes_after_training(parameters):
    scores = []
    for estimator in both(n_iter_no_change=100, **parameters):
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            with pytest.raises(ConvergenceWarning):
                estimator.fit(X, CLASSES)
        scores.append(estimator.score(X, CLASSES))
    assert scores[1] > 0.8
    if not parameters:  # elsewhere scikit-learn keeps another point
        assert scores[1] == scores[0]


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_a_line_that_cannot_be_printed_ends_training_with_what_was_learnt(solver, monkeypatch):
    printed = []

    def broken_after_some(*line):
        printed.append(line)
        if len(printed) % 10 == 0:
            raise BrokenPipeError

    monkeypatch.setattr(builtins, "print", broken_after_some)
    pair = both(verbose=True, solver=solver)
    for estimator in pair:
        with pytest.raises(BrokenPipeError):
            estimator.fit(X, CLASSES)
    assert_close(pair[1].coefs_, pair[0].coefs_, rtol=1e-6)
    assert len(pair[1].loss_curve_) == 10
    monkeypatch.undo()
    for estimator in pair:  # the solver remembers the same, too
        estimator.partial_fit(X, CLASSES)
    assert_close(pair[1].coefs_, pair[0].coefs_, rtol=1e-6)


def test_an_exception_of_a_subclass_ends_training_with_what_was_learnt():
    def stopping(base):
        class Own(base):
            def __setattr__(self, name, value):
                super().__setattr__(name, value)
                if name == "n_iter_" and value == 7:
                    raise RuntimeError("enough")

        return Own(6, random_state=0, warm_start=True)

    pair = [stopping(module.MLPClassifier) for module in (theirs, mine)]
    for estimator in pair:
        for _ in range(2):  # a warm start too
            with pytest.raises(RuntimeError, match="enough"):
                estimator.fit(X, CLASSES)
    assert_close(pair[1].coefs_, pair[0].coefs_, rtol=1e-6)


def test_ctrl_c_leaves_the_best_point_of_a_search(monkeypatch):
    losses, compute = [], WeightedTrainer.loss_and_gradient

    def interrupted(trainer, *arrays):
        if len(losses) == 20:
            raise KeyboardInterrupt
        found = compute(trainer, *arrays)
        losses.append(found[0])
        return found

    monkeypatch.setattr(WeightedTrainer, "loss_and_gradient", interrupted)
    _, got = both(solver="lbfgs")
    with pytest.raises(KeyboardInterrupt):
        got.fit(X, CLASSES)
    assert got.loss_ == min(losses) < losses[0]
    assert 0 < got.n_iter_ < 20
    rows = np.arange(len(X)), CLASSES
    penalty = 0.5 * got.alpha * sum((coef**2).sum() for coef in got.coefs_) / len(X)
    assert got.loss_ == pytest.approx(penalty - got.predict_log_proba(X)[rows].mean())


# The arrays that users hold -------------------------------------------------------------------


@pytest.mark.parametrize("how", ["partial_fit", "fit"])
def test_training_that_goes_on_writes_into_the_arrays_that_are_there(how):
    pair = both(warm_start=True)
    for estimator in pair:
        estimator.fit(X, CLASSES)
        lists = estimator.coefs_, estimator.intercepts_
        arrays = [*estimator.coefs_, *estimator.intercepts_]
        for _ in range(4):
            getattr(estimator, how)(X, CLASSES)
            arrays[0][arrays[0] < 0] = 0
        assert all(map(lambda one, other: one is other, lists[0] + lists[1], arrays))
        assert estimator.coefs_ is lists[0]
        assert estimator.coefs_[0].min() == 0.0
    assert_close(pair[1].coefs_, pair[0].coefs_, rtol=1e-6)


def test_two_estimators_may_share_a_layer():
    pairs = [[estimator.fit(X, CLASSES) for estimator in both()] for _ in range(2)]
    for first, second in zip(*pairs, strict=True):
        second.coefs_[0], second.intercepts_[0] = first.coefs_[0], first.intercepts_[0]
        for _ in range(3):
            first.partial_fit(X, CLASSES)
            second.partial_fit(X, CLASSES)
        assert second.coefs_[0] is first.coefs_[0]
    for wanted, got in pairs:
        assert_close(got.coefs_, wanted.coefs_, rtol=1e-6)


@pytest.mark.parametrize("kind", [np.float32, np.float16, ">f8"])
def test_an_array_keeps_its_type(kind):
    pair = [estimator.fit(X, CLASSES) for estimator in both()]
    for estimator in pair:
        estimator.coefs_[0] = kept = estimator.coefs_[0].astype(kind)
        estimator.partial_fit(X, CLASSES)
        assert estimator.coefs_[0] is kept
    np.testing.assert_allclose(pair[1].coefs_[0], pair[0].coefs_[0], rtol=2e-3, atol=1e-4)


def test_what_cannot_be_written_into_is_replaced():
    _, got = both()
    got.fit(X, CLASSES)
    got.coefs_ = tuple(got.coefs_)
    fixed = got.coefs_[0]
    fixed.flags.writeable = False
    got.intercepts_[1] = 0.5
    before = fixed.copy()
    got.partial_fit(X, CLASSES)
    np.testing.assert_array_equal(fixed, before)
    assert np.abs(got.coefs_[0] - before).max() > 0
    assert got.intercepts_[1].shape == (3,)


def test_with_early_stopping_the_best_network_is_in_arrays_of_its_own_as_in_scikit_learn():
    lasts = []
    for estimator in both(early_stopping=True, warm_start=True, max_iter=4):
        held = list(estimator.fit(X, CLASSES).coefs_)
        estimator.best_validation_score_ = 0.0
        best = estimator.fit(X, CLASSES).coefs_
        assert all(new is not old for new, old in zip(best, held, strict=True))
        lasts.append(held)
    assert_close(lasts[1], lasts[0], rtol=1e-6)


def test_an_exception_leaves_what_was_trained_from_assigned_weights_as_in_scikit_learn():
    first = []
    for estimator in both(early_stopping=True, warm_start=True, max_iter=4):
        estimator.fit(X, CLASSES).best_validation_score_ = 2.0
        estimator.coefs_ = [np.full_like(coef, 0.125) for coef in estimator.coefs_]
        with warnings.catch_warnings(), pytest.raises(ConvergenceWarning):
            warnings.simplefilter("error", ConvergenceWarning)
            estimator.fit(X, CLASSES)
        first.append(estimator.coefs_[0])
    assert_close(first[1], first[0], rtol=1e-6)


def test_ctrl_c_in_a_later_call_keeps_the_epoch_that_is_done_as_in_scikit_learn(monkeypatch):
    pair = both(early_stopping=True, warm_start=True, max_iter=4)
    for estimator in pair:
        estimator.fit(X, CLASSES).set_params(verbose=True).best_validation_score_ = 2.0
        lines = []

        def interrupted(*words, lines=lines):
            lines.append(words)
            if len(lines) == 3:  # of the loss and the score of an epoch, then of the next
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(builtins, "print", interrupted)
            with pytest.warns(UserWarning, match="interrupted by user"):
                estimator.fit(X, CLASSES)
    assert pair[0].n_iter_ == pair[1].n_iter_ == 2
    assert_close(pair[1].coefs_, pair[0].coefs_, rtol=1e-6)
