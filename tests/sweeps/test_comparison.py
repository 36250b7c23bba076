"""Two ways to train, compared: verdicts, an error rate that is kept, and what is refused."""

import numpy as np
import pytest
import sweep_schedules
from builders import labelled
from refusals import assert_refused
from small_sweeps import alone
from sweep_schedules import SETTINGS, SIZES, training_data

import fastnn
from fastnn.schedules import Halving
from fastnn.sweeps import comparison
from fastnn.sweeps.comparison import LEVEL, confidence_sequence

SIMULATIONS, MOST = 2000, 60


def compared(**settings):
    return fastnn.compare(
        SIZES,
        training_data(),
        **{
            **{
                "evaluation_data": labelled(training_data()),
                "a": {"eta": 0.5},
                "b": {"eta": 0.0001},
            },
            **{**SETTINGS, "epochs": 10, "eta": None},
            **settings,
        },
    )


def test_ways_whose_schedules_differ_in_type_only_are_compared():
    class Own(Halving):
        pass

    sides = {"a": {"schedule": Halving(3)}, "b": {"schedule": Own(3)}}
    assert compared(**sides, eta=0.5, most_seeds=5).seeds == 5


@pytest.mark.parametrize(
    "settings", [{"epochs": 0}, {"a": {"epochs": 0}, "b": {"epochs": 2}, "eta": 0.5}], ids=str
)
def test_without_an_epoch_there_is_nothing_to_compare(trained, settings):
    assert_refused(lambda: compared(**settings), ValueError, "epochs must be at least 1", "got 0")
    assert not trained


def test_the_better_way_is_found_whichever_it_is():
    found = compared()
    assert found.verdict == "a is better"
    assert 0 < found.gain.low < found.gain.mean < found.gain.high
    assert len(found.a) == len(found.b) == found.seeds
    gains = [a.final_accuracy - b.final_accuracy for a, b in zip(found.a, found.b, strict=True)]
    assert found.gain == confidence_sequence(gains, step=1 / found.examples)
    assert [row.seed for row in found.a] == list(range(found.seeds))
    turned = compared(a={"eta": 0.0001}, b={"eta": 0.5})
    assert (turned.verdict, turned.seeds) == ("b is better", found.seeds)
    assert turned.gain.mean == pytest.approx(-found.gain.mean)


def test_networks_are_those_that_sgd_trains():
    found = compared()
    _, history = alone(0, epochs=10, eta=0.5, monitor_training_accuracy=True)
    assert found.a[0].history.evaluation_accuracy == history.training_accuracy


def test_two_ways_that_are_the_same_show_no_difference():
    found = compared(a={"eta": 0.5}, b={"eta": 0.5, "l1": 1e-12}, smallest=0.01)
    assert found.verdict == "no difference"


def test_it_ends_undecided_where_it_was_told_to():
    found = compared(b={"eta": 0.45}, smallest=1e-9, most_seeds=6)
    assert (found.verdict, found.seeds) == ("undecided", 6)


def simulated(draw, every=1, step=0.0):
    """Return how often an interval, looked at now and then, ever leaves the true mean out."""
    rng = np.random.default_rng(1)
    gains = np.array([draw(rng, MOST) for _ in range(SIMULATIONS)])
    outside = np.zeros(SIMULATIONS, bool)
    for n in range(5, MOST + 1, every):
        means, halves = comparison.means_and_halves(gains[:, :n], LEVEL, step)
        outside |= np.abs(means) > halves
    return outside.mean()


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng, n: rng.normal(0, 0.01, n),
        # Networks of 97 % on 10,000 images: counts, and seeds that differ.
        lambda rng, n: np.subtract(*rng.binomial(10_000, rng.beta(970, 30, (2, n)))) / 10_000,
        # And on 100 images, where differences are often 0.
        lambda rng, n: np.subtract(*rng.binomial(100, 0.95, (2, n))) / 100,
    ],
    ids=["normal", "10,000 images", "100 images"],
)
def test_looking_after_every_seed_finds_nothing_where_nothing_is(draw):
    assert 0 < simulated(draw) <= LEVEL


def networks_of_which_some_fail(rng, n):
    return rng.normal(0.9, 0.01, (2, n)) - 0.8 * (rng.random((2, n)) < 0.1)


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng, n: rng.choice([-0.05, 0.05], n),
        lambda rng, n: rng.choice([-0.05, 0.0, 0.05], n),
        lambda rng, n: rng.standard_t(3, n),
        lambda rng, n: np.subtract(*rng.exponential(1, (2, n))),
        lambda rng, n: np.subtract(*networks_of_which_some_fail(rng, n)),
    ],
    ids=["two values", "three values", "heavy tails", "skewed networks", "failing networks"],
)
def test_looking_as_compare_does_finds_nothing_between_two_ways_that_are_alike(draw):
    assert 0 < simulated(draw, every=comparison._ROUND) <= LEVEL


@pytest.mark.parametrize("chance", [0.1, 0.3])
def test_counts_that_seldom_differ_are_not_taken_for_the_same(chance):
    """An image more is right with some seeds; with most, as many are."""

    def draw(rng, n):
        return (rng.random(n) < chance) - chance

    assert simulated(draw, every=comparison._ROUND, step=1) <= LEVEL
    assert simulated(draw, every=comparison._ROUND) > LEVEL  # what `step` is for


def test_where_differences_are_skewed_it_errs_as_often_as_is_said():
    rate = simulated(lambda rng, n: rng.exponential(1, n) - 1, every=comparison._ROUND)
    assert rate == pytest.approx(0.10, abs=0.02)


def test_differences_that_are_all_the_same_are_judged_by_their_number():
    assert confidence_sequence([0.0] * 5) == (0.0, 0.0, 0.0)
    assert confidence_sequence([0.01] * 7)[1:] == (-np.inf, np.inf)
    assert confidence_sequence([0.01] * 8)[1:] == pytest.approx((0.01, 0.01))
    assert confidence_sequence([0.01] * 8, step=0.01).low < 0.01


def test_a_difference_of_a_standard_deviation_is_found_within_thirty_seeds():
    rng = np.random.default_rng(1)
    found = [confidence_sequence(rng.normal(1, 1, 30)).low > 0 for _ in range(200)]
    assert np.mean(found) > 0.9


def test_the_interval_is_where_the_bayes_factor_reaches_its_bound():
    gains = np.random.default_rng(1).normal(0.5, 1, 12)
    n, end = len(gains), confidence_sequence(gains).high
    t = (gains.mean() - end) / (gains.std(ddof=1) / np.sqrt(n))
    factor = (1 + t**2 / (n - 1)) / (1 + t**2 / ((n - 1) * (1 + n)))
    assert factor ** (n / 2) / np.sqrt(1 + n) == pytest.approx(1 / LEVEL)


def test_a_network_that_fails_is_named_by_its_side_and_its_seed():
    failing = {"eta": 0.5, "schedule": sweep_schedules.failing}
    for name, other in (("a", "b"), ("b", "a")):
        with pytest.raises(
            RuntimeError, match=f"^the network of {name} with seed 0 failed: Lookup"
        ):
            compared(**{name: failing, other: {"eta": 0.5}})


def test_without_sizes_the_error_says_so(trained):
    data = training_data()
    sides = {"a": {"eta": 0.5}, "b": {"eta": 0.1}, "evaluation_data": labelled(data)}
    assert_refused(
        lambda: fastnn.compare(None, data, **sides, epochs=1, mini_batch_size=5),
        ValueError,
        "sizes must be given",
    )
    assert not trained


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"a": [1]}, TypeError, ["a must be a dict", "[1]"]),
        ({"b": {"rate": 1}}, TypeError, ["rate is no setting"]),
        (
            {"b": {"eta": np.float64(0.5)}},
            ValueError,
            ["a and b must differ", "{'eta': 0.5} and {'eta': 0.5}"],
        ),
        ({"b": {}, "eta": 0.5}, ValueError, ["a and b must differ", "{'eta': 0.5} and {}"]),
        (
            {"b": {"eta": 0.5, "l1": 0}},
            ValueError,
            ["a and b must differ", "{'eta': 0.5, 'l1': 0}"],
        ),
        ({"b": {}}, ValueError, ["b must have eta, which no other argument gives"]),
        (
            {"monitor_evaluation_accuracy": False},
            ValueError,
            ["monitor_evaluation_accuracy must be True", "got False"],
        ),
        (
            {"b": {"eta": 0.1, "monitor_evaluation_accuracy": 0}},
            ValueError,
            ["monitor_evaluation_accuracy must be True", "got 0"],
        ),
        ({"smallest": 0}, ValueError, ["smallest", "above 0"]),
        ({"most_seeds": 2}, ValueError, ["most_seeds", "at least 5"]),
        ({"seeds": range(3)}, TypeError, ["seeds", "no argument of compare"]),
        ({"evaluation_data": []}, ValueError, ["evaluation_data"]),
    ],
    ids=str,
)
def test_wrong_arguments_are_refused(trained, settings, error, words):
    assert_refused(lambda: compared(**settings), error, *words)
    assert not trained
