"""Tables that are hard to read: numbers as people write them, odd headers, folders, wrong files."""

import gzip
import io
import pickle
import tarfile
import zipfile

import numpy as np
import pytest
from refusals import assert_refused
from small_program import assert_one_line_of_error
from table_files import flowers, iris, write

import fastnn
from fastnn.own_data import evaluate, read_examples, read_labelled_table

ROWS, KINDS = flowers()
HEADER, *LINES = iris()


def written(cell, separator=",", header=HEADER):
    """Lines of the flowers' table, each number as `cell` writes it."""
    lines = [header.replace(",", separator)]
    for row, kind in zip(ROWS.tolist(), KINDS.tolist(), strict=True):
        lines.append(separator.join([*map(cell, row), kind]))
    return lines


def german(value, unit=""):
    """A number as Germans write it, with points between groups of digits."""
    english = f"{value * 1000:,.2f}{unit}"
    return english.replace(",", "_").replace(".", ",").replace("_", ".")


# Each with what its numbers are, in those of the flowers.
NUMBERS = {
    "groups of digits in quotes": (written(lambda v: f'"{v * 1000:,.2f}"'), 1000),
    "groups of digits without fractions": (written(lambda v: f'"{v * 1000:,.0f}"'), 1000),
    "German": (written(german, ";"), 1000),
    "German money": (written(lambda v: german(v, " €"), ";"), 1000),
    "Swiss": (written(lambda v: f"{v * 1000:,.1f}".replace(",", "'")), 1000),
    "French": (written(lambda v: german(v, "\u202f€").replace(".", "\u202f"), ";"), 1000),
    "French with hard blanks": (written(lambda v: german(v).replace(".", "\u00a0"), ";"), 1000),
    "Swiss commas": (written(lambda v: german(v).replace(".", "\u2019"), ";"), 1000),
    "hard blanks": (written(lambda v: f"{v * 1000:,.1f}".replace(",", "\u00a0")), 1000),
    "percent": (written(lambda v: f"{v}%"), 1),
    "percent after a blank": (written(lambda v: f"{v} %"), 1),
    "dollars": (written(lambda v: f"${v:.2f}"), 1),
    "accounts": (written(lambda v: f"({abs(v)})" if v else "0"), -np.sign(ROWS)),
    "a printer's minus": (written(lambda v: f"\u2212{abs(v)}"), -np.sign(ROWS)),
    "Fortran": (written(lambda v: f"{v:.2E}".replace("E", "D")), 1),
    "capital E": (written(lambda v: f"{v:.3E}"), 1),
    "beyond 64 bits": (written(lambda v: f"{v * 1e22:.0f}"), 1e22),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_are_read_as_people_write_them(tmp_path, kind):
    lines, scale = NUMBERS[kind]
    read = read_examples(write(tmp_path / "t.csv", lines))
    assert read.inputs == pytest.approx(ROWS * scale)
    assert read.labels.tolist() == KINDS.tolist()


def test_how_written_numbers_were_understood_is_said_and_done_for_new_rows(
    fastnn_program, tmp_path
):
    path = write(tmp_path / "t.csv", written(lambda v: f"${v:.2f}"))
    net = tmp_path / "net.npz"
    words = ["train", "--data", path, "--epochs", 20, "--eta", 0.5, "--seed", 1, "--save", net]
    status, out, err = fastnn_program(*words)
    assert (status, err) == (0, [])
    first = f"${ROWS[0, 0]:.2f} is read as {ROWS[0, 0]:g}"
    assert f"Note: column 1 (a): {first}, and so on in 3 more" in out
    plain = write(tmp_path / "plain.csv", iris())
    right = evaluate(fastnn.load(net), plain).accuracy
    assert evaluate(fastnn.load(net), path).accuracy == right > 0.9
    lines = path.read_text().splitlines()
    euros = write(tmp_path / "euros.csv", [*lines[:9], lines[9].replace("$", "€", 1), *lines[10:]])
    assert_one_line_of_error(fastnn_program("predict", net, euros), "line 10, column 1 (a)", "€")


def test_prices_in_a_currency_are_a_regression(tmp_path):
    lines = [f'{line.rpartition(",")[0]},"${at * 1234:,}"' for at, line in enumerate(LINES)]
    table = read_labelled_table(write(tmp_path / "t.csv", [HEADER, *lines]))
    assert table.targets.task == "regression"
    assert table.targets.values.tolist() == [at * 1234.0 for at in range(150)]


@pytest.mark.parametrize(
    "word",
    ["NA", "n/a", "-", "?", "None", "null", "", "NaN", "N/A", ".", "nan", "--", "missing",
     "unknown", "#DIV/0!", "#N/A", "#REF!", "..", ":", "N.A.", "n/d", "no data",
     "1.#QNAN", "-1.#IND"],
)  # fmt: skip
def test_words_for_missing_numbers_are_known(tmp_path, word):
    lines = [HEADER, *(word + line[3:] if at % 9 == 0 else line for at, line in enumerate(LINES))]
    read = read_examples(write(tmp_path / "t.csv", lines))
    assert read.inputs.shape == (150, 5)
    assert read.inputs[:, 1].tolist() == [float(at % 9 == 0) for at in range(150)]


def test_none_is_a_category_where_others_are_text(tmp_path):
    lines = [f"{['None', 'red'][at % 2]},{line}" for at, line in enumerate(LINES)]
    columns = read_labelled_table(write(tmp_path / "t.csv", lines)).learn()
    assert columns.inputs[0].values == ("None", "red")


@pytest.mark.parametrize("number", ["-999", "-200"])
def test_a_number_that_may_stand_for_missing_ones_is_pointed_out(tmp_path, number):
    lines = [HEADER, *(number + line[3:] if at % 9 == 0 else line for at, line in enumerate(LINES))]
    told = read_labelled_table(write(tmp_path / "t.csv", lines)).describe()
    assert f"Warning: column 1 (a) is {number} in 17 rows" in told[-1]


MARKDOWN = ["| " + line.replace(",", " | ") + " |" for line in iris()]

LAYOUTS = {
    "pipes around": ["|" + line.replace(",", "|") + "|" for line in iris()],
    "Markdown": [MARKDOWN[0], "|---|:--:|---|---|--:|", *MARKDOWN[1:]],
    "single quotes": [",".join(f"'{cell}'" for cell in line.split(",")) for line in iris()],
    "colons": iris(":"),
    "circumflexes": iris("^"),
    "quoted text between blanks": [line.replace(",", '" "').join('""') for line in iris()],
    "an empty row and a title with separators": [",,,,", "Measurements,,,,", *iris()],
    "a header of years": ["2019,2020,2021,2022,class", *LINES],
    "the same name twice": [HEADER.replace("b", "a"), *LINES],
    "names like those": [HEADER.replace("b", "a").replace("c,", "a.1,"), *LINES],
    "lines of old Macs": "\r".join(iris()).encode(),
    "lines of two systems": ("\r\n".join(iris()[:70]) + "\n" + "\n".join(iris()[70:])).encode(),
    "a mark and comments": b"\xef\xbb\xbf" + "\n".join(["# of the lab", *iris()]).encode(),
    "UTF-16, large end first": b"\xfe\xff" + "\n".join(iris()).encode("utf-16-be"),
}


@pytest.mark.filterwarnings("ignore:line 1 has class in column 5, as labels are called")
@pytest.mark.parametrize("kind", LAYOUTS)
def test_an_odd_layout_is_read(tmp_path, kind):
    content, path = LAYOUTS[kind], tmp_path / "t.v1-a.csv"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        write(path, content)
    read = read_examples(path)
    assert np.array_equal(read.inputs, ROWS)
    assert read.labels.tolist() == KINDS.tolist()
    assert len(set(read.columns.names())) == 4


def test_an_error_of_excel_at_the_beginning_of_a_line_makes_no_comment(tmp_path):
    lines = [HEADER, *LINES[:70], "#DIV/0!" + LINES[70][3:], "# a comment", *LINES[71:]]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert len(table.table) == 150
    assert "Note: lines that begin with # are left out, such as line 73" in table.describe()


def test_commas_that_may_part_groups_or_decimals_are_pointed_out(tmp_path):
    lines = written(lambda v: f"{v + 2:.3f}".replace(".", ","), ";")
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert any("commas are taken for decimal signs" in line for line in table.describe())


LEFT_OUT = {
    "dates": (lambda at: f"2024-0{1 + at % 5}-11", "has dates, such as 2024-01-11"),
    "German dates": (lambda at: f"11.0{1 + at % 5}.2024", "has dates"),
    "times": (lambda at: f"2024-01-11T0{at % 5}:30:00", "has dates"),
    "dates without signs": (lambda at: f"20240{1 + at % 5}11T000000", "has dates"),
    "names": (lambda at: f"flower {at}", "has another text in most rows"),
    "nothing": (lambda at: "", "holds nothing"),
}


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_columns_without_use_are_left_out_with_a_warning(tmp_path, kind):
    cell, words = LEFT_OUT[kind]
    lines = ["when," + HEADER, *(f"{cell(at)},{line}" for at, line in enumerate(LINES))]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert table.learn().names() == ["a", "b", "c", "d"]
    assert any(line.startswith(f"Warning: column 1 (when) {words}") for line in table.describe())


def test_a_table_of_which_nothing_is_left_says_why(fastnn_program, tmp_path):
    lines = ["name,class", *(f"flower {at},{kind}" for at, kind in enumerate(KINDS))]
    result = fastnn_program("train", "--data", write(tmp_path / "t.csv", lines))
    assert_one_line_of_error(result, "t.csv", "no column is left", "(name) has another text")


def test_classes_that_differ_in_capitals_are_pointed_out(tmp_path):
    lines = [line.replace("beta", "Alpha") for line in iris()]
    told = read_labelled_table(write(tmp_path / "t.csv", lines)).describe()
    assert "Warning: the classes Alpha and alpha differ in capitals only" in told


def test_bytes_of_no_known_encoding_are_warned_of_and_an_encoding_can_be_named(tmp_path):
    lines = [line.replace("alpha", "東京").replace("beta", "大阪") for line in iris()]
    path = write(tmp_path / "t.csv", lines, "shift-jis")
    told = read_labelled_table(path).describe()
    assert any("neither UTF-8 nor cp1252" in line for line in told)
    assert read_labelled_table(path, encoding="shift-jis").classes == ["gamma", "大阪", "東京"]


def tar(name, content):
    """What a tar archive of one file holds."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


WRONG = {
    "a file of one column": (b"x\n1\n2\n3\n", "its only column", "part columns"),
    "a text of one column": (b'x\n"a, b"\nc\nd\n', "its only column", "part columns"),
    "lines in quotation marks": (
        b'"1.0,2.0,0"\n' * 3, "each line stands in quotation marks", "within which commas part",
    ),
    "semicolons in quotation marks": (b'"a;b"\n"1;u"\n"2;v"\n', "within which semicolons part"),
    "nothing but comments": (b"# a\n# b\n", "only lines that begin with #"),
    "JSON": (b'[{"a": 1, "kind": "x"}]', "JSON", "CSV"),
    "lines of JSON": (b'{"a": 1}\n{"a": 2}\n', "JSON"),
    "a web page": (b"<!DOCTYPE html>\n<html></html>\n", "web page"),
    "a PDF": (b"%PDF-1.4\n", "PDF"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture"),
    "a pickle": (pickle.dumps({"a": [1, 2]}), "a pickle, which is never read"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", "git lfs"),
    "MATLAB": (b"MATLAB 5.0 MAT-file" + bytes(120), "MATLAB"),
    "old Excel": (b"\xd0\xcf\x11\xe0" + bytes(60), "old format", ".xlsx"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(60), "HDF5", "npz"),
    "Stata": (b"<stata_dta><header><release>118", "Stata", "CSV"),
    "older Stata": (b"r\x02\x01\0" + bytes(60), "Stata", "read_stata"),
    "SPSS": (b"$FL2@(#) IBM SPSS STATISTICS" + bytes(60), "SPSS", "CSV"),
    "SAS": (bytes(12) + b"\xc2\xea\x81\x60" + bytes(60), "SAS", "CSV"),
    "SAS for others": (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "SAS", "CSV"),
    "an object of R": (gzip.compress(b"X\n\0\0\0\x03" + bytes(60)), "a file of R", "write.csv"),
    "objects of R": (gzip.compress(b"RDX3\nX\n\0\0\0\x03" + bytes(60)), "a file of R"),
    "ORC": (b"ORC\n\x06\x12\x04\x08\x1eP\0" + bytes(60), "an ORC file", "Parquet"),
    "Avro": (b"Obj\x01\x04\x14avro.codec" + bytes(60), "Avro", "Parquet"),
    "compress": (b"\x1f\x9d\x90" + bytes(60), "compress", "unpack"),
    "zstd": (b"\x28\xb5\x2f\xfd" + bytes(60), "zstd", "unpack"),
    "a tar archive": (tar("t.csv", b"a,b\n1,2\n"), "a tar archive", "unpack"),
    "a packed tar archive": (gzip.compress(tar("t.csv", b"a,b\n1,2\n")), "a tar archive"),
    "text": (b"some text here\nand more of it\nbut no table at all\n", "line 2", "is it a table?"),
    "CSV below a line of ARFF": (b"@relation t\na,k\n1,x\n2,y\n", "no line @data"),
    "weights in ARFF": (
        b"@relation t\n@attribute a numeric\n@attribute k {x,y}\n@data\n1,x\n2,y, {0.5}\n",
        "line 6", "weight, {0.5}", "--weight-column",
    ),
    "bytes of 0": ("\n".join([HEADER, *LINES[:5], "1\0,2,3,4,x"]).encode(), "line 7", "no text"),
    "several labels": (b"1,2 1:3\n1 1:2\n", "line 1", "one label"),
    "text of ARFF": (
        b"@relation t\n@attribute who string\n@attribute a numeric\n@attribute k {x,y}\n@data\n"
        b"'Bob',1,x\n", "line 2", "attribute who", "CSV",
    ),
    "sparse ARFF": (
        b"@relation t\n@attribute a numeric\n@attribute k {x,y}\n@data\n{0 1, 1 x}\n",
        "line 5", "sparse", "svmlight",
    ),
    "a word in ARFF": (
        b"@relation t\n@attribute a numeric\n@attribute k {x,y}\n@data\n1,x\nmany,y\n",
        "line 6", "'many'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_what_cannot_be_read_is_refused_with_what_to_do(fastnn_program, tmp_path, kind):
    content, *words = WRONG[kind]
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert_one_line_of_error(fastnn_program("train", "--data", path), "t.csv", *words)


def test_a_readme_beside_a_table_in_an_archive_is_passed_over(tmp_path):
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("README.md", "of the lab")
        archive.writestr("t/t.csv", "\n".join(iris()))
    assert np.array_equal(read_examples(path).inputs, ROWS)


def test_packed_columns_between_tabs_are_read_from_standard_input(monkeypatch):
    class Input:
        buffer = io.BytesIO(gzip.compress("\n".join(iris("\t")).encode()))

    monkeypatch.setattr("sys.stdin", Input)
    assert np.array_equal(read_examples("-").inputs, ROWS)


def test_a_missing_name_in_a_header_is_no_obstacle(fastnn_program, tmp_path):
    lines = [HEADER.replace("b", ""), *LINES]
    path, net = write(tmp_path / "t.csv", lines), tmp_path / "net.npz"
    words = ["train", "--data", path, "--quiet", "--save", net, "--eta", 0.5]
    assert fastnn_program(*words)[0] == 0
    assert fastnn.load(net).columns.names() == ["a", "Unnamed: 1", "c", "d"]
    assert fastnn_program("predict", net, path)[0] == 0


def test_labels_in_the_first_column_are_pointed_out_where_fractions_are_taken(tmp_path):
    lines = [",".join([line.split(",")[-1], *line.split(",")[:-1]]) for line in iris()]
    lines[0] = "kind,a,b,c,d"
    told = read_labelled_table(write(tmp_path / "t.csv", lines)).describe()
    assert any("label_column='kind' has 3 different values" in line for line in told)


def test_one_row_that_cannot_be_is_refused_by_line(tmp_path):
    path = write(tmp_path / "t.csv", [HEADER, *LINES[:30], "1,2,3", *LINES[30:]])
    assert_refused(lambda: read_examples(path), ValueError, "line 32 has 3 columns")
