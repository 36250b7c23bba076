"""What a network is trained on: own files, a part held out, columns of labels; final tests."""

import re

import numpy as np
import pytest
from builders import assert_same_bits, seed_generators
from example_files import SPECIES, animals, save_csv, save_idx
from small_program import assert_one_line_of_error
from table_files import houses, write

import fastnn
from fastnn.own_data import read_examples
from fastnn.scaling import Scaling

QUICK = ["--epochs", "3", "--seed", "1", "--quiet"]


def test_train_holds_out_a_fifth_and_counts_it_after_every_epoch(fastnn_program, table):
    status, out, err = fastnn_program("train", "--data", table, "--epochs", 2, "--seed", 1)
    assert (status, err) == (0, [])
    assert out[0] == "60 examples, 4 inputs (4 numbers), 3 classes: cat, dog, horse"
    assert out[2] == "Note: lmbda = 0.0048 (default: 5 for each 50,000 examples)"
    assert out[3] == "Epoch 0 training complete"
    assert re.fullmatch(r"Accuracy on evaluation data: \d+ / 12", out[4])
    assert re.match(r"Accuracy on validation data: \d", out[-8])
    assert re.fullmatch(r"Always (cat|dog|horse) would be 4 / 12 \(33.33%\)", out[-7])


def test_the_end_of_training_says_how_each_class_fares(fastnn_program, table, tmp_path):
    net, report = tmp_path / "net.npz", tmp_path / "report.txt"
    words = ["train", "--data", table, "--epochs", 2, "--seed", 1, "--held-out", 0.5]
    status, out, _ = fastnn_program(*words, "--save", net)
    assert status == 0
    head, *classes, hint, _ = out[-6:]
    assert head.split() == ["class", "examples", "precision", "recall", "F1"]
    assert [line.split()[:2] for line in classes] == [["cat", "10"], ["dog", "10"], ["horse", "10"]]
    assert hint == "The confusion matrix: fastnn evaluate --report"
    assert fastnn_program("evaluate", net, table, "--report", report)[0] == 0
    assert head in report.read_text().splitlines()
    assert len(fastnn_program(*words, "--quiet")[1]) == 3


def test_the_choice_of_lmbda_is_said_only_where_there_is_one(fastnn_program, table):
    for options in (["--lmbda", 3], ["--quiet"]):
        status, out, err = fastnn_program("train", "--data", table, "--epochs", 1, *options)
        assert (status, err) == (0, [])
        assert not any("lmbda" in line for line in out)


def test_a_sweep_of_own_data_has_the_lmbda_of_train(fastnn_program, table):
    options = ("--data", table, "--standardise", "--epochs", 1, "--seeds", 1, "--quiet")
    _, out, _ = fastnn_program("sweep", *options)
    head, line = (re.split("  +", text) for text in out)
    assert line[head.index("lmbda")] == "0.0048"


def test_a_comparison_on_own_data_has_the_lmbda_of_train(fastnn_program, table, monkeypatch):
    seen = {}

    def compare(*arguments, **options):
        seen.update(options)
        raise ValueError("enough")

    monkeypatch.setattr(fastnn, "compare", compare)
    sides = ("--a", "eta=0.5", "--b", "eta=0.1")
    _, out, _ = fastnn_program("compare", "--data", table, *sides)
    assert seen["lmbda"] == 5.0 * 48 / 50_000
    assert out == ["lmbda = 0.0048 (default: 5 for each 50,000 examples)"]


def test_train_does_what_a_script_does(fastnn_program, table, trained):
    examples = read_examples(table)
    training, _ = examples.split(0.2, seed=1, stratified=True)
    scaling = Scaling.of(training.inputs)
    seed_generators(1)
    net = fastnn.Network([4, 30, 3])
    net.SGD(training.dataset(scaling), 30, 10, 0.5, lmbda=5.0 * 48 / 50_000, verbose=False)
    saved = fastnn.load(trained)
    assert_same_bits(saved, net)
    assert saved.labels == SPECIES
    assert np.array_equal(saved.scaling.mean, scaling.mean)
    assert np.array_equal(saved.scaling.deviation, scaling.deviation)


@pytest.mark.parametrize("held_out", [0, 0.5])
def test_the_part_held_out_can_be_chosen(fastnn_program, table, held_out):
    _, out, _ = fastnn_program("train", "--data", table, "--epochs", 1, "--held-out", held_out)
    assert ("Accuracy on evaluation data:" in " ".join(out)) == bool(held_out)
    assert bool(re.search(r"/ 30\b", " ".join(out))) == bool(held_out)


def test_test_data_are_counted_at_the_end_and_unknown_labels_are_wrong(
    fastnn_program, table, tmp_path
):
    rows, labels = animals()
    labels[:6] = "cow"
    test = save_csv(tmp_path / "test.csv", rows, labels)
    options = ["--epochs", 30, "--eta", 0.5, "--seed", 1, "--quiet", "--standardise"]
    status, out, err = fastnn_program("train", "--data", table, "--test-data", test, *options)
    assert status == 0
    assert err[-1] == "Warning: the test data have classes that the training data lack: 'cow'"
    assert out[2:5] == [
        "Accuracy on test data: 54 / 60 (90.00%)",
        "Always cat would be 18 / 60 (30.00%)",
        "6 rows have labels that the network does not know: 'cow' (6 rows)",
    ]


def test_test_data_that_are_trained_on_are_warned_of(fastnn_program, table, tmp_path):
    words = ["train", "--data", table, "--epochs", 0, "--test-data"]
    same = f"{tmp_path}/../{tmp_path.name}/{table.name}"
    status, _, err = fastnn_program(*words, same)
    told = f"Warning: {same} is trained on, so that it tells nothing of new examples"
    assert (status, told in err) == (0, True)
    (tmp_path / "copy.csv").write_bytes(table.read_bytes())
    assert fastnn_program(*words, tmp_path / "copy.csv")[2] == []


def test_the_test_part_of_the_file_trained_on_is_no_reason_to_warn(fastnn_program, tmp_path):
    rows, labels = animals()
    path = tmp_path / "t.npz"
    np.savez(path, x_train=rows, y_train=labels, x_test=rows[:9], y_test=labels[:9])
    words = ["train", "--data", path, "--test-data", path, "--standardise", "--epochs", 0]
    assert fastnn_program(*words)[2] == []


def test_standard_input_cannot_be_both_parts(fastnn_program):
    result = fastnn_program("train", "--data", "-", "--test-data", "-")
    assert_one_line_of_error(result, "--test-data must be another file", "got - for both")


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gz"])
def test_images_and_labels_in_idx_files_are_trained_on(fastnn_program, tmp_path, zipped):
    rng = np.random.default_rng(1)
    images = save_idx(tmp_path / "images", rng.integers(0, 256, (40, 3, 3)), zipped)
    labels = save_idx(tmp_path / "labels", rng.integers(0, 2, 40), zipped)
    path = tmp_path / "net.json"
    result = fastnn_program("train", "--data", images, labels, *QUICK, "--save", path)
    assert (result[0], result[2]) == (0, [])
    assert fastnn.load(path).sizes == [9, 30, 2]
    status, out, _ = fastnn_program("evaluate", path, images, labels)
    assert status == 0
    assert re.fullmatch(r"Accuracy on .*images: \d+ / 40 \(.*%\)", out[0])


def test_the_column_of_labels_can_be_named(fastnn_program, tmp_path):
    table = save_csv(tmp_path / "t.csv", *animals(), ["species", "a", "b", "c", "d"], place=0)
    path = tmp_path / "net.npz"
    options = ["--label-column", "species", *QUICK, "--save", path]
    assert fastnn_program("train", "--data", table, *options)[0] == 0
    assert fastnn.load(path).labels == SPECIES
    status, _, err = fastnn_program("predict", path, table, "--label-column", "0")
    assert (status, len(err)) == (0, 1)


@pytest.fixture
def codes(tmp_path):
    """A table whose last column has 40 different whole numbers: codes, or what is measured."""
    return write(tmp_path / "codes.csv", ["x,code", *(f"{at % 7},{at % 40}" for at in range(200))])


ASKING = ["--class-weight balanced", "--output softmax --cost log-likelihood", "--output sigmoid",
          "--cost cross-entropy", "--sizes 1,5,40"]  # fmt: skip


@pytest.mark.parametrize("asked", ASKING)
def test_whole_numbers_are_classes_where_an_option_only_goes_with_classes(
    fastnn_program, codes, asked
):
    train = ["train", "--data", codes, "--epochs", 0]
    _, out, err = fastnn_program(*train)
    assert any("targets from 0 to 39" in line for line in out + err)
    status, _, err = fastnn_program(*train, *asked.split())
    assert (status, "40 classes: 0, 1" in err[0]) == (0, True)


@pytest.mark.parametrize(
    ("command", "function"),
    [
        (["sweep", "--seeds", "1"], "train_many"),
        (["compare", "--a", "eta=1", "--b", "eta=2"], "compare"),
    ],
)
def test_whole_numbers_are_classes_where_networks_are_compared(
    fastnn_program, codes, command, function, monkeypatch
):
    def train(sizes, *_, **__):
        raise ValueError(f"{sizes[-1]} outputs")

    monkeypatch.setattr(fastnn, function, train)
    _, _, err = fastnn_program(*command, "--data", codes, "--epochs", 0)
    assert "40 classes: 0, 1" in err[0]
    assert err[-1] == "fastnn: 40 outputs"


@pytest.mark.parametrize("label", ["{}", "id{}"])
@pytest.mark.parametrize("command", [["sweep"], ["compare", "--a", "eta=1", "--b", "eta=2"]])
def test_labels_that_differ_in_each_row_are_nothing_to_compare_networks_by(
    fastnn_program, tmp_path, command, label
):
    lines = ["x,price", *(f"{at % 7},{label.format(17 * at)}" for at in range(60))]
    result = fastnn_program(*command, "--data", write(tmp_path / "t.csv", lines))
    words = "each of the 60 labels is a class of its own", "fastnn train --task regression"
    assert_one_line_of_error(result, *words)


def test_a_sweep_says_that_it_does_not_use_test_data(fastnn_program, tmp_path):
    rows, labels = animals()
    path = tmp_path / "t.npz"
    np.savez(path, x_train=rows, y_train=labels, x_test=rows[:9], y_test=labels[:9])
    words = ["sweep", "--data", path, "--standardise", "--seeds", 1, "--epochs", 0]
    told = "Note: the test data are not used: the part held out compares networks"
    assert told in fastnn_program(*words)[2]


REFUSED_NUMBERS = {
    "train --class-weight balanced": "--class-weight is for classes",
    "train --output softmax": "--output must be identity for a regression, got softmax",
    "train --cost poisson": "--cost must be quadratic for a regression, got poisson",
    "sweep": "compared by their accuracy: labels must be classes",
    "compare --a eta=1 --b eta=2": "compared by their accuracy: labels must be classes",
}


@pytest.mark.parametrize("words", REFUSED_NUMBERS)
def test_a_regression_that_nobody_asked_for_is_told_before_it_is_refused(
    fastnn_program, tmp_path, words
):
    table = write(tmp_path / "houses.csv", houses(60))
    status, out, err = fastnn_program(*words.split(), "--data", table)
    assert status == 1
    assert any("have fractions: --task regression is taken" in line for line in out + err)
    assert REFUSED_NUMBERS[words] in err[-1]
    assert err[-1].endswith("; --task classification makes each label a class")


WRONG_OPTIONS = {
    "sizes of other data": (["--sizes", "4,5,2"], "--sizes", "4", "3", "got 4,5,2"),
    "a fraction of all": (["--held-out", "1"], "--held-out", "below 1", "1.0"),
    "a fraction of nothing": (["--held-out", "nan"], "--held-out", "finite", "nan"),
    "no such column": (["--label-column", "colour"], "animals.csv", "'colour'", "height"),
    "no file": (["--test-data", "nowhere.csv"], "nowhere.csv"),
    "json for labels": (["--save", "net.json"], "net.json", "labels", ".npz"),
    "json for scaling": (["--standardise", "--save", "net.json"], "labels and scaling", ".npz"),
}


@pytest.mark.parametrize("wrong", WRONG_OPTIONS)
def test_what_cannot_be_done_is_one_line_of_error_before_training(
    fastnn_program, table, tmp_path, monkeypatch, wrong
):
    options, *words = WRONG_OPTIONS[wrong]
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert_one_line_of_error(fastnn_program("train", "--data", table, *options), *words)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "option",
    [["--held-out", "0.1"], ["--standardise"], ["--test-data", "t"], ["--label-column", "1"]],
    ids=lambda option: option[0],
)
def test_options_for_own_data_need_some(fastnn_program, option):
    assert_one_line_of_error(fastnn_program("train", *option), option[0], "needs --data")


def test_data_without_labels_cannot_be_trained_on(fastnn_program, tmp_path):
    images = save_idx(tmp_path / "images", np.ones((3, 2, 2)))
    assert_one_line_of_error(fastnn_program("train", "--data", images), "labels", "images")


def test_nothing_is_standardised_where_a_table_has_no_numbers(fastnn_program, tmp_path):
    lines = ["colour,kind,label", *["red,a,x", "blue,b,y"] * 20]
    path = write(tmp_path / "t.csv", lines)
    _, out, err = fastnn_program("train", "--data", path, "--epochs", 1)
    assert "2 inputs (2 categories)" in err[0]
    assert not [line for line in out + err if "standardised" in line]
