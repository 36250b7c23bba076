"""Tables: examples from CSV files of any program, or one refusal that names line and column."""

import gzip

import numpy as np
import pytest
from example_files import HEADER, SPECIES, animals, assert_examples, save_csv
from memory import peak_bytes
from refusals import assert_refused

from fastnn.datasets import targets, text_files
from fastnn.own_data import read_examples


@pytest.mark.parametrize("header", [None, HEADER], ids=["bare", "header"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_a_table_is_read_with_its_last_column_as_labels(tmp_path, header, delimiter):
    rows, labels = animals()
    path = save_csv(tmp_path / "animals.csv", rows, labels, header, delimiter=delimiter)
    assert_examples(read_examples(path), rows, labels, SPECIES)


@pytest.mark.parametrize("column", ["species", "1", 1, -4], ids=repr)
def test_the_column_of_labels_is_named_by_the_header_or_by_its_place(tmp_path, column):
    rows, labels = animals()
    header = ["height", "species", "weight", "legs", "tail"]
    path = save_csv(tmp_path / "animals.csv", rows, labels, header, place=1)
    assert_examples(read_examples(path, label_column=column), rows, labels, SPECIES)


def test_a_name_in_the_header_goes_before_a_place(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,1,0\n5,6,7\n8,9,3\n")
    assert_examples(read_examples(path, label_column="0"), [[5, 6], [8, 9]], [7, 3], [3, 7])


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfa,b,c\r\n1,2,x\r\n\r\n3,4,y\r\n",
        b'a,b,c\n1,"2",x\n3,4,"y"',
        b"1, 2 , x\n3,4,y \n\n",
        gzip.compress(b"1,2,x\n3,4,y\n"),
    ],
    ids=["as Excel writes it", "quoted", "spaces", "gzipped"],
)
def test_tables_as_programs_write_them_are_read(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert_examples(read_examples(path), [[1, 2], [3, 4]], ["x", "y"], ["x", "y"])


@pytest.mark.parametrize(
    ("stored", "labels", "classes"),
    [
        (["3", "7", "3"], [3, 7, 3], [3, 7]),
        (["-1", "1", "1"], [-1, 1, 1], [-1, 1]),
        (["1.0", "0.000e+00", "1.0"], [1, 0, 1], [0, 1]),
        (["7", "cat", "7"], ["7", "cat", "7"], ["7", "cat"]),
        (["Zürich", "Bern", "Bern"], ["Zürich", "Bern", "Bern"], ["Bern", "Zürich"]),
        (["9" * 30, "1", "1"], ["9" * 30, "1", "1"], ["1", "9" * 30]),
    ],
    ids=["odd numbers", "signs", "as savetxt writes them", "mixed", "umlauts", "huge"],
)
def test_labels_are_whole_numbers_or_text_of_any_values(tmp_path, stored, labels, classes):
    path = save_csv(tmp_path / "t.csv", np.eye(3), stored)
    assert_examples(read_examples(path), np.eye(3), labels, classes)


def test_a_table_of_just_the_inputs_expected_has_no_labels(tmp_path):
    rows, labels = animals()
    bare = read_examples(save_csv(tmp_path / "bare.csv", rows), inputs=4)
    assert bare.labels is None
    assert bare.classes == []
    assert np.array_equal(bare.inputs, rows)
    labelled = read_examples(save_csv(tmp_path / "labelled.csv", rows, labels), inputs=4)
    assert_examples(labelled, rows, labels, SPECIES)


MANY = "1,2,x\n3,4,y\n" * 6  # that a column holds numbers is clear from these

DAMAGED_TABLES = {
    "nothing": ("", "no examples"),
    "only a header": ("a,b,c\n", "no examples"),
    "text among the numbers": (
        "a,b,c\n" + MANY + "3,four,y\n",
        "line 14",
        "column 2 (b)",
        "'four'",
    ),
    "infinity": ("1,2,x\n3,-inf,y\n", "line 2, column 2", "finite", "-inf"),
    "a number beyond floats": ("1,2,x\n3,1e999,y\n", "line 2, column 2", "'1e999'"),
    "digits grouped": (MANY + "3,1_000,y\n", "line 13, column 2", "'1_000'"),
    "a missing column": ("1,2,x\n3,y\n", "line 2 has 2 columns", "3"),
    "a column more": ("1,2,7\n\n3,4,5,6\n3,4,5\n", "line 3 has 4 columns", "3"),
    "a column more at first": ("1,2,7,9\n3,4,5\n3,4,6\n", "line 1 has 4 columns", "3"),
    "no label": ("1,2,x\n3,4,\n", "line 2 ('')", "column 3", "label", "--drop-missing"),
    "a label of two lines": ('1,2,x\n3,4,"a\nb"\n', "line 3, column 3", "label"),
    "a label without end": (f"1,2,x\n3,4,{'y' * 300}\n", "line 2, column 3", "label"),
    "one class": ("1,2,x\n3,4,x\n", "column 3", "'x'", "--label-column"),
    "labels alone": ("x\ny\n", "only column"),
    "a quote that never ends": ('1,2,x\n3,"4,y\n', "a quote has no end", "row 2"),
    "no text": (b"\x00\x01\x02\x03" * 9, "no text"),
    "no text of its encoding": (b"\xff\xfe1,2,x,\n", "utf-16"),
}


@pytest.mark.parametrize("damage", DAMAGED_TABLES)
def test_a_damaged_table_is_refused_by_file_line_and_column(tmp_path, monkeypatch, damage):
    content, *words = DAMAGED_TABLES[damage]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert_refused(
        lambda: read_examples("t.csv"), ValueError, "path: cannot read t.csv as table", *words
    )


@pytest.mark.parametrize(
    ("column", "words"),
    [("colour", ["'colour'", "height, weight"]), (5, ["no column 5", "5 columns"]), (-6, ["-6"])],
    ids=repr,
)
def test_a_column_that_is_not_there_is_refused(tmp_path, column, words):
    path = save_csv(tmp_path / "t.csv", *animals(), HEADER)
    assert_refused(lambda: read_examples(path, label_column=column), ValueError, *words)


def test_a_gzipped_table_that_unpacks_beyond_the_bound_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("fastnn.datasets.text_files._MAX_TEXT_BYTES", 1_000_000)
    path = tmp_path / "t.csv"
    path.write_bytes(gzip.compress(b"1,2,3\n" * 10_000_000))

    def refused():
        with pytest.raises(ValueError, match=r"t\.csv.*unpacks to more than"):
            read_examples(path)

    assert peak_bytes(refused) < 10_000_000


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(text_files, "_MAX_LINE", 1000)
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"1,2,a\n" * 500 + b"1," * 4_000_000 + b"b\n"))
    words = ["t.csv.gz", "a line of more than 1000 characters"]
    assert peak_bytes(lambda: assert_refused(lambda: read_examples(path), ValueError, *words)) < 2e7


def test_lines_as_long_as_they_may_be_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(text_files, "_MAX_LINE", 6)
    for end in ("\n", "\r\n", "\r", ""):
        path = tmp_path / "t.csv"
        path.write_bytes(f"1,2,3{end or chr(10)}4,5,6{end}".encode())
        assert read_examples(path).inputs.tolist() == [[1, 2], [4, 5]]


def test_many_labels_beside_a_long_one_are_refused_before_numpy_makes_them_as_long(
    tmp_path, monkeypatch
):
    path = tmp_path / "t.csv"
    path.write_text("1,a\n" * 20_000 + f"2,{'b' * 200}\n")
    assert read_examples(path).classes == ["a", "b" * 200]
    monkeypatch.setattr(targets, "MAX_UNPACKED_BYTES", 10_000_000)
    words = ["t.csv", "20001 labels of up to 200 characters take more than 10000000"]
    assert peak_bytes(lambda: assert_refused(lambda: read_examples(path), ValueError, *words)) < 1e7


def test_control_characters_of_a_header_reach_no_message(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a\x1b[2J,b,c\n1,2,x\ninf,2,y\n")
    assert_refused(lambda: read_examples(path), ValueError, "column 1 (a\\x1b[2J)", "got 'inf'")
    assert_refused(
        lambda: read_examples(path, label_column="d"), ValueError, "the first line has a\\x1b[2J, b"
    )
