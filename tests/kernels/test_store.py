"""Kernels that come with the package: found if they fit, and silently compiled anew if not."""

import json
import os
import zipfile

import numba
import pytest

from fastnn.kernels import compiling, store
from fastnn.kernels.compiling import helper, kernel

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled then")


@helper
def _plus_one(x):
    return x + 1


def _answer(x):
    return _plus_one(x) + _plus_one(2 * x)


class Looked:
    """A kernel that looks into a store, and how often it was compiled."""

    def __init__(self, made, function=_answer):
        from fastnn.kernels.numba_parts.files import KernelCache

        self.compiled = []
        self.call = kernel(function)
        self.call._cache = KernelCache(function, "", made, lambda: self.compiled.append(function))
        self.call._cache._files = None  # no file of this user


@pytest.fixture
def folder(tmp_path):
    """A folder with a store that has one kernel, for one type of argument."""
    made = store.Store("these sources", tmp_path)
    collected = made.begin()
    looked = Looked(made)
    assert looked.call(5) == 17
    assert looked.compiled
    tmp_path.chmod(0o755)
    made.path.write_bytes(made.archive(collected))
    made.path.chmod(0o644)
    return tmp_path


def kernel_from(folder, sources="these sources"):
    return Looked(store.Store(sources, folder))


def test_a_kernel_of_the_store_is_not_compiled(folder):
    looked = kernel_from(folder)
    assert looked.call(5) == 17
    assert not looked.compiled


def test_a_kernel_for_other_types_is_compiled(folder):
    looked = kernel_from(folder)
    assert looked.call(0.5) == 3.5
    assert looked.compiled


def test_without_sources_nothing_is_taken_from_a_store_that_was_made_without_them(folder):
    unknown = store.Store(None, folder)
    unknown.path.write_bytes(unknown.archive({("answer", "type"): b"code"}))
    assert store.Store(None, folder).find("answer", "type") is None


def test_edited_sources_are_compiled(folder):
    looked = kernel_from(folder, "edited sources")
    assert looked.call(5) == 17
    assert looked.compiled


@pytest.mark.parametrize("what", ["numba", "llvmlite", "numpy", "python", "triple"])
def test_the_store_of_another_version_or_platform_is_left_alone(folder, what, monkeypatch):
    made = store.Store("these sources", folder)
    stamp = {**made.stamp(), what: "another"}
    monkeypatch.setattr(store.Store, "stamp", lambda self: stamp)
    looked = kernel_from(folder)
    assert looked.call(5) == 17
    assert looked.compiled


@pytest.mark.parametrize("damage", ["cut", "emptied", "changed", "removed"])
def test_a_damaged_store_is_left_alone(folder, damage):
    path = store.Store("these sources", folder).path
    content = path.read_bytes()
    if damage == "removed":
        path.unlink()
    else:
        middle = len(content) // 2
        changed = bytes(255 - byte for byte in content[100:middle])
        path.write_bytes(
            {
                "cut": content[:middle],
                "emptied": b"",
                "changed": content[:100] + changed + content[middle:],
            }[damage]
        )
    looked = kernel_from(folder)
    assert looked.call(5) == 17
    assert looked.compiled


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no such modes here")
@pytest.mark.parametrize("whose", ["file", "folder"])
def test_what_everybody_can_write_is_not_loaded(folder, whose):
    path = store.Store("these sources", folder).path
    (path if whose == "file" else folder).chmod(0o777)
    looked = kernel_from(folder)
    assert looked.call(5) == 17
    assert looked.compiled


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no such modes here")
def test_what_a_group_without_a_name_can_write_is_not_loaded(folder, monkeypatch):
    def nobody(number):
        raise KeyError(number)

    monkeypatch.setattr("grp.getgrgid", nobody)
    store.Store("these sources", folder).path.chmod(0o664)
    looked = kernel_from(folder)
    assert looked.call(5) == 17
    assert looked.compiled


def test_a_kernel_under_another_ones_name_is_not_taken(folder):
    """Its types are looked at again once it is loaded."""
    path = store.Store("these sources", folder).path
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    index = json.loads(members["index.json"])
    ((name, places),) = index.items()
    index[name] = {store._digest(str((numba.float64,))): place for place in places.values()}
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in {**members, "index.json": json.dumps(index)}.items():
            archive.writestr(member, content)
    looked = kernel_from(folder)
    assert looked.call(0.5) == 3.5
    assert looked.compiled


def test_the_same_kernels_make_the_same_file(folder):
    made = store.Store("these sources", folder)
    kernels = {("b", "x"): b"12", ("a", "x"): b"345", ("a", "y"): b"6"}
    assert made.archive(kernels) == made.archive(dict(reversed(kernels.items())))


def test_the_store_of_this_package_is_made_from_these_sources():
    """A store is made before a wheel is; a checkout need not have one."""
    if not compiling.STORE.path.exists():
        pytest.skip("no store was made for this Python and CPU: fastnn compile makes one")
    with zipfile.ZipFile(compiling.STORE.path) as archive:
        assert json.loads(archive.read("stamp.json")) == compiling.STORE.stamp()


def test_each_of_several_kernels_is_found(tmp_path):
    """They lie one behind the other in the members of the file."""
    made = store.Store("these sources", tmp_path)
    collected = made.begin()
    kernels = {("answer", f"type {i}"): f"code {i}" * i for i in range(1, 12)}
    kernels["other", "type 1"] = "other code"
    for (name, types), code in kernels.items():
        made.collect(name, types, code)
    tmp_path.chmod(0o755)
    made.path.write_bytes(made.archive(collected))
    made.path.chmod(0o644)
    found = store.Store("these sources", tmp_path)
    for (name, types), code in kernels.items():
        assert found.find(name, types) == code
    assert found.find("answer", "type 12") is None
