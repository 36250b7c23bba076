"""Kernels kept on disk: taken where they fit, and never a reason to fail."""

import errno
import pickle
from pathlib import Path

import numba
import pytest

from fastnn.kernels import numba_parts, private_files, store
from fastnn.kernels.compiling import brief_kernel

files = pytest.importorskip(
    "fastnn.kernels.numba_parts.files",
    reason="another Numba, whose inner parts have moved",
    exc_type=ImportError,
)

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled then")


def _answer(x):
    return x + x


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder that Numba is told to keep files in."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Process:
    """A kernel as a new process has it, and how often it was compiled there."""

    def __init__(self, stamp="these sources", function=_answer, folder=Path("nowhere")):
        self.compiled = []
        self.call = brief_kernel(function)
        made = store.Store(stamp, folder)
        self.call._cache = files.KernelCache(
            function, stamp, made, lambda: self.compiled.append(function)
        )

    def answer(self, x):
        """Return the kernel's answer, and where it is from."""
        return self.call(x), "compiled" if self.compiled else "kept"


def kept(folder):
    return sorted(folder.rglob("*.nbc"))


def test_a_kernel_is_compiled_once_for_each_type():
    assert Process().answer(2) == (4, "compiled")
    assert Process().answer(2) == (4, "kept")
    assert Process().answer(0.5) == (1.0, "compiled")
    assert Process().answer(0.5) == (1.0, "kept")
    assert Process().answer(2) == (4, "kept")


def test_numba_says_where_kernels_are_kept(folder):
    process = Process()
    process.call(2)
    [path] = kept(folder)
    assert process.call.stats.cache_path == str(path.parent)


def test_a_kernel_of_other_sources_is_stale_and_is_removed(folder):
    Process().call(2)
    [stale] = kept(folder)
    assert Process("edited sources").answer(2) == (4, "compiled")
    [path] = kept(folder)
    assert path != stale


def full(path, content):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("stamp", ["these sources", "edited sources"])
def test_a_kernel_that_a_full_disk_did_not_take_is_compiled_again(monkeypatch, stamp):
    Process().call(2)
    with monkeypatch.context() as context:
        context.setattr(Path, "write_bytes", full)
        assert Process(stamp).answer(0.5) == (1.0, "compiled")
        assert Process(stamp).answer(0.5) == (1.0, "compiled")
    assert Process(stamp).answer(0.5) == (1.0, "compiled")
    assert Process(stamp).answer(0.5) == (1.0, "kept")


def test_a_damaged_kernel_is_compiled_anew_and_kept(folder):
    Process().call(2)
    [path] = kept(folder)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert Process().answer(2) == (4, "compiled")
    assert Process().answer(2) == (4, "kept")


def test_a_kernel_for_other_types_under_its_name_is_not_taken(folder):
    Process().call(2)
    [of_integers] = kept(folder)
    Process().call(0.5)
    [of_numbers] = set(kept(folder)) - {of_integers}
    of_numbers.write_bytes(of_integers.read_bytes())
    assert Process().answer(0.5) == (1.0, "compiled")


@pytest.mark.parametrize("library", ["numba", "llvmlite", "np"])
def test_a_kernel_of_another_version_is_not_taken(monkeypatch, library):
    Process().call(2)
    monkeypatch.setattr(getattr(numba_parts, library), "__version__", "another")
    assert Process().answer(2) == (4, "compiled")


def test_a_kernel_for_another_cpu_is_not_taken(monkeypatch):
    Process().call(2)
    triple, name, features = numba_parts.machine()
    monkeypatch.setattr(numba_parts, "machine", lambda: (triple, name, features + ",+other"))
    assert Process().answer(2) == (4, "compiled")


def test_a_kernel_that_anybody_else_may_have_written_is_not_taken(folder, monkeypatch):
    Process().call(2)
    [path] = kept(folder)
    asked = []
    monkeypatch.setattr(private_files, "is_safe", asked.append)
    monkeypatch.setattr(pickle, "loads", None)
    assert Process().answer(2) == (4, "compiled")
    assert asked == [path]


def test_a_kernel_that_reads_a_closure_is_compiled_in_every_process(folder):
    def adding(number):
        return lambda x: x + number

    for number in (1, 2):
        assert Process(function=adding(number)).answer(2) == (2 + number, "compiled")
    assert not kept(folder)


def test_where_sources_are_unknown_nothing_is_kept_or_taken(folder):
    assert Process(None).answer(2) == (4, "compiled")
    assert Process(None).answer(2) == (4, "compiled")
    assert not kept(folder)


def test_a_function_of_a_user_whose_file_is_damaged_is_not_taken(folder):
    compiled = numba.njit(_answer)
    compiled.compile((numba.intp,))
    (result,) = compiled.overloads.values()
    files.OwnFiles(_answer, "these sources").save("digest", result)
    assert files.OwnFiles(_answer, "these sources").load("digest")
    [path] = folder.rglob("*.own")
    content = path.read_bytes()
    for place in (0, 40, len(content) // 2, len(content) - 1):
        damaged = bytearray(content)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        assert files.OwnFiles(_answer, "these sources").load("digest") is None
    path.write_bytes(content)
    assert files.OwnFiles(_answer, "edited sources").load("digest") is None
    assert files.OwnFiles(_answer, None).load("digest") is None


# Another Numba --------------------------------------------------------------------------------


def test_a_numba_that_chooses_the_folder_in_another_way_compiles_in_every_process(
    monkeypatch, folder
):
    monkeypatch.delattr(files.caching.CacheImpl, "locator")
    assert Process().answer(2) == (4, "compiled")
    assert not kept(folder)


def test_a_numba_whose_results_are_kept_in_another_way_compiles_in_every_process(
    monkeypatch, folder
):
    monkeypatch.delattr(files.CompileResult, "_reduce")
    assert Process().answer(2) == (4, "compiled")
    assert not kept(folder)


def test_a_numba_that_reads_its_registries_in_another_way_compiles(monkeypatch):
    monkeypatch.setattr(files, "read_registries", None)
    assert Process().answer(2) == (4, "compiled")
