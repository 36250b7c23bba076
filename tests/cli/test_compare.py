"""`fastnn compare`: a verdict with its interval, and a picture of both clouds of curves."""

import pytest
from builders import digits

import fastnn
from fastnn import mnist_loader
from fastnn.cli.compare import settings_option


def small_mnist():
    data = fastnn.Dataset.from_pairs(digits(100, 20, 3, seed=1))
    return data[:60], data[60:], data[60:]


SMALL = ("--epochs", 10, "--mini-batch-size", 5, "--quiet")


@pytest.fixture(autouse=True)
def _small_mnist(monkeypatch):
    monkeypatch.setattr(mnist_loader, "load_data_wrapper", small_mnist)


def test_compare_says_which_is_better_and_by_how_much(fastnn_program, tmp_path):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "out.svg"
    sides = ("--a", "sizes=20,8,3 eta=0.5", "--b", "sizes=20,8,3 eta=0.0001", "--lmbda", 0)
    status, out, err = fastnn_program("compare", *sides, *SMALL, "--plot", picture)
    assert (status, err) == (0, [])
    training, evaluation, _ = small_mnist()
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
    assert out[1] == (
        f"a has {mean:.2f} percentage points more, 95 % interval {low:.2f} to {high:.2f}"
    )
    assert [line.split(":")[0] for line in out[2:]] == ["a", "b"]
    assert picture.read_bytes().startswith(b"<?xml")


def test_compare_counts_from_the_better_side(fastnn_program):
    lines = {}
    for a, b in ((0.5, 0.0001), (0.0001, 0.5)):
        sides = ("--a", f"sizes=20,8,3 eta={a}", "--b", f"sizes=20,8,3 eta={b}", "--lmbda", 0)
        _, out, _ = fastnn_program("compare", *sides, *SMALL)
        lines[a] = out[:2]
    assert lines[0.0001] == ["b" + line[1:] for line in lines[0.5]]


def test_settings_are_numbers_lists_and_names():
    assert settings_option("eta=0.5 sizes=784,30,10 activation=tanh early-stopping-n=None") == {
        "eta": 0.5,
        "sizes": [784, 30, 10],
        "activation": "tanh",
        "early_stopping_n": None,
    }


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (("--a", "eta=0.5"), 2, "--b"),
        (("--a", "eta", "--b", "eta=1"), 2, "expected settings such as"),
        (("--a", "rate=1", "--b", "eta=1"), 1, "rate is no setting"),
        (("--a", "eta=x", "--b", "eta=1"), 1, "eta"),
        (("--a", "eta=2", "--b", "eta=1", "--plot", "x.pdf"), 2, ".svg or .png"),
    ],
)
def test_wrong_options_are_refused(fastnn_program, options, status, words):
    got, out, err = fastnn_program("compare", *options, *SMALL)
    assert (got, out) == (status, [])
    assert words in " ".join(err)
