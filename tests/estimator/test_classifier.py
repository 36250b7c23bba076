"""The classifier's classes and probabilities are scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from estimator_pairs import (
    CLASSES,
    DIGITS,
    LABELS,
    assert_nothing_learnt,
    assert_same_fits,
    assert_same_learning,
    both,
    data_of,
)
from sklearn import neural_network as theirs
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from fastnn import estimator as mine

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("task", CLASSES)
def test_classes_and_probabilities_are_those_of_scikit_learn(task):
    wanted, got = assert_same_fits(task)
    X, _ = data_of(task)
    np.testing.assert_array_equal(got.classes_, wanted.classes_)
    np.testing.assert_array_equal(got.predict(X), wanted.predict(X))
    for method in ("predict_proba", "predict_log_proba"):
        expected = getattr(wanted, method)(X)
        np.testing.assert_allclose(getattr(got, method)(X), expected, rtol=1e-6, atol=1e-9)


def test_digits_are_recognised_as_well_as_by_scikit_learn():
    X, X_test, y, y_test = train_test_split(DIGITS, LABELS, random_state=0)
    wanted, got = (
        module.MLPClassifier(50, max_iter=60, random_state=1).fit(X, y) for module in (theirs, mine)
    )
    assert got.score(X_test, y_test) > 0.95
    assert got.score(X_test, y_test) == pytest.approx(wanted.score(X_test, y_test), abs=0.01)


TWO_CLASSES = {
    "numbers": [0, 1],
    "signs": [-1, 1],
    "floats": [2.0, 7.0],
    "truth values": [False, True],
    "texts": ["ham", "spam"],
    "objects": np.array(["no", "yes"], object),
}


@pytest.mark.parametrize("classes", TWO_CLASSES.values(), ids=TWO_CLASSES)
def test_two_classes_of_any_kind_are_the_outputs_that_scikit_learn_makes_of_them(classes):
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((60, 4)), np.asarray(classes)[rng.integers(0, 2, 60)]
    for start in (slice(0, 60), slice(0, 1)):  # and one row of one class
        wanted, got = both("two classes", solver="sgd", batch_size="auto")
        for model in (wanted, got):
            model.partial_fit(X[start], y[start], classes=np.unique(y))
            model.partial_fit(X[7:30], y[7:30])
        for weights, expected in zip(got.coefs_, wanted.coefs_, strict=True):
            np.testing.assert_allclose(weights, expected, rtol=1e-9)
        np.testing.assert_array_equal(got.predict(X), wanted.predict(X))


def test_a_grid_search_runs_in_two_processes():
    X, y = data_of("ten classes")
    grid = {"mlpclassifier__alpha": [1e-4, 1.0], "mlpclassifier__hidden_layer_sizes": [(8,), 20]}
    scores = []
    for module in (theirs, mine):
        classifier = module.MLPClassifier(max_iter=15, random_state=1)
        search = GridSearchCV(make_pipeline(MinMaxScaler(), classifier), grid, cv=2, n_jobs=2)
        scores.append(search.fit(X, y).cv_results_["mean_test_score"])
    np.testing.assert_allclose(scores[1], scores[0], rtol=1e-9)


def test_partial_fit_wants_to_know_all_classes_at_first_and_no_others_later():
    X, y = data_of("ten classes")
    for estimator in both("ten classes"):
        with pytest.raises(ValueError, match="classes must be passed on the first call"):
            estimator.partial_fit(X, y)
        estimator.partial_fit(X, y, classes=np.arange(10))
        with pytest.raises(ValueError, match="is not the same as on last call to partial_fit"):
            estimator.partial_fit(X, y, classes=np.arange(11))
        with pytest.raises(ValueError, match=r"`y` has classes not in .*'y' has"):
            estimator.partial_fit(X, y + 1)


@pytest.mark.parametrize("classes", [[0, 1, 2, 3], [0, 1, 2, 3, 4]])
def test_partial_fit_of_several_labels_takes_the_same_classes_in_every_call(classes):
    X, y = data_of("several labels")
    for estimator in both("several labels"):
        estimator.partial_fit(X, y, classes=classes).partial_fit(X, y, classes=classes)
        assert estimator.classes_.tolist() == classes
        assert estimator.predict(X).shape == y.shape


@pytest.mark.parametrize("classes", [[0, 1], ["red", "green", "blue", "grey"]])
def test_partial_fit_of_several_labels_refuses_other_classes_than_its_columns(classes):
    X, y = data_of("several labels")
    for estimator in both("several labels"):
        with pytest.raises(ValueError, match=r"`y` has classes not in `self.classes_`"):
            estimator.partial_fit(X, y, classes=classes)


def test_a_first_partial_fit_that_fails_leaves_no_classes_behind():
    X, _ = data_of("ten classes")
    _, got = both("ten classes")
    with pytest.raises(ValueError, match="got None"):
        got.partial_fit(X, None, classes=np.arange(10))
    assert_nothing_learnt(got)


def test_a_warm_start_with_other_classes_is_refused():
    X, y = data_of("ten classes")
    for estimator in both("ten classes", warm_start=True):
        estimator.fit(X, y)
        for other in (y % 9, y + 1):
            with pytest.raises(ValueError, match="warm_start can only be used where `y` has"):
                estimator.fit(X, other)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_classes_in_an_order_of_the_users_own_train_the_same_outputs_as_in_scikit_learn(
    early_stopping,
):
    X, y = data_of("ten classes")
    estimators = both("ten classes", warm_start=True, early_stopping=early_stopping)
    for estimator in estimators:
        estimator.fit(X, y).classes_ = np.roll(np.arange(10), 3)
        estimator.fit(X, y)
    assert_same_learning(*estimators)
    np.testing.assert_array_equal(*(estimator.predict(X) for estimator in estimators))


def test_a_class_that_no_output_stands_for_is_refused_by_the_names_of_both_attributes():
    X, y = data_of("ten classes")
    _, got = both("ten classes")
    got.fit(X, y).classes_ = np.arange(12)
    before = [coef.copy() for coef in got.coefs_]
    with pytest.raises(ValueError, match=r"classes_ has \[10 11\], which _label_binarizer does"):
        got.partial_fit(X, y + 2)
    np.testing.assert_equal(got.coefs_, before)


@pytest.mark.parametrize("names", [["a\0", "a", "b"], ["a\0", "b", "c\0"]], ids=repr)
@pytest.mark.parametrize("how", ["fit", "partial_fit", "early_stopping"])
def test_texts_that_end_in_a_nul_are_trained_as_in_scikit_learn(names, how):
    """NumPy cuts it off in `classes_`, so that scikit-learn has no output for such a label."""
    X, y = data_of("ten classes")
    labels = np.array(names, object)[y % 3]
    estimators = both("ten classes", early_stopping=how == "early_stopping")
    for estimator in estimators:
        if how == "partial_fit":
            estimator.partial_fit(X, labels, classes=np.unique(labels))
        else:
            estimator.fit(X, labels)
    assert_same_learning(*estimators)
    np.testing.assert_array_equal(*(estimator.predict(X) for estimator in estimators))


def test_an_unknown_class_of_text_is_refused_by_the_names_of_both_attributes():
    X, y = data_of("ten classes")
    _, got = both("ten classes")
    got.fit(X, np.array(list("abcdefghij"), object)[y]).classes_ = np.array(list("abcdefghijk"))
    with pytest.raises(ValueError, match=r"classes_ has \['k'\], which _label_binarizer does not"):
        got.partial_fit(X, np.array(list("kbcdefghij"), object)[y])
