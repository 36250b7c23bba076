"""`fastnn sweep`: a table of means, and a file that lets it go on."""

import re

import pytest
from small_program import tiny_mnist
from table_files import iris, write

import fastnn
from fastnn.sweeps import Row, Sweep, SweepInterrupted
from fastnn.training.options import OPTIONS, SWEPT

pytestmark = pytest.mark.usefixtures("_tiny_mnist")

SMALL = ("--sizes", "20,4,3", "--seeds", 3, "--epochs", 2)
SETTINGS = {"epochs": 2, "mini_batch_size": 10, "progress": False}


def wanted(eta):
    training, evaluation, _ = tiny_mnist()
    rows = fastnn.train_many(
        [20, 4, 3], training, seeds=range(3), evaluation_data=evaluation, eta=eta, lmbda=5.0,
        **SETTINGS,
    )  # fmt: skip
    return [f"{figure:.2%}" for figure in rows.summary()[0].final_accuracy]


def test_sweep_prints_a_line_for_each_combination(fastnn_program):
    status, out, err = fastnn_program("sweep", *SMALL, "--eta", 0.1, 2.0, "--quiet")
    assert (status, err) == (0, [])
    assert out[0].split("  ")[0] == "sizes"
    for line, eta in zip(out[1:], (0.1, 2.0), strict=True):
        mean, low, high = wanted(eta)
        assert line.split()[:5] == ["20,4,3", "10", f"{eta:g}", "5", "3"]
        assert f"  {mean} ({low} to {high})  " in line


def test_progress_is_on_stderr(fastnn_program):
    _, quiet, _ = fastnn_program("sweep", *SMALL, "--quiet")
    status, out, err = fastnn_program("sweep", *SMALL)
    assert (status, out) == (0, quiet)
    assert [line.split(":")[0] for line in err] == [f"network {i}/3" for i in (1, 2, 3)]


@pytest.mark.parametrize(
    "words",
    [("sweep", "--seeds", 1), ("compare", "--a", "eta=1", "--b", "eta=2", "--most-seeds", 5)],
    ids=lambda words: words[0],
)
def test_what_a_table_holds_is_told_on_stderr_and_its_warnings_always(
    fastnn_program, tmp_path, words
):
    lines = [f"7,{line}" for line in iris(header=False)]
    words = (*words, "--data", write(tmp_path / "t.csv", lines), "--epochs", 1)
    _, _, told = fastnn_program(*words)
    assert told[0].startswith("150 examples, 5 inputs")
    assert any(line.startswith("Note: numbers are standardised") for line in told)
    _, _, told = fastnn_program(*words, "--quiet")
    assert told[1:] == ["Warning: 1 input never changes: column 1"]


def test_sweep_goes_on_with_its_file(fastnn_program, tmp_path):
    options = (*SMALL, "--results", tmp_path / "sweep.jsonl")
    _, first, _ = fastnn_program("sweep", *options)
    status, second, err = fastnn_program("sweep", *options)
    assert (status, second, err) == (0, first, [])
    status, _, err = fastnn_program("sweep", *options, "--momentum", 0.5)
    assert status == 1
    assert "not of this sweep" in err[-1]


@pytest.mark.parametrize("threads", [[], ["--threads", 1]])
def test_one_network_has_no_interval(fastnn_program, threads):
    _, out, err = fastnn_program("sweep", *SMALL[:2], "--seeds", 1, "--epochs", 1, *threads)
    assert len(out) == 2
    assert "(" not in out[1]
    assert err[-1] == "one seed shows no spread: more --seeds give intervals"


def test_failures_are_counted_in_the_table_and_after_it(fastnn_program, monkeypatch):
    settings = {"sizes": [20, 3], "mini_batch_size": 1, "eta": 1.0, "lmbda": 0.0}
    rows = Sweep([Row(settings, 0, error="MemoryError: no room")])
    monkeypatch.setattr(fastnn, "train_many", lambda *arguments, **options: rows)
    status, out, err = fastnn_program("sweep", *SMALL)
    assert (status, len(out)) == (1, 2)
    assert re.split(" {2,}", out[1])[4] == "0, 1 failed"
    assert err == ["fastnn: 1 of 1 networks failed; the first: MemoryError: no room"]


def test_after_ctrl_c_the_table_has_what_was_done(fastnn_program, monkeypatch):
    train_many = fastnn.train_many

    def interrupted(*arguments, **options):
        raise SweepInterrupted(train_many(*arguments, **options)[:2], 3)

    monkeypatch.setattr(fastnn, "train_many", interrupted)
    status, out, err = fastnn_program("sweep", *SMALL, "--quiet")
    assert (status, err) == (130, ["fastnn: interrupted"])
    assert out[1].split()[4] == "2"


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (["--seeds", 0], 1, "--seeds must be an integer of at least 1"),
        (["--sizes", "20,3", "19,3"], 1, "training_data must have 19 inputs"),
        (["--sizes", "20"], 2, "expected two or more positive integers"),
        (["--threads", 0], 1, "--threads must be an integer of at least 1"),
        (["--test-data", "x.npz"], 2, "unrecognized arguments"),
    ],
)
def test_wrong_options_are_refused(fastnn_program, options, status, words):
    got, out, err = fastnn_program("sweep", *SMALL, *options)
    assert (got, out) == (status, [])
    assert words in " ".join(err)


def test_the_table_can_be_drawn(fastnn_program, tmp_path):
    pytest.importorskip("matplotlib")
    for name, start in (("out.svg", b"<?xml"), ("out.png", b"\x89PNG")):
        options = ("--eta", 0.1, 2.0, "--quiet", "--plot", tmp_path / name)
        status, out, err = fastnn_program("sweep", *SMALL, *options)
        assert (status, len(out), err) == (0, 3, [])
        assert (tmp_path / name).read_bytes().startswith(start)


def test_the_table_says_what_differs_from_the_best_by_more_than_chance(fastnn_program):
    options = ("--seeds", 8, "--epochs", 10, "--eta", 0.0001, 0.5, "--lmbda", 0, "--quiet")
    _, out, _ = fastnn_program("sweep", "--sizes", "20,8,3", *options)
    assert out[0].endswith("from the best")
    assert "p = " in out[1].split("  ")[-1]
    assert out[2].endswith("  -")


def test_very_small_chances_are_not_printed_as_none(fastnn_program, monkeypatch):
    rows = Sweep(
        Row({"eta": eta}, seed, final_accuracy=mean + seed / 10**5 + eta * seed**2 / 10**6)
        for eta, mean in ((0.1, 0.5), (0.2, 0.9))
        for seed in range(20)
    )
    monkeypatch.setattr(fastnn, "train_many", lambda *arguments, **options: rows)
    _, out, _ = fastnn_program("sweep", *SMALL)
    assert out[1].endswith("p < 1e-06")


VARIED = {
    "--activation relu tanh": ("activation", ["relu", "tanh"]),
    "--sizes 20,4,4,3 --activation relu,tanh sigmoid": ("activation", ["relu,tanh", "sigmoid"]),
    "--cost quadratic cross-entropy": ("cost", ["quadratic", "cross-entropy"]),
    "--cost quadratic --output identity sigmoid": ("output", ["identity", "sigmoid"]),
    "--initializer he glorot": ("initializer", ["he", "glorot"]),
    "--dtype float64 float32": ("dtype", ["float64", "float32"]),
    "--momentum 0 0.5": ("momentum", ["0", "0.5"]),
    "--momentum 0.5 --nesterov yes no": ("nesterov", ["yes", "no"]),
    "--no-shuffle yes no": ("shuffle", ["no", "yes"]),
    "--optimizer sgd adam": ("optimizer", ["sgd", "adam"]),
    "--l1 0 0.5": ("l1", ["0", "0.5"]),
    "--dropout 0 0.5": ("dropout", ["0", "0.5"]),
    "--frozen-layers 0 1": ("frozen-layers", ["0", "1"]),
    "--halve-after 1 5": ("schedule", ["1", "5"]),
    "--early-stopping 1 5": ("early-stopping", ["1", "5"]),
    "--epochs 1 2": ("epochs", ["1", "2"]),
    "--on-divergence raise continue": ("on-divergence", ["raise", "continue"]),
}


@pytest.mark.parametrize("options", VARIED)
def test_every_option_may_have_several_values(fastnn_program, options):
    head, values = VARIED[options]
    words = ("--sizes", "20,4,3", "--seeds", 1, "--epochs", 1, "--quiet", *options.split())
    status, out, err = fastnn_program("sweep", *words)
    assert (status, err) == (0, [])
    column = re.split("  +", out[0]).index(head)
    assert [re.split("  +", line)[column] for line in out[1:]] == values


def test_every_option_of_training_is_among_those_that_are_varied():
    flags = {flag.name for name in SWEPT for flag in OPTIONS[name].flags if flag.name}
    flags |= {
        f"--{name.replace('_', '-')}"
        for name in SWEPT
        if any(flag.name is None for flag in OPTIONS[name].flags)
    }
    tried = {word for options in VARIED for word in options.split() if word.startswith("--")}
    assert flags - tried == {"--mini-batch-size", "--eta", "--lmbda"}  # always in the table


def test_a_switch_alone_is_on_for_all_networks(fastnn_program, monkeypatch):
    seen = {}

    def train_many(*arguments, **options):
        seen.update(options)
        return Sweep([])

    monkeypatch.setattr(fastnn, "train_many", train_many)
    assert fastnn_program("sweep", *SMALL, "--momentum", 0.5, "--nesterov")[0] == 0
    assert (seen["momentum"], seen["nesterov"]) == (0.5, True)
    assert seen["grid"].keys() == {"sizes", "mini_batch_size", "eta", "lmbda"}


def test_progress_leaves_out_what_does_not_vary(fastnn_program):
    _, _, err = fastnn_program("sweep", *SMALL[:2], "--seeds", 1, "--epochs", 1, "--eta", 0.1, 0.5)
    lines = [line for line in err if line.startswith("network")]
    assert sorted(line.split(": ")[1] for line in lines) == ["eta=0.1, seed 0", "eta=0.5, seed 0"]


@pytest.mark.parametrize("columns", [40, 80])
def test_a_wide_table_folds_at_the_width_of_a_terminal(fastnn_program, monkeypatch, columns):
    options = ("--activation", "relu", "tanh", "--seeds", 2, "--epochs", 1, "--quiet")
    _, whole, _ = fastnn_program("sweep", *SMALL[:2], *options)
    assert max(map(len, whole)) > 80
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    _, folded, _ = fastnn_program("sweep", *SMALL[:2], *options)
    assert max(map(len, folded)) <= columns
    begins = [line for line in folded if not line.startswith("    ")]
    assert [line.split()[0] for line in begins] == ["sizes", "20,4,3", "20,4,3"]
    assert " ".join(folded).split() == " ".join(whole).split()
