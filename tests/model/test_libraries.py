"""What counts by its name: code that comes with Python, with fastnn or from a package."""

import functools
import itertools
import sys

import numpy as np
import pytest

import fastnn
from fastnn.model.libraries import is_named, is_of_library


@pytest.mark.parametrize("module", ["builtins", "itertools", "json.decoder", "fastnn.sweeps"])
def test_modules_of_python_and_of_fastnn_are_libraries(module):
    assert is_of_library(module)


def test_installed_packages_are_libraries_and_scripts_are_not():
    assert is_of_library(np.linalg.norm.__module__)
    assert not is_of_library(__name__)
    assert not is_of_library("somebodys")


def test_a_script_is_no_library_for_having_the_name_of_one(tmp_path, monkeypatch):
    for name in ("queue", "tokenize"):
        module = type(sys)(name)
        module.__file__ = str(tmp_path / f"{name}.py")
        monkeypatch.setitem(sys.modules, name, module)
        assert not is_of_library(name)


def test_code_without_a_file_is_of_its_module_and_that_of_a_script_is_no_librarys(monkeypatch):
    """As cloudpickle sends it to a worker, which itself is an installed program."""
    assert is_of_library("contextlib", "<dynamic-code>")
    assert not is_of_library("somebodys", "<string>")
    for name in ("__main__", "__mp_main__"):
        main = type(sys)(name)
        main.__file__ = np.__file__
        monkeypatch.setitem(sys.modules, name, main)
        assert not is_of_library(name)
        assert not is_of_library(name, "<dynamic-code>")


def test_what_a_module_has_by_its_name_is_known():
    assert is_named(itertools.chain, "somebodys", "itertools")
    assert is_named(fastnn.Network.SGD, "fastnn.network2")
    assert not is_named(functools.partial(len), "functools")
    assert not is_named(lambda: None, __name__)
