"""What is to be learnt from labels: how many there are, and which of them are missing."""

import numpy as np
import pytest
from refusals import assert_refused
from table_files import write
from table_networks import network_of, seen_by

from fastnn.datasets.files.array_files import StoredExamples
from fastnn.datasets.opening import examples_of_arrays
from fastnn.own_data import evaluate, read_examples, read_labelled_table


def targets(words, seed=1, n=60):
    """Lines of a regression, a tenth of whose targets are words in place of numbers."""
    rng = np.random.default_rng(seed)
    cells = [f"{value:.2f}" for value in rng.uniform(0, 9, n)]
    for at in range(0, n, 10):
        cells[at] = words[at // 10 % len(words)]
    return ["x,target", *(f"{at % 7},{cell}" for at, cell in enumerate(cells))]


MISSING = ["-", "n.a.", "None"]


@pytest.mark.parametrize("task", [None, "regression"])
def test_words_for_missing_targets_are_those_of_numbers(tmp_path, task):
    path = write(tmp_path / "t.csv", targets(MISSING))
    read = read_labelled_table(path, task=task, drop_missing=True)
    assert (read.targets.task, len(read.table), read.table.dropped) == ("regression", 54, 6)
    assert_refused(
        lambda: read_labelled_table(path, task=task),
        ValueError, "6 labels are missing, in line 2 ('-'), line 12 ('n.a.')",
    )  # fmt: skip


def test_what_to_do_is_said_where_a_word_for_missing_cells_may_be_a_class(tmp_path):
    lines = ["x,country", *(f"{at},{['DE', 'NA', '-'][at % 3]}" for at in range(30))]
    path = write(tmp_path / "t.csv", lines)
    words = "drop_missing=True", "; rename 'NA' if it is a class"
    assert_refused(lambda: read_labelled_table(path), ValueError, *words)
    path = write(tmp_path / "t.csv", [line.replace("NA", "") for line in lines])
    with pytest.raises(ValueError, match=r"leaves such rows out$"):
        read_labelled_table(path)
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": range(60), "label": ["a", None, "b"] * 20})
    with pytest.raises(ValueError, match=r"leaves such rows out$"):  # nothing was written
        read_labelled_table(frame)


def test_later_targets_are_missing_where_those_of_training_would_be(tmp_path):
    path = write(tmp_path / "t.csv", targets(MISSING))
    net = network_of(path, drop_missing=True)
    assert evaluate(net, path).n == 54
    inputs, _ = seen_by(net, path)
    assert len(inputs) == 60


@pytest.mark.parametrize("task", [None, "classification"])
def test_a_word_beside_a_few_whole_numbers_is_a_class(tmp_path, task):
    lines = ["x,label", *[f"{at},{['1', '2', 'None'][at % 3]}" for at in range(30)]]
    read = read_labelled_table(write(tmp_path / "t.csv", lines), task=task)
    assert read.classes == ["1", "2", "None"]


@pytest.mark.parametrize("cells", [["1", "1.0"], ["0.5", "0.50"]])
def test_a_number_that_is_written_in_two_ways_is_one_class(tmp_path, cells):
    path = write(tmp_path / "t.csv", ["x,label", *[f"{n},{cells[n % 2]}" for n in range(20)]])
    assert_refused(
        lambda: read_labelled_table(path), ValueError, "one class is nothing to learn", "t.csv"
    )


def test_the_same_number_in_each_row_is_no_class_of_a_regression(tmp_path):
    path = write(tmp_path / "t.csv", ["x,y", *[f"{n},7.5" for n in range(20)]])
    assert_refused(
        lambda: read_labelled_table(path, task="regression"),
        ValueError, "all labels are '7.5' in column 2 (y): one number is nothing to learn",
    )  # fmt: skip


@pytest.mark.parametrize("filler", ["1e200", "-1e150", "1.7e308"])
def test_targets_whose_squares_are_not_finite_are_refused_by_line(tmp_path, filler):
    def lines(seventh):
        return ["x,y", *[f"{at % 7},{seventh if at == 7 else at * 1.5}" for at in range(60)]]

    path, later = write(tmp_path / "t.csv", lines(9.5)), write(tmp_path / "u.csv", lines(filler))
    net = network_of(path)
    known = "line 9, column 2 (y)", "expected a number below 1e+150", repr(filler)
    assert_refused(lambda: read_labelled_table(later), ValueError, *known)
    assert_refused(lambda: read_labelled_table(later, task="regression"), ValueError, *known)
    assert_refused(lambda: evaluate(net, later), ValueError, *known)
    stored = StoredExamples(np.ones((3, 2)), np.array([0.5, float(filler), 1.5]))
    assert_refused(
        lambda: examples_of_arrays(stored, "regression"),
        ValueError, "must be below 1e+150", "in example 1",
    )  # fmt: skip


def test_a_number_beyond_float64_is_shown_as_the_file_has_it(tmp_path):
    large = "-1.79769313486232e+308"
    path = write(tmp_path / "t.csv", ["x,y", *[f"{n},{n if n else large}.5" for n in range(20)]])
    assert_refused(lambda: read_labelled_table(path, task="regression"), ValueError, large)


@pytest.mark.parametrize("slip", ["12.3x", "inf", "1O"])
@pytest.mark.parametrize("values", [1.37, 2], ids=["fractions", "whole numbers"])
def test_a_slip_among_measured_targets_is_refused_by_line(tmp_path, slip, values):
    lines = ["x,price", *[f"{at % 7},{slip if at == 7 else at * values}" for at in range(60)]]
    path = write(tmp_path / "t.csv", lines)
    known = "line 9, column 2 (price)", repr(slip)
    assert_refused(lambda: read_labelled_table(path), ValueError, *known, 'task="classification"')
    assert_refused(lambda: read_labelled_table(path, task="regression"), ValueError, *known)
    assert len(read_labelled_table(path, task="classification").classes) == 60


def test_a_word_that_is_rare_among_numbers_of_classes_is_warned_of_by_line(tmp_path):
    lines = ["x,y", *[f"{at % 7},{'O' if at == 7 else at % 2}" for at in range(60)]]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert table.classes == ["0", "1", "O"]
    assert "Warning: column 2 (y) has 'O' in line 9, among numbers" in table.describe()[-1]


def test_a_word_beside_the_steps_of_a_scale_is_a_class_with_a_warning(tmp_path):
    lines = ["x,rating", *[f"{at % 7},{'NR' if at == 7 else at % 4 / 2 + 0.5}" for at in range(60)]]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    columns = table.learn()
    assert table.examples(columns).classes == ["0.5", "1.0", "1.5", "2.0", "NR"]
    assert any("has 'NR' in line 9, among numbers" in line for line in table.describe())


def prices(label):
    """Lines with a price of whole numbers, named so, and columns of few values around it."""
    rows = [f"{at % 3},{at % 7}.5,{1000 + 37 * at},{'ab'[at % 2]}" for at in range(300)]
    return [f"rooms,size,{label},garden", *rows]


@pytest.mark.parametrize(("label", "how"), [("price", {"label_column": "price"}), ("target", {})])
def test_whole_numbers_of_a_column_that_was_chosen_are_measured_whatever_others_hold(
    tmp_path, label, how
):
    table = read_labelled_table(write(tmp_path / "t.csv", prices(label)), **how)
    assert table.targets.task == "regression"
    assert not [line for line in table.describe() if "different values" in line]


def test_whole_numbers_of_a_column_that_nobody_chose_are_measured_with_a_warning(tmp_path):
    lines = [",".join(line.split(",")[:3]) for line in prices("price")]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert table.targets.task == "regression"
    known = "column 3 (price) was not named as the label, and label_column='rooms' has 3 different"
    assert table.describe()[-1].startswith(f"Warning: {known}")


@pytest.mark.parametrize("name", ["class", "Classes", "label", "labels"])
def test_whole_numbers_in_a_column_called_as_classes_are_classes_with_a_warning(tmp_path, name):
    table = read_labelled_table(write(tmp_path / "t.csv", prices(name)))
    if name == "Classes":  # the last column only: there is no habit of it elsewhere
        table = read_labelled_table(
            write(tmp_path / "t.csv", [line.rpartition(",")[0] for line in prices(name)])
        )
    assert len(table.classes) == 300
    assert any("300 classes: is the label another column?" in line for line in table.describe())


def test_whole_numbers_are_measured_where_the_user_names_the_column(tmp_path):
    path = write(tmp_path / "t.csv", prices("class"))
    assert read_labelled_table(path, label_column="class").targets.task == "regression"


@pytest.mark.parametrize(("name", "said"), [("y", "whole numbers"), ("class", "300 classes")])
def test_examples_are_read_with_a_warning_where_numbers_may_be_classes(tmp_path, name, said):
    path = write(tmp_path / "t.csv", [*prices(name), *prices(name)[1:]])  # each label twice
    with pytest.warns(UserWarning, match=f"{said}.*task=.*read_labelled_table") as told:
        read_examples(path)
    assert told[0].filename == __file__


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ('"a\nx"', ["line 4", "in one line, without signs that cannot be seen, got 'a\\nx'"]),
        ("a\u200bx", ["line 3", "in one line, without signs that cannot be seen, got 'a\\u200bx'"]),
        ("a" * 201, ["line 3", "of at most 200 characters"]),
    ],
    ids=["two lines", "no width", "long"],
)
def test_labels_that_cannot_be_shown_are_refused_with_what_is_wrong(tmp_path, label, words):
    lines = ["x,label", "1,b", f"2,{label}", "3,b"]
    assert_refused(
        lambda: read_labelled_table(write(tmp_path / "t.csv", lines)),
        ValueError, "column 2 (label): expected a label", *words,
    )  # fmt: skip


WRITTEN = {
    "$1,350.00": "1350",
    "12.3%": "12.3",
    "500 USD": "500",
    "1,292": "1292",
    "(3.2)": "-3.2",
    "1,17,000": "117000",
}


@pytest.mark.parametrize("cell", WRITTEN)
@pytest.mark.parametrize("task", [None, "regression"])
def test_how_labels_that_people_write_are_read_is_told_as_it_is_of_inputs(tmp_path, cell, task):
    cells = [cell.replace(cell.strip("$()%")[0], str(at), 1) for at in range(1, 61)]
    lines = ["a,price", *(f'{at},"{label}"' for at, label in enumerate([cell, *cells]))]
    table = read_labelled_table(write(tmp_path / "t.csv", lines), task=task)
    assert f"Note: column 2 (price): {cell} is read as {WRITTEN[cell]}" in table.describe()


def test_of_plain_labels_and_of_classes_nothing_is_told(tmp_path):
    for labels in (["1.5", "2.5", "3e5"], ["$5", "$7", "$9"]):
        lines = ["a,price", *(f"{at},{labels[at % 3]}" for at in range(60))]
        table = read_labelled_table(write(tmp_path / "t.csv", lines))
        assert not [line for line in table.describe() if "is read as" in line]
