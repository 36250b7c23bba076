"""Which differences are more than chance: known p-values, and an error rate that is kept."""

import numpy as np
import pytest

from fastnn.sweeps.differences import LEVEL, _holm, differences


def points(*columns):
    return [dict(enumerate(column)) for column in columns]


def test_differences_are_paired_over_the_seeds_that_both_have():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    one, other = rng.normal(0.9, 0.01, (2, 12))
    found = differences([dict(enumerate(one)), {**dict(enumerate(other[:10])), 99: 0.0}], 1)
    wanted = stats.ttest_rel(one[:10], other[:10])
    assert found[0].seeds == 10
    assert found[0].p == pytest.approx(wanted.pvalue)
    interval = wanted.confidence_interval()
    assert found[0].accuracy[1:] == pytest.approx(tuple(interval))


def test_holms_correction_is_that_of_his_paper():
    # Holm (1979): the smallest times 4, the next times 3, ... and none below the one before.
    assert _holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert _holm(np.array([0.9, 0.8])) == pytest.approx([1.0, 1.0])


def test_differences_without_spread_are_judged_by_their_number():
    same, more = [0.5] * 6, [0.75] * 6
    assert differences(points(same, same), 0)[1].p == 1.0
    assert differences(points(more, same), 0)[1].p == 2**-5
    assert differences(points(more[:2], same[:2]), 0)[1].is_chance


def test_points_without_two_seeds_in_common_are_not_compared():
    assert differences([{1: 0.5, 2: 0.6}, {2: 0.5, 3: 0.6}], 0) == {}


def test_settings_that_are_alike_are_seldom_called_different():
    rng = np.random.default_rng(1)
    errors = 0
    for _ in range(1000):
        accuracies = rng.normal(0.95, 0.005, (5, 8))
        found = differences(points(*accuracies), int(accuracies.mean(axis=1).argmax()))
        errors += any(not difference.is_chance for difference in found.values())
    assert errors / 1000 < LEVEL + 3 * np.sqrt(LEVEL * (1 - LEVEL) / 1000)
    assert errors > 0
