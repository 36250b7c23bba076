"""Optional libraries that are missing: whoever needs one is told what installs it."""

import importlib

import pytest

import fastnn
from fastnn import estimator, own_data, plots
from fastnn.chapter5.report import write_report
from fastnn.common.libraries import check_libraries
from fastnn.sweeps.claims import Claims
from fastnn.sweeps.table import Sweep


def test_libraries_that_are_there_are_not_spoken_of():
    check_libraries("this", ["json", "numpy"], "plot")


def test_all_that_are_missing_are_named():
    with pytest.raises(
        ImportError, match=r"^this needs no_such and nor_this: .*'fastnn-jit\[x\]'$"
    ):
        check_libraries("this", ["json", "no_such", "nor_this"], "x")


ROWS = "a,b,label\n" + "1,2,x\n3,4,y\n" * 9
COLUMN = [[0.5], [1.0]]
LABELLED = "1 1:2.5\n0 2:0.5\n"


def files(tmp_path):
    (tmp_path / "rows.csv").write_text(ROWS)
    (tmp_path / "rows.svm").write_text(LABELLED)
    return tmp_path


NEEDS = {  # what needs which library of which extra
    "pandas: to_pandas": lambda _: fastnn.History().to_pandas(),
    "pandas: to_pandas of a sweep": lambda _: Sweep([]).to_pandas(),
    "tables: read_examples": lambda here: own_data.read_examples(here / "rows.csv"),
    "tables: read_labelled_table": lambda here: own_data.read_labelled_table(here / "rows.csv"),
    "sklearn: svmlight": lambda here: own_data.read_examples(here / "rows.svm"),
    "sklearn: the estimators": lambda _: importlib.reload(estimator),
    "plot: a new figure": lambda _: plots.activation_curve(),
    "plot: files": lambda _: plots.render(plots.activation_curve),
    "plot: what moves": lambda here: plots.animate([[COLUMN, COLUMN]], here / "a.gif"),
    "report: a report": lambda here: write_report([], here / "report", title="", facts={}),
    "sweeps: results": lambda here: Claims(here / "results"),
    "torch: from_torch": lambda _: fastnn.from_torch(None),
    "torch: to_torch": lambda _: fastnn.Network([2, 1]).to_torch(),
    "onnx: to_onnx": lambda here: fastnn.Network([2, 1]).to_onnx(here / "net.onnx"),
}


@pytest.mark.parametrize("what", NEEDS)
def test_what_needs_a_library_says_what_installs_it(what, tmp_path, monkeypatch):
    here = files(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    extra = what.partition(":")[0]
    with pytest.raises(
        ImportError, match=rf" needs \w+.*: python -m pip install 'fastnn-jit\[{extra}\]'$"
    ):
        NEEDS[what](here)
    assert len(list(tmp_path.iterdir())) == 2  # nothing was written
