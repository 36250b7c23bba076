"""The rules that say whether a measurement agrees with what the chapter claims."""

import math

import numpy as np
import pytest

from fastnn.chapter5 import EXPERIMENTS
from fastnn.chapter5.claims import (
    always,
    at_least,
    at_most,
    between,
    chance,
    equal,
    identity,
    printed,
    summarise,
)

AROUND_1 = np.array([0.9, 0.95, 1.0, 1.05, 1.1])  # 95 % interval 0.90 to 1.10; single 0.76 to 1.24


def judge(rule, values, average="mean"):
    return rule.judge(summarise(np.array(values, float), average))


@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        ("1.0", "agrees"),
        ("0.8", "agrees"),
        ("0.76", "agrees"),
        ("0.75", "does not"),
        ("1.2", "agrees"),
        ("1.3", "does not"),
        ("2", "does not"),
    ],
)
def test_a_number_printed_for_one_run_is_compared_with_single_runs(number, verdict):
    assert judge(printed(number), AROUND_1) == verdict


def test_a_printed_number_is_compared_as_far_as_it_is_printed():
    values = [0.3142, 0.3143, 0.3141, 0.3142, 0.3142]
    assert judge(printed("0.31"), values) == "agrees"
    assert judge(printed("0.310"), values) == "does not"


@pytest.mark.parametrize("seeds", [1, 2, 4])
def test_too_few_runs_cannot_tell_whether_a_printed_number_is_usual(seeds):
    values = np.linspace(1, 2, seeds)
    assert judge(printed("1.5"), values) == judge(printed("90"), values) == "cannot be told"
    assert judge(chance(), values) == "cannot be told"


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        (at_least(0.85), "agrees"),
        (at_least(1.0), "cannot be told"),
        (at_least(1.2), "does not"),
        (at_most(1.2), "agrees"),
        (at_most(1.0), "cannot be told"),
        (at_most(0.85), "does not"),
        (between(0.8, 1.2), "agrees"),
        (between(1.0, 1.2), "cannot be told"),
        (between(1.2, 1.5), "does not"),
        (between(0.2, 0.5), "does not"),
    ],
)
def test_words_are_judged_by_the_whole_interval_of_the_average(rule, verdict):
    assert judge(rule, AROUND_1) == verdict
    assert judge(rule, [1.0]) == "cannot be told"


def test_a_bound_on_a_ratio_is_compared_with_the_interval_of_its_geometric_mean():
    values = [1.0, 4.0, 1.0, 4.0, 1.0, 4.0]
    summary = summarise(np.array(values), "geometric mean")
    assert summary.middle == pytest.approx(2.0)
    assert summary.low * summary.high == pytest.approx(4.0)
    assert judge(at_most(summary.high * 1.01), values, "geometric mean") == "agrees"
    assert judge(at_most(summary.high * 0.99), values, "geometric mean") == "cannot be told"


def test_a_difference_may_be_chance_if_single_ones_have_both_signs():
    assert judge(chance(), AROUND_1 - 1) == "agrees"
    assert judge(chance(), AROUND_1) == "does not"


def test_an_identity_must_hold_for_every_value():
    assert judge(identity("25"), [25.0, 25.0], "exact") == "agrees"
    assert judge(identity("25"), [25.0, 25.6], "exact") == "does not"
    assert judge(identity("0.45"), [0.4474], "exact") == "agrees"
    assert judge(identity("0.45"), [0.444], "exact") == "does not"


def test_differences_are_judged_by_the_largest():
    assert judge(equal(1e-9), [1e-12, 1e-10], "largest") == "agrees"
    assert judge(equal(1e-9), [1e-12, 1e-8], "largest") == "does not"
    assert summarise(np.array([1e-12, 3e-12]), "largest").middle == 3e-12


def test_mathematics_needs_no_interval_and_is_marked_as_such():
    rule = always("all are above 1", lambda values: bool(np.all(values > 1)))
    assert judge(rule, [2.0], "exact") == "agrees"
    assert judge(rule, [2.0, 0.5], "exact") == "does not"
    assert rule.mathematics
    assert identity("1").mathematics
    assert equal(1e-9).mathematics
    assert not any(one.mathematics for one in (printed("1"), at_least(1), chance()))


def test_one_run_has_no_interval():
    summary = summarise(np.array([3.0]))
    assert summary.middle == 3.0
    assert not summary.has_interval
    assert math.isnan(summary.single_low)


@pytest.mark.parametrize("name", ["chain", "circuits", "exploding", "range", "sigmoid-prime"])
def test_identities_of_the_chapter_hold(name):
    experiment = EXPERIMENTS[name]
    table = experiment.measurements(experiment.run(range(3)))
    judged = [one for one in table if one.claim and one.claim.rule.mathematics]
    assert judged
    for one in judged:
        assert one.claim.rule.judge(one.summary) == "agrees", one.quantity
        assert one.average in ("exact", "largest")


@pytest.mark.parametrize("name", ["unstable", "vanishing"])
def test_what_the_chapter_says_of_random_weights_is_judged(name):
    experiment = EXPERIMENTS[name]
    table = experiment.measurements(experiment.run(range(5)))
    verdicts = {one.quantity: one.claim.rule.judge(one.summary) for one in table if one.claim}
    assert len(verdicts) >= 3
    assert set(verdicts.values()) == {"agrees"}
