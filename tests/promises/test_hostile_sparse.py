"""Sparse matrices that name places they lack are refused, everywhere; the others give full bits.

SciPy does not look at indices, so that a kernel would read and write where they say. Every batch
runs in a process of its own: a crash is then a failure of the test and not the end of all tests.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from broken_sparse import described, full_matrix, matrices
from builders import seed_generators
from forked import in_a_copy
from hypothesis import HealthCheck, given, settings
from scipy import sparse

import fastnn
from fastnn import Dataset
from fastnn.estimator import MLPClassifier, MLPRegressor


def labels(rows):
    return np.arange(rows) % 2


def data_of(rows):
    return Dataset(rows, labels(rows.shape[0]), classes=2)


def network_for(rows):
    return fastnn.Network([rows.shape[1], 3, 2])


def data_set(rows, folder):
    return data_of(rows).inputs


def trained(rows, folder):
    net = network_for(rows)
    net.SGD(data_of(rows), 1, 3, 0.5, verbose=False)
    return np.concatenate([w.ravel() for w in net.weights])


def evaluated(rows, folder):
    net, few = network_for(rows), Dataset(np.eye(2, rows.shape[1]), [0, 1], classes=2)
    data = Dataset(rows, labels(rows.shape[0]))
    history = net.SGD(
        few, 1, 1, 0.5, evaluation_data=data, monitor_evaluation_cost=True, verbose=False
    )
    return np.array([history.evaluation_cost, [net.accuracy(data)]])


def swept(rows, folder):
    how = {"epochs": 1, "mini_batch_size": 3, "eta": 0.5, "monitor_training_cost": True}
    table = fastnn.train_many(
        [rows.shape[1], 3, 2], data_of(rows), seeds=[1], **how, progress=False
    )
    return np.array(table[0].history.training_cost)


def resumed(rows, folder):
    file = folder / "run.npz"
    data = data_of(rows)
    network_for(rows).SGD(data, 1, 3, 0.5, verbose=False, checkpoint=file)
    net, _ = fastnn.resume(file, data[::-1], 2, verbose=False)
    return np.concatenate([w.ravel() for w in net.weights])


def classified(rows, folder):
    model = MLPClassifier(3, max_iter=1, batch_size=2, random_state=1)
    return model.fit(rows, labels(rows.shape[0])).predict_proba(rows)


def stopped_early(rows, folder):
    model = MLPRegressor(
        hidden_layer_sizes=3, max_iter=2, batch_size=2, random_state=1,
        early_stopping=True, validation_fraction=0.5,
    )  # fmt: skip
    return model.fit(rows, labels(rows.shape[0]) * 1.0).predict(rows)


def predicted(rows, folder):
    full = np.arange(4.0 * rows.shape[1]).reshape(4, rows.shape[1])
    model = MLPClassifier(3, max_iter=1, batch_size=2, random_state=1)
    return model.partial_fit(full, labels(4), classes=[0, 1]).predict_proba(rows)


WAYS = (data_set, trained, evaluated, swept, resumed, classified, stopped_early, predicted)
every_way = pytest.mark.parametrize("way", WAYS)


def results_of(way, rows, folder):
    seed_generators(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SciPy warns of some, scikit-learn of few epochs
        return way(rows, folder)


def try_matrices(way, count, folder):
    """Try `count` matrices; return how many were read and how many refused."""
    seen = {"read": 0, "refused": 0}

    @settings(
        max_examples=count, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(matrices())
    def check(matrix):
        (folder / "last").write_text(described(matrix))
        full = full_matrix(matrix)
        try:
            result = results_of(way, matrix, folder)
        except (TypeError, ValueError) as error:
            assert full is None, error
            assert type(error) in (TypeError, ValueError) and len(str(error)) < 300, error
            assert str(error).startswith(("inputs must ", "X must ")), error
            seen["refused"] += 1
        else:
            assert full is not None, result
            np.testing.assert_allclose(result, results_of(way, full, folder), rtol=1e-12)
            seen["read"] += 1

    check()
    return seen


def assert_read_or_refused(folder, way, count):
    """Try `count` matrices one way in a process of its own."""
    whole = np.random.default_rng(1).integers(0, 2, (4, 6)) * 0.5
    for rows in (whole, sparse.csr_matrix(whole)):
        results_of(way, rows, folder)  # which compiles what the process needs
    try:
        seen = in_a_copy(try_matrices, way, count, folder)
    except AssertionError as error:
        raise AssertionError(f"{(folder / 'last').read_text()}\n{error}") from None
    assert min(seen.values()) > count // 20, seen


@every_way
def test_a_broken_sparse_matrix_is_refused_wherever_it_is_given(tmp_path, way):
    assert_read_or_refused(tmp_path, way, count=100)


@pytest.mark.long
@every_way
def test_thousands_of_broken_sparse_matrices_are_refused(tmp_path, way):
    assert_read_or_refused(tmp_path, way, count=5000)
