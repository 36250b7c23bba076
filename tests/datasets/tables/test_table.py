"""Tables: examples from CSV files of any program, or one refusal that names line and column."""

import gzip

import numpy as np
import pytest
from example_files import HEADER, SPECIES, animals, assert_examples, save_csv
from memory import peak_bytes
from refusals import assert_refused

from fastnn.datasets.files import text_files
from fastnn.datasets.tables import table as tables
from fastnn.datasets.tables import targets, text_frames
from fastnn.own_data import read_examples, read_labelled_table


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


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_name_in_the_header_goes_before_a_place(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,1,0\n5,6,7\n8,9,3\n")
    assert_examples(read_examples(path, label_column="0"), [[5, 6], [8, 9]], [7, 3], [3, 7])


@pytest.mark.filterwarnings("ignore:each of the 2 rows is a class of its own")
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
        (
            ["New\u00a0York", "New York", "Bern"],
            ["New York", "New York", "Bern"],
            ["Bern", "New York"],
        ),
        (["می\u200cخ", "x", "x"], ["می\u200cخ", "x", "x"], ["x", "می\u200cخ"]),
    ],
    ids=[
        "odd numbers",
        "signs",
        "as savetxt writes them",
        "mixed",
        "umlauts",
        "huge",
        "hard blanks",
        "joiners",
    ],
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
    "no label": ("1,2,x\n3,4,\n", "line 2 ('')", "column 3", "label", "drop_missing=True"),
    "a label of two lines": ('1,2,x\n3,4,"a\nb"\n', "line 3, column 3", "label"),
    "a label without end": (f"1,2,x\n3,4,{'y' * 300}\n", "line 2, column 3", "label"),
    "one class": ("1,2,x\n3,4,x\n", "column 3", "'x'", "label_column="),
    "labels alone": ("x\ny\n", "only column"),
    "a quote that never ends": ('1,2,x\n3,"4,y\n', "a quote has no end", "row 2"),
    "no text": (b"\x00\x01\x02\x03" * 9, "no text"),
    "no text of its encoding": (b"\xff\xfe1,2,x,\n", "utf-16"),
}


@pytest.mark.parametrize("damage", DAMAGED_TABLES)
def test_a_damaged_table_is_refused_by_file_line_and_column(tmp_path, monkeypatch, damage):
    if damage == "a number beyond floats" and pytest.importorskip("pandas").__version__ < "3":
        pytest.skip("pandas 2 reads it as text, which makes a category of it")
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
    monkeypatch.setattr("fastnn.datasets.files.text_files._MAX_TEXT_BYTES", 1_000_000)
    path = tmp_path / "t.csv"
    path.write_bytes(gzip.compress(b"1,2,3\n" * 10_000_000))

    def refused():
        with pytest.raises(ValueError, match=r"t\.csv.*unpacks to more than"):
            read_examples(path)

    assert peak_bytes(refused) < 10_000_000


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(text_files, "MAX_LINE", 1000)
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"1,2,a\n" * 500 + b"1," * 4_000_000 + b"b\n"))
    words = ["t.csv.gz", "a line of more than 1000 characters"]
    assert peak_bytes(lambda: assert_refused(lambda: read_examples(path), ValueError, *words)) < 2e7


@pytest.mark.filterwarnings("ignore:each of the 2 rows is a class of its own")
def test_lines_as_long_as_they_may_be_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(text_files, "MAX_LINE", 6)
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


def test_a_table_of_text_alone_keeps_all_rows_but_empty_ones(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("sky,wind,sport\nsun,no,yes\n,,\nrain,no,no\nsun,no,yes\nsun,yes,no\n")
    table = read_labelled_table(path, drop_missing=True)
    assert table.learn().names() == ["sky=rain", "sky=sun", "wind=no", "wind=yes"]
    inputs = table.examples(table.learn()).inputs
    assert inputs.tolist() == [[0, 1, 1, 0], [1, 0, 1, 0], [0, 1, 1, 0], [0, 1, 0, 1]]


def test_a_weight_may_be_0_but_neither_missing_nor_negative(tmp_path):
    path = tmp_path / "t.csv"
    rows = ["w,a,kind", "0,1,x", "2,3,y", "0.5,5,x"]
    path.write_text("\n".join(rows))
    table = read_labelled_table(path, weight_column="w")
    assert table.examples(table.learn()).weights.tolist() == [0, 2, 0.5]
    for wrong in ("-1", ""):
        path.write_text("\n".join([*rows, f"{wrong},7,y"]))
        told = r"t\.csv as table: line 5, column 1 \(w\): a weight must be a number"
        with pytest.raises(ValueError, match=told):
            read_labelled_table(path, weight_column="w")


@pytest.fixture
def blocks_of_two_rows(monkeypatch):
    monkeypatch.setattr(text_frames, "CELLS", 8)  # of four columns


def test_a_bad_number_in_a_later_block_is_named_by_its_line(tmp_path, blocks_of_two_rows):
    path = tmp_path / "t.csv"
    path.write_text("a,b,c,kind\n" + "1,2,3,x\n" * 5 + "1,inf,3,y\n")
    with pytest.raises(ValueError, match=r"line 7, column 2 \(b\): expected a finite number"):
        read_examples(path)


def test_a_large_table_takes_less_memory_and_keeps_its_values(
    tmp_path, monkeypatch, blocks_of_two_rows
):
    monkeypatch.setattr(tables, "_MOST_IN_FLOAT64", 10)  # beyond which a table is large
    columns = {
        "a": [1, -2, 127, -128, 0, 5],
        "b": [1, 2, 300, 4, 5, 6],
        "c": [1, 2, 3, 4.25, 70000, 6],
    }
    rows = np.array(list(columns.values())).T
    kinds = np.array(list("xyxyxy"))
    path = save_csv(tmp_path / "t.csv", rows, kinds, [*columns, "kind"])
    table = read_labelled_table(path)
    examples = table.examples(table.learn())
    assert examples.inputs.dtype == np.float32
    assert_examples(examples, rows, kinds, ["x", "y"])


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([1, -128], np.int8),
        ([1, 128], np.int16),
        ([1, 40_000], np.float32),
        ([1, 0.5], np.float32),
        ([1, np.nan], np.float32),
        ([1, 0.1], np.float32),
        ([1_600_000_001, 1_600_000_002], np.float64),
        ([1e6 + 0.1, 1e6 + 0.2, np.nan], np.float64),
        ([1, 1e300], np.float64),
    ],
    ids=str,
)
def test_numbers_of_large_tables_are_in_the_smallest_type_that_has_them(values, dtype):
    kept = tables._compact(np.array(values, float))
    assert kept.dtype == dtype
    np.testing.assert_allclose(kept, values, rtol=1e-7)


def test_times_in_a_large_table_stay_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_MOST_IN_FLOAT64", 10)
    times = 1_600_000_000 + np.arange(600)
    rows = np.column_stack([times, times % 7])
    table = read_labelled_table(save_csv(tmp_path / "t.csv", rows, times % 2))
    inputs = table.examples(table.learn()).inputs
    assert np.array_equal(inputs[:, 0], times)
    assert np.array_equal(inputs[:, 1], times % 7)


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ({"label_column": "a", "weight_column": "a"}, "label and weight"),
        ({"label_column": "a", "ignore_columns": ["b", "a"]}, "label and ignored"),
        ({"label_column": "c", "weight_column": "b", "ignore_columns": [1]}, "weight and ignored"),
    ],
    ids=str,
)
def test_a_column_cannot_have_two_roles(tmp_path, roles, told):
    path = save_csv(tmp_path / "t.csv", np.eye(3), header=["a", "b", "c"])
    with pytest.raises(ValueError, match=f"cannot be {told} at once"):
        read_labelled_table(path, **roles)


@pytest.mark.parametrize(
    ("cells", "are_codes"),
    [(["007", "010", "123"], True), (["07", "010", "123"], False), (["7", "10", "123"], False)],
    ids=str,
)
def test_numbers_with_zeros_in_front_are_codes_where_all_are_as_long(tmp_path, cells, are_codes):
    path = tmp_path / "t.csv"
    path.write_text("a,kind\n" + "".join(f"{cell},{cell[0]}\n" for cell in cells))
    names = read_labelled_table(path).learn().names()
    assert names == ([f"a={cell}" for cell in sorted(cells)] if are_codes else ["a"])
