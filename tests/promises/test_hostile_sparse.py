"""Sparse matrices that name places they lack are refused, everywhere; the others give full bits.

SciPy does not look at indices, so that a kernel would read and write where they say. Every batch
runs in a process of its own: a crash is then a failure of the test and not the end of all tests.
"""

from __future__ import annotations

import pytest
from processes import start

PROGRAM = """
import random, sys, warnings
from pathlib import Path
import numpy as np
from broken_sparse import described, full_matrix, matrices
from builders import assert_same_bits, seed_generators
from hypothesis import HealthCheck, given, settings
from sklearn.exceptions import ConvergenceWarning

import fastnn
from fastnn import Dataset
from fastnn.estimator import MLPClassifier, MLPRegressor

warnings.simplefilter("ignore", ConvergenceWarning)
what, count, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
seen = {"read": 0, "refused": 0}

def labels(rows):
    return np.arange(rows) % 2

def data_set(rows):
    return Dataset(rows, labels(rows.shape[0]), classes=2).inputs

def network():
    return fastnn.Network([WIDTH, 3, 2])

def trained(rows):
    net = network()
    net.SGD(Dataset(rows, labels(rows.shape[0]), classes=2), 1, 3, 0.5, verbose=False)
    return np.concatenate([w.ravel() for w in net.weights])

def evaluated(rows):
    net, few = network(), Dataset(np.eye(2, WIDTH), [0, 1], classes=2)
    data = Dataset(rows, labels(rows.shape[0]))
    history = net.SGD(few, 1, 1, 0.5, evaluation_data=data, monitor_evaluation_cost=True,
                      verbose=False)
    return np.array([history.evaluation_cost, [net.accuracy(data)]])

def swept(rows):
    data = Dataset(rows, labels(rows.shape[0]), classes=2)
    table = fastnn.train_many([WIDTH, 3, 2], data, seeds=[1], epochs=1, mini_batch_size=3,
                              eta=0.5, monitor_training_cost=True, progress=False)
    return np.array(table[0].history.training_cost)

def resumed(rows):
    file = folder / "run.npz"
    net = network()
    data = Dataset(rows, labels(rows.shape[0]), classes=2)
    net.SGD(data, 1, 3, 0.5, verbose=False, checkpoint=file)
    net, _ = fastnn.resume(file, data[::-1], 2, verbose=False)
    return np.concatenate([w.ravel() for w in net.weights])

def classified(rows):
    model = MLPClassifier(3, max_iter=1, batch_size=2, random_state=1)
    return model.fit(rows, labels(rows.shape[0])).predict_proba(rows)

def stopped_early(rows):
    model = MLPRegressor(hidden_layer_sizes=3, max_iter=2, batch_size=2, random_state=1,
                         early_stopping=True, validation_fraction=0.5)
    return model.fit(rows, labels(rows.shape[0]) * 1.0).predict(rows)

def predicted(rows):
    full = np.arange(4.0 * WIDTH).reshape(4, WIDTH)
    model = MLPClassifier(3, max_iter=1, batch_size=2, random_state=1)
    return model.partial_fit(full, labels(4), classes=[0, 1]).predict_proba(rows)

@settings(max_examples=count, deadline=None, derandomize=True, database=None,
          suppress_health_check=list(HealthCheck))
@given(matrices())
def check(matrix):
    global WIDTH
    WIDTH = matrix.shape[1]
    (folder / "last").write_text(described(matrix))
    full = full_matrix(matrix)
    seed_generators(1)
    try:
        result = globals()[what](matrix)
    except (TypeError, ValueError) as error:
        assert full is None, error
        assert type(error) in (TypeError, ValueError) and len(str(error)) < 300, error
        assert str(error).startswith(("inputs must ", "X must ")), error
        seen["refused"] += 1
    else:
        assert full is not None, result
        seed_generators(1)
        np.testing.assert_allclose(result, globals()[what](full), rtol=1e-12)
        seen["read"] += 1

check()
assert min(seen.values()) > count // 20, seen
print(seen)
"""

WAYS = (
    "data_set",
    "trained",
    "evaluated",
    "swept",
    "resumed",
    "classified",
    "stopped_early",
    "predicted",
)
every_way = pytest.mark.parametrize("way", WAYS)


def assert_read_or_refused(folder, way, count):
    """Try `count` matrices one way in a process of its own."""
    with start(PROGRAM, way, count, folder) as process:
        _, err = process.communicate(timeout=count / 10 + 300)
    assert process.returncode == 0, f"{(folder / 'last').read_text()}\n{err[-3000:]}"


@every_way
def test_a_broken_sparse_matrix_is_refused_wherever_it_is_given(tmp_path, way):
    assert_read_or_refused(tmp_path, way, count=100)


@pytest.mark.long
@every_way
def test_thousands_of_broken_sparse_matrices_are_refused(tmp_path, way):
    assert_read_or_refused(tmp_path, way, count=5000)
