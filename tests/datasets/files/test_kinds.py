"""What kind of file it is: told by what is in it. Some kinds are read as whole frames."""

import bz2
import gzip
import io
import lzma
import shutil
import subprocess
import zipfile
from decimal import Decimal

import numpy as np
import pytest
from refusals import assert_refused
from table_files import flowers, iris, write

from fastnn.datasets.files.kinds import kind_of
from fastnn.datasets.files.text_files import Source
from fastnn.own_data import read_examples, read_labelled_table

pandas = pytest.importorskip("pandas")


def frame():
    return pandas.read_csv(io.StringIO("\n".join(iris())))


@pytest.mark.parametrize(("kind", "package"), [("parquet", "pyarrow"), ("excel", "openpyxl")])
def test_tables_of_other_programs_are_read(tmp_path, kind, package):
    pytest.importorskip(package)
    path = tmp_path / "table"
    if kind == "parquet":
        frame().to_parquet(path)
    else:
        frame().to_excel(tmp_path / "t.xlsx", index=False)
        path = tmp_path / "t.xlsx"
    assert kind_of(Source(path)) == kind
    examples = read_examples(path)
    assert np.array_equal(examples.inputs, flowers()[0])
    assert examples.labels.tolist() == flowers()[1].tolist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_arff_is_read(tmp_path, encoding):
    pytest.importorskip("scipy")
    head = ["% of flowers", "@relation t", *(f"@attribute {name} numeric" for name in "abcd")]
    lines = [*head, "@attribute class {alpha,beta,gamma}", "@data", *iris(header=False)]
    lines[8] = "?" + lines[8][lines[8].index(",") :]
    path = write(tmp_path / "t.arff", lines, encoding)
    assert kind_of(Source(path)) == "arff"
    examples = read_examples(path)
    assert examples.inputs.shape == (150, 5)
    assert np.array_equal(examples.inputs[1:, :1], flowers()[0][1:, :1])
    assert examples.columns.names()[1] == "a is missing"


@pytest.mark.parametrize("comments", [25, 100, 2_000], ids="{} lines".format)
@pytest.mark.parametrize("end", ["\n", "\r"], ids=["lf", "cr"])
def test_arff_is_known_below_any_usual_header_of_comments(tmp_path, comments, end):
    about = [f"% 1. Title: of flowers, line {at}" if at % 9 else "" for at in range(comments)]
    lines = [*about, "@RELATION flowers", "@attribute a numeric", "@data", "1"]
    (tmp_path / "t.arff").write_bytes(end.join(lines).encode())
    assert kind_of(Source(tmp_path / "t.arff")) == "arff"


@pytest.mark.parametrize("row", ["1,2,a", "1 1:0.5 3:2"])
def test_a_text_of_endless_comments_is_not_read_to_its_end(tmp_path, row):
    path = write(tmp_path / "t.csv", ["# nothing"] * 300_000 + [row] * 30)
    assert kind_of(Source(path)) == "text"


def test_svmlight_is_known_below_many_comments(tmp_path):
    path = write(
        tmp_path / "t.txt", ["# of flowers, and how they came"] * 900 + ["1 1:0.5 3:2"] * 30
    )
    assert kind_of(Source(path)) == "svmlight"


def test_a_data_frame_is_a_table():
    examples = read_examples(frame())
    assert np.array_equal(examples.inputs, flowers()[0])
    assert examples.classes == ["alpha", "beta", "gamma"]


@pytest.mark.parametrize("kind", ["str", "category"])
def test_numbers_of_another_type_in_a_data_frame_are_kinds(kind):
    cells = pandas.Series([str(at % 3) for at in range(30)]).astype(kind)
    table = read_labelled_table(pandas.DataFrame({"a": cells, "label": [0, 1, 2] * 10}))
    assert table.learn().names() == ["a=0", "a=1", "a=2"]
    assert table.describe()[1:] == []


def test_an_archive_of_a_version_to_come_is_refused_by_name(tmp_path):
    path = tmp_path / "t.npz"
    np.savez(path, x=np.eye(3))
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = 210  # what unpacks it is to be of version 21.0
    path.write_bytes(content)
    assert_refused(lambda: read_examples(path), ValueError, "t.npz", "zip file version 21.0")


def test_a_damaged_file_of_another_program_is_refused_in_one_line(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1" + b"\0" * 60)
    pytest.importorskip("pyarrow")
    assert_refused(lambda: read_examples(path), ValueError, "t.parquet")
    path.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 60)
    assert_refused(lambda: read_examples(path), ValueError, "old format", ".xlsx or CSV")


def sheet(path, rows, title="data"):
    """Write rows of cells to the first sheet of a workbook; return it for more."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return book


def cells():
    """The flowers as rows of cells, below their header."""
    rows, kinds = flowers()
    body = [[*row, kind] for row, kind in zip(rows.tolist(), kinds.tolist(), strict=True)]
    return [["a", "b", "c", "d", "class"], *body]


SHEETS = {
    "empty rows above": [[], [], *cells()],
    "a title": [["Measurements of the lab"], [], *cells()],
    "empty columns before": [[None, None, *row] for row in cells()],
    "no header": cells()[1:],
    "numbers as text": [[str(cell) for cell in row] for row in cells()],
}


@pytest.mark.parametrize("kind", SHEETS)
def test_a_table_is_found_wherever_it_is_on_a_sheet(tmp_path, kind):
    path = tmp_path / "t.xlsx"
    sheet(path, SHEETS[kind])
    examples = read_examples(path)
    assert np.array_equal(examples.inputs, flowers()[0])
    assert examples.labels.tolist() == flowers()[1].tolist()


def test_a_title_above_two_columns_of_a_sheet_is_no_header(tmp_path):
    path = tmp_path / "t.xlsx"
    sheet(path, [["My table"], ["colour", "kind"], *[["red", "x"], ["blue", "y"]] * 9])
    table = read_labelled_table(path)
    assert (table.table.frames.names, table.classes) == (["colour", "kind"], ["x", "y"])
    assert "Note: row 1 is left out: 'My table' is no row" in table.describe()


@pytest.mark.parametrize(
    ("cells", "number"),
    [(["23", "7"], 23), (["0,5", "7"], 0.5), (["1.234,5", "7"], 1234.5), (["0.5", 7], 0.5)],
    ids=str,
)
def test_numbers_stored_as_text_in_a_sheet_are_read_and_said(tmp_path, cells, number):
    path = tmp_path / "t.xlsx"
    rows = [[cells[at % 2], at, "xy"[at % 2]] for at in range(40)]
    sheet(path, [["a", "n", "kind"], *rows, ["-", 1, "x"]])
    table = read_labelled_table(path)
    values = table.table.numbers[0]
    assert values[:2].tolist() == [number, 7]
    assert np.isnan(values[-1])
    said = f"Note: column 1 (a) has numbers stored as text: {cells[0]} is read as {number}"
    assert said in table.describe()


def test_codes_stored_as_text_in_a_sheet_stay_text(tmp_path):
    path = tmp_path / "t.xlsx"
    sheet(path, [["zip", "kind"], *[["02134", "x"], ["10115", "y"]] * 20])
    assert read_labelled_table(path).table.texts[0].values == ["02134", "10115"]


def test_the_first_sheet_with_a_table_is_read_and_named(tmp_path):
    path = tmp_path / "t.xlsx"
    book = sheet(path, [["see the next sheet"]], "notes")
    for row in cells():
        if "data" not in book.sheetnames:
            book.create_sheet("data")
        book["data"].append(row)
    book.save(path)
    table = read_labelled_table(path)
    assert "Note: the sheet data is read; others are notes" in table.describe()
    assert len(table.table) == 150


def test_a_cell_of_a_sheet_is_named_by_its_row(tmp_path):
    path = tmp_path / "t.xlsx"
    rows = cells()
    rows[7][1] = "many"
    sheet(path, [[], [], *rows])
    assert_refused(lambda: read_examples(path), ValueError, "row 10, column 2 (b)", "'many'")


def test_parquet_has_types_of_its_own(tmp_path):
    pytest.importorskip("pyarrow")
    table = frame()
    table.insert(
        0, "count", pandas.array([None if at % 5 == 0 else at % 7 for at in range(150)], "Int64")
    )
    table.insert(0, "price", [Decimal(at) / 4 for at in range(150)])
    table.insert(0, "when", pandas.date_range("2024-01-01", periods=150))
    table.insert(0, "sure", pandas.array([True, False, None] * 50, "boolean"))
    table["class"] = table["class"].astype("category")
    path = tmp_path / "t.parquet"
    table.to_parquet(path)
    columns = read_labelled_table(path).learn()
    names = ["sure=False", "sure=True", "sure is missing", "price", "count", "count is missing"]
    assert columns.names() == [*names, "a", "b", "c", "d"]
    table["several"] = [[1, 2]] * 150
    table.to_parquet(path)
    words = ["(several) has several values in a cell", "ignore_columns=['several']"]
    assert_refused(lambda: read_labelled_table(path, label_column="class"), ValueError, *words)
    read = read_labelled_table(path, label_column="class", ignore_columns=["several"])
    assert "several" not in read.learn().names()


def test_inputs_and_labels_in_two_texts_are_refused_with_a_way_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # so that the message has short names
    write(tmp_path / "X.csv", [line.rpartition(",")[0] for line in iris()])
    write(tmp_path / "y.csv", [line.rpartition(",")[2] for line in iris()])
    words = "two npy files", "X.csv", "y.csv; paste puts the columns of two text files into one"
    assert_refused(lambda: read_examples("X.csv", "y.csv"), ValueError, *words)


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("separator", [",", ";", " "])
def test_two_tables_of_the_same_columns_are_refused_with_a_way_on(
    tmp_path, monkeypatch, header, separator
):
    monkeypatch.chdir(tmp_path)
    lines = iris(separator, header=header)
    (tmp_path / "red.csv").write_text("\n".join(lines[:90]))  # whose last line has no end
    write(tmp_path / "my white.csv", lines[:header] + lines[90:])
    with pytest.raises(ValueError, match=r"puts the rows of one below those of the other$") as told:
        read_examples("red.csv", "my white.csv")
    if shutil.which("awk") is None:
        pytest.skip("there is no awk")
    command = str(told.value).partition("; ")[2].partition(" puts")[0]
    subprocess.run(command, shell=True, check=True)
    assert (tmp_path / "both.csv").read_text().splitlines() == lines


def zip_of(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("beside", ["./.DS_Store", ".git/config", "data/.~lock.t.csv#"])
def test_hidden_files_in_a_zip_are_no_tables(tmp_path, beside):
    path = zip_of(tmp_path / "t.zip", {"./t.csv": "\n".join(iris()), beside: "x"})
    assert len(read_examples(path).labels) == len(iris()) - 1


def test_a_hidden_file_that_is_alone_in_a_zip_is_the_table(tmp_path):
    path = zip_of(tmp_path / "t.zip", {".t.csv": "\n".join(iris()), ".DS_Store": "x"})
    assert len(read_examples(path).labels) == len(iris()) - 1


def test_a_zip_without_files_is_refused_as_such(tmp_path):
    for files in ({}, {".DS_Store": "x"}):
        path = zip_of(tmp_path / "t.zip", files)
        assert_refused(lambda path=path: read_examples(path), ValueError, "holds no files")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_what_is_packed_twice_is_to_be_unpacked(tmp_path, pack):
    inner = pack("\n".join(iris()).encode())
    path = zip_of(tmp_path / "t.zip", {"t.csv.packed": inner})
    outer = tmp_path / "t.csv.xz"
    outer.write_bytes(lzma.compress(inner))
    for each in (path, outer):
        assert_refused(
            lambda path=each: read_examples(path), ValueError, "is packed again: unpack it"
        )


def test_two_packed_tables_are_to_be_unpacked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("red.csv.gz", "white.csv.gz"):
        (tmp_path / name).write_bytes(gzip.compress("\n".join(iris()).encode()))
    words = "; unpack them, and put the rows of one below those of the other"
    assert_refused(lambda: read_examples("red.csv.gz", "white.csv.gz"), ValueError, words)


@pytest.mark.parametrize(
    "rows",
    [
        ["<0.1,1,x", "0.5,2,y"],
        ["<=50,1,x", ">50,2,y"],
        ["0,0.0,2020-01-01 10:30", "1,0.5,2020-01-02 11:30"],
        ["A 10:30 11:30", "B 12:30 09:15"],
        ["1 10:30 09:30", "2 12:30 09:15"],
    ],
    ids=str,
)
def test_a_table_is_not_taken_for_something_else(tmp_path, rows):
    assert kind_of(Source(write(tmp_path / "t", rows * 9))) == "text"


@pytest.mark.parametrize(
    "rows", [["1 3:0.5 2:1"], ["cat 1:0.5 2:1"], ["1 1:nan 2:3"], ["1 1:10 2:20", "0"]], ids=str
)
def test_rows_of_places_and_numbers_are_svmlight_also_where_they_are_wrong(tmp_path, rows):
    assert kind_of(Source(write(tmp_path / "t", rows))) == "svmlight"
