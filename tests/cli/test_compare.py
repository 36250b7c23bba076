"""`fastnn compare`: a verdict with its interval, and a picture of both clouds of curves."""

import numpy as np
import pytest
from small_program import tiny_mnist

import fastnn
from fastnn.common.intervals import Interval
from fastnn.sweeps import Comparison, Row, Sweep

pytestmark = pytest.mark.usefixtures("_tiny_mnist")

MORE = "seeds of each: a larger --most-seeds or --smallest may decide it"
SMALL = ("--epochs", 10, "--mini-batch-size", 5, "--quiet")


def test_compare_says_which_is_better_and_by_how_much(fastnn_program, tmp_path):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "out.svg"
    sides = ("--a", "sizes=20,8,3 eta=0.5", "--b", "sizes=20,8,3 eta=0.0001", "--lmbda", 0)
    status, out, err = fastnn_program("compare", *sides, *SMALL, "--plot", picture)
    assert (status, err) == (0, [])
    training, evaluation, _ = tiny_mnist()
    wanted = fastnn.compare(
        None,
        training,
        a={"sizes": [20, 8, 3], "eta": 0.5},
        b={"sizes": [20, 8, 3], "eta": 0.0001},
        evaluation_data=evaluation,
        epochs=10,
        mini_batch_size=5,
        progress=False,
    )
    assert out[0] == f"a is better after {wanted.seeds} seeds of each"
    mean, low, high = (100 * end for end in wanted.gain)
    assert (
        f"better by {mean:.2f} percentage points, 95 % interval {low:.2f} to {high:.2f}" in out[1]
    )
    assert [line.split(":")[0] for line in out[2:]] == ["a", "b"]
    assert picture.read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("found", "lines"),
    [
        (
            ("undecided", (0.002, -0.001, 0.005), 200),
            [
                f"undecided after 200 {MORE}",
                "on average, a was better by 0.20 percentage points, 95 % interval -0.10 to 0.50",
            ],
        ),
        (
            ("no difference", (-0.0002, -0.0009, 0.0005), 9),
            [
                "no difference of 0.1 percentage points or more after 9 seeds of each",
                "on average, b was better by 0.02 percentage points, 95 % interval -0.05 to 0.09",
            ],
        ),
        (
            ("undecided", (0.01, -np.inf, np.inf), 5),
            [
                f"undecided after 5 {MORE}",
                "on average, a was better by 1.00 percentage points, no interval yet",
            ],
        ),
    ],
    ids=["undecided", "no difference", "no interval"],
)
def test_every_verdict_is_a_plain_sentence(fastnn_program, monkeypatch, found, lines):
    verdict, gain, seeds = found
    rows = Sweep(Row({}, seed, final_accuracy=0.9) for seed in range(seeds))
    compared = Comparison(verdict, Interval(*gain), seeds, rows, rows, 100)
    monkeypatch.setattr(fastnn, "compare", lambda *arguments, **options: compared)
    status, out, _ = fastnn_program("compare", "--a", "eta=0.5", "--b", "eta=0.1", *SMALL)
    assert (status, out[:2]) == (0, lines)


def test_it_ends_after_the_most_seeds(fastnn_program):
    sides = ("--a", "sizes=20,8,3 eta=0.5", "--b", "sizes=20,8,3 eta=0.45")
    limits = ("--smallest", 1e-7, "--most-seeds", 6)
    status, out, _ = fastnn_program("compare", *sides, *limits, *SMALL)
    assert status == 0
    assert out[0] == f"undecided after 6 {MORE}"


@pytest.mark.parametrize(
    "side",
    ["cost=quadratic", "activation=relu", "frozen-layers=0", "halve-after=5", "early-stopping=2"],
)
def test_a_side_takes_what_the_options_take(fastnn_program, side):
    sides = ("--a", f"sizes=20,8,3 {side}", "--b", "sizes=20,8,3")
    status, out, err = fastnn_program("compare", *sides, "--most-seeds", 5, *SMALL)
    assert (status, err) == (0, [])
    assert " after 5 seeds of each" in out[0]


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (("--a", "eta=0.5"), 2, "--b"),
        (("--a", "eta", "--b", "eta=1"), 2, "expected settings such as"),
        (("--a", "eta=1 eta=2", "--b", "eta=1"), 2, "expected each setting once"),
        (("--a", "eta=1", "--b", "eta=1.0"), 1, "a and b must differ"),
        (("--a", "rate=1", "--b", "eta=1"), 2, "rate is no setting"),
        (("--a", "eta=1", "--b", "eta=2", "--most-seeds", 2), 1, "fastnn: --most-seeds must be"),
        (("--a", "eta=x", "--b", "eta=1"), 2, "argument --a: eta: expected a number"),
        (("--a", "eta=2", "--b", "eta=1", "--plot", "x.pdf"), 2, ".svg or .png"),
    ],
)
def test_wrong_options_are_refused(fastnn_program, options, status, words):
    got, out, err = fastnn_program("compare", *options, *SMALL)
    assert (got, out) == (status, [])
    assert words in " ".join(err)
