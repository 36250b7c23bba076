"""What kind of file it is: told by what is in it."""

import io

import numpy as np
import pytest
from refusals import assert_refused
from table_files import flowers, iris, write

from fastnn.datasets.kinds import kind_of
from fastnn.datasets.text_files import Source
from fastnn.own_data import read_examples

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


def test_arff_is_read(tmp_path):
    pytest.importorskip("scipy")
    head = ["% of flowers", "@relation t", *(f"@attribute {name} numeric" for name in "abcd")]
    lines = [*head, "@attribute class {alpha,beta,gamma}", "@data", *iris(header=False)]
    lines[8] = "?" + lines[8][lines[8].index(",") :]
    path = write(tmp_path / "t.arff", lines)
    assert kind_of(Source(path)) == "arff"
    examples = read_examples(path)
    assert examples.inputs.shape == (150, 5)
    assert np.array_equal(examples.inputs[1:, :1], flowers()[0][1:, :1])
    assert examples.columns.names()[1] == "a is missing"


def test_a_data_frame_is_a_table():
    examples = read_examples(frame())
    assert np.array_equal(examples.inputs, flowers()[0])
    assert examples.classes == ["alpha", "beta", "gamma"]


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
