"""`fastnn compile`: what it compiles is in the store, for CPUs of both kinds, and is enough."""

import inspect
import zipfile

import numba
import numpy as np
import pytest
from house import ROOT
from processes import FOLDER, run_python

from fastnn import Network
from fastnn.cli import compile_ahead
from fastnn.kernels.compiling import STORE
from fastnn.kernels.sums import norm

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled then")


def test_the_command_writes_what_its_jobs_compile(fastnn_program, tmp_path, monkeypatch):
    monkeypatch.setattr(STORE, "_folder", tmp_path / "stored")
    monkeypatch.setattr(compile_ahead, "_jobs", lambda: [(norm, np.ones(3)), (norm, np.ones(4))])
    status, printed, errors = fastnn_program("compile")
    assert (status, errors) == (0, [])
    files = sorted((tmp_path / "stored").iterdir())
    assert STORE.path in files
    assert len(printed) == len(files) == len(compile_ahead._features())
    for file in files:
        with zipfile.ZipFile(file) as archive:
            assert "fastnn.kernels.sums.sum_of_squares-0" in archive.namelist()


@pytest.mark.parametrize("form", compile_ahead._FORMS)
def test_inputs_have_the_form_that_their_name_says(form):
    from fastnn.engine.inputs import kernel_inputs

    store = compile_ahead._dataset(form).store
    inputs = kernel_inputs(store, np.dtype(np.float64))
    kinds = {
        "images": ("CodedInputs", "entries", np.uint16),
        "codes": ("CodedInputs", "entries", np.uint16),
        "sparse64": ("SparseInputs", "values", np.float64),
        "sparse32": ("SparseInputs", "values", np.float32),
        "dense64": ("DenseInputs", "values", np.float64),
        "dense32": ("DenseInputs", "values", np.float32),
        "bytes": ("DenseInputs", "values", np.uint8),
    }
    kind, array, number = kinds[form]
    assert type(inputs).__name__ == kind
    assert getattr(inputs, array).dtype == number


# What no kernel depends on, or what every row of the options has.
WITHOUT_KERNELS = {"self", "training_data", "progress", "verbose"}


@pytest.mark.thorough
def test_no_documented_option_needs_a_kernel_that_is_not_compiled_ahead():
    code = (FOLDER / "calls_of_kernels.py").read_text(encoding="utf-8")
    first, *needed = run_python(
        code, folders=[ROOT, FOLDER], NUMBA_DISABLE_JIT="1", PYTHONWARNINGS="ignore"
    ).splitlines()
    assert int(first.split()[0]) > 80
    assert needed == []


def test_the_options_that_are_tried_for_that_are_all_options_of_training():
    import calls_of_kernels

    tried = {name for row in calls_of_kernels.OPTIONS for name in row}
    assert tried | {"eta"} == set(inspect.signature(Network.SGD).parameters) - WITHOUT_KERNELS
