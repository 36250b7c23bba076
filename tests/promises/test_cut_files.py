"""An array whose file was cut since it was mapped is refused, wherever it is given; nobody dies."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
import scipy.sparse

from fastnn import Dataset, network2, own_data
from fastnn.estimator import MLPClassifier, MLPRegressor

ROWS, INPUTS = 3000, 4
CLASSES = np.arange(ROWS) % 2
NUMBERS = np.random.default_rng(1).random((ROWS, INPUTS))

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.skipif(sys.platform == "win32", reason="a mapped file cannot be cut there"),
]


def cut(path, array):
    """A memory map of `array` whose file has lost all but its first page."""
    np.save(path / "array.npy", array)
    mapped = np.load(path / "array.npy", mmap_mode="r")
    os.truncate(path / "array.npy", 4096)
    return mapped


def sparse(values):
    """One number in each row."""
    columns = np.zeros(len(values), np.int64)
    starts = np.arange(len(values) + 1)
    return scipy.sparse.csr_matrix((values, columns, starts), shape=(len(values), INPUTS))


def frame(array):
    """A table whose columns lie in the file, in one piece of memory."""
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(array, columns=list("abcd"), copy=False)


def frame_of_pieces(array):
    """One whose last column lies in the file, behind others that do not."""
    pandas = pytest.importorskip("pandas")
    columns = {"a": np.zeros(ROWS), "b": np.arange(ROWS), "c": np.ones(ROWS, bool)}
    return pandas.DataFrame({**columns, "d": array[:, 3]}, copy=False)


def fitted():
    return MLPClassifier(hidden_layer_sizes=(3,), max_iter=1).fit(NUMBERS, CLASSES)


USES = {
    "fit": lambda X: MLPClassifier().fit(X, CLASSES),
    "a regressor's fit": lambda X: MLPRegressor().fit(X, CLASSES),
    "partial_fit": lambda X: MLPClassifier().partial_fit(X, CLASSES, classes=[0, 1]),
    "predict": lambda X: fitted().predict(X),
    "predict_proba": lambda X: fitted().predict_proba(X),
    "outputs": lambda X: network2.Network([INPUTS, 2]).outputs(X),
    "Dataset": lambda X: Dataset(X, CLASSES),
}


@pytest.mark.parametrize(
    "make",
    [np.asarray, lambda X: sparse(X[:, 0]), frame, frame_of_pieces],
    ids=["full", "sparse", "a table", "a table of pieces"],
)
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_inputs_are_refused(use, make, tmp_path):
    with pytest.raises(ValueError, match=r"^(X|inputs) must lie in a file of \d+ bytes, .*4096"):
        use(make(cut(tmp_path, NUMBERS)))


def series(array):
    return pytest.importorskip("pandas").Series(array, copy=False)


@pytest.mark.parametrize("make", [np.asarray, series])
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_answers_and_weights_of_examples_are_refused(estimator, make, tmp_path):
    answers = make(cut(tmp_path, CLASSES.astype(float)))
    with pytest.raises(ValueError, match=r"^y must lie in a file of"):
        estimator().fit(NUMBERS, answers)
    with pytest.raises(ValueError, match=r"^sample_weight must lie in a file of"):
        estimator().fit(NUMBERS, CLASSES, sample_weight=answers)


def test_weights_are_refused_before_training(tmp_path):
    net = network2.Network([ROWS, INPUTS])
    net.weights[0] = cut(tmp_path, NUMBERS.T.copy())
    with pytest.raises(ValueError, match=r"^weights\[0\] must lie in a file of"):
        net.SGD(Dataset(np.ones((2, ROWS)), [0, 1], classes=INPUTS), 1, 2, 0.1, verbose=False)


@pytest.mark.parametrize("make", [frame, frame_of_pieces])
def test_tables_are_refused_before_they_are_read(make, tmp_path):
    kinds = np.where(NUMBERS[:, 0] < 0.5, "low", "high")
    table = own_data.read_labelled_table(frame(NUMBERS).assign(kind=kinds))
    columns = table.learn()
    net = network2.Network([columns.total, 2])
    net.columns, net.labels = columns, table.classes
    unlabelled = make(cut(tmp_path, NUMBERS))
    labelled = unlabelled.copy(deep=False)
    labelled["kind"] = kinds  # `assign` reads all columns in pandas 2
    for use in (
        lambda: net.predict(unlabelled),
        lambda: net.outputs(unlabelled),
        lambda: own_data.evaluate(net, labelled),
        lambda: own_data.read_examples(unlabelled),
        lambda: own_data.read_labelled_table(labelled),
    ):
        with pytest.raises(ValueError, match=r"its columns must lie in a file of \d+ bytes"):
            use()


def test_a_table_over_a_whole_file_is_taken(tmp_path):
    np.save(tmp_path / "array.npy", NUMBERS)
    table = frame(np.load(tmp_path / "array.npy", mmap_mode="r"))
    estimator = fitted()
    np.testing.assert_array_equal(
        estimator.predict_proba(table.to_numpy()), estimator.predict_proba(NUMBERS)
    )
