"""`fastnn compile`: what it compiles is in the store, for CPUs of both kinds, and is enough."""

import inspect
import os
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


@pytest.fixture
def made_at_once(tmp_path, monkeypatch):
    """The folder of the store, and what would take minutes to compile in a moment."""
    monkeypatch.setattr(STORE, "_folder", tmp_path / "stored")
    content = STORE.archive({("kernel", "types"): b"code"})
    monkeypatch.setattr(compile_ahead, "_archive", lambda features: (STORE.path.name, content))
    return tmp_path / "stored"


def mode(path):
    return path.stat().st_mode & 0o777


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no such modes here")
@pytest.mark.parametrize("umask", [0o000, 0o002, 0o077])
@pytest.mark.parametrize("again", [False, True])
def test_all_can_read_the_store_and_only_its_owner_can_write(
    fastnn_program, made_at_once, umask, again
):
    if again:  # as an earlier run may have left them
        made_at_once.mkdir()
        made_at_once.chmod(0o775)
        STORE.path.write_bytes(b"before")
        STORE.path.chmod(0o664)
    before = os.umask(umask)
    try:
        status, _, errors = fastnn_program("compile")
    finally:
        os.umask(before)
    assert (status, errors) == (0, [])
    assert (mode(made_at_once), mode(STORE.path)) == (0o755, 0o644)


def test_a_store_that_would_not_be_used_is_an_error(fastnn_program, made_at_once, monkeypatch):
    monkeypatch.setattr("fastnn.kernels.store.is_safe", lambda path: False)
    status, _, errors = fastnn_program("compile")
    assert status == 1
    assert f"{STORE.path} would not be used by this user" in errors[-1]


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_compiled(
    fastnn_program, made_at_once, monkeypatch
):
    monkeypatch.setattr(compile_ahead, "_archive", lambda features: pytest.fail("compiles"))
    made_at_once.write_bytes(b"a file in its place")
    status, printed, errors = fastnn_program("compile")
    assert (status, printed) == (1, [])
    assert f"cannot write into {made_at_once}, where fastnn is installed: " in errors[-1]


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
