"""Scores: those of scikit-learn, beside what always the same answer would get."""

import numpy as np
import pytest

from fastnn.datasets.scores import score_classes, score_numbers

metrics = pytest.importorskip("sklearn.metrics")


def test_classes_are_scored_as_scikit_learn_does():
    rng = np.random.default_rng(1)
    labels = np.array(["a", "b", "c"])[rng.integers(0, 3, 200)]
    answers = np.where(rng.random(200) < 0.7, labels, "a")
    report = score_classes(labels, answers, ["a", "b", "c"])
    assert np.array_equal(report.confusion, metrics.confusion_matrix(labels, answers))
    precision, recall, f1, counts = metrics.precision_recall_fscore_support(labels, answers)
    for place, own in enumerate(report.classes):
        assert own.precision == pytest.approx(precision[place])
        assert own.recall == pytest.approx(recall[place])
        assert own.f1 == pytest.approx(f1[place])
        assert own.examples == counts[place]
    assert report.baseline == counts.max()
    assert report.accuracy == metrics.accuracy_score(labels, answers)


def test_many_classes_are_looked_up_once(monkeypatch):
    names = [f"n{place}" for place in range(2000)]
    labels, made, array = np.array(names), [], np.array
    monkeypatch.setattr(np, "array", lambda *given, **options: made.append(1) or array(*given))
    report = score_classes(labels, labels[::-1], names)
    assert (report.correct, len(report.classes)) == (0, 2000)
    assert len(made) < 10


def test_labels_that_the_network_does_not_know_are_wrong_and_told():
    report = score_classes(np.array([1, 2, 9, 9]), np.array([1, 2, 2, 1]), [1, 2])
    assert (report.correct, report.unknown, report.largest) == (2, {9: 2}, 9)
    assert "9 (2 rows)" in report.lines("t")[2]
    assert report.confusion.tolist() == [[1, 0], [0, 1], [1, 1]]


def test_numbers_and_text_are_compared_as_text():
    assert score_classes(np.array([7, 8]), np.array(["7", "cat"]), ["7", "cat"]).correct == 1
    assert score_classes(np.array(["7", "cat"]), np.array([7, 8]), [7, 8]).correct == 1


def test_numbers_are_scored_as_scikit_learn_does():
    rng = np.random.default_rng(2)
    targets = rng.normal(50, 9, 80)
    answers = targets + rng.normal(0, 2, 80)
    report = score_numbers(targets, answers)
    assert report.rmse == pytest.approx(metrics.root_mean_squared_error(targets, answers))
    assert report.mae == pytest.approx(metrics.mean_absolute_error(targets, answers))
    assert report.r2 == pytest.approx(metrics.r2_score(targets, answers))
    assert report.baseline == pytest.approx(targets.std())
