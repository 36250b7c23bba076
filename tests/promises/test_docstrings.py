"""Docstrings have numpydoc's sections, and their examples give what they say."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
from importlib import import_module

import pytest
from house import FILES, tree_of

PUBLIC = [
    name
    for name in FILES
    if name.count(".") < 2 and name not in ("fastnn.chapter5", "fastnn.reference")
]
WITH_EXAMPLES = [
    name
    for name, file in FILES.items()
    if re.search(r"^\s*>>> ", file.read_text(encoding="utf-8"), re.MULTILINE)
]

SECTIONS = {
    *("Parameters", "Returns", "Yields", "Receives", "Other Parameters", "Raises", "Warns"),
    *("Warnings", "See Also", "Notes", "References", "Examples", "Attributes", "Methods"),
}


def underlined_lines_of(name):
    for node in ast.walk(tree_of(name)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            text = ast.get_docstring(node) or ""
            yield from re.findall(r"^(.*)\n-{3,}$", text, re.MULTILINE)


@pytest.mark.parametrize("name", FILES)
def test_what_is_underlined_in_a_docstring_is_a_section_of_numpydoc(name):
    assert set(underlined_lines_of(name)) <= SECTIONS


def sections_of(function):
    """Return {title: text} of a docstring's sections."""
    _, *parts = re.split(r"^(.*)\n-{3,}\n", inspect.getdoc(function), flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def parameters_told_of(section):
    """The names in a section's lines that are not indented: ``a, b : float``."""
    lines = re.findall(r"^\S.*", section, re.MULTILINE)
    return {name.strip(" *") for line in lines for name in line.partition(" : ")[0].split(",")}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_functions_say_what_they_take_and_return(name):
    if name == "fastnn.estimator":
        pytest.importorskip("sklearn")
    module = import_module(name)
    for public in getattr(module, "__all__", ()):
        function = getattr(module, public)
        if not inspect.isfunction(function):
            continue
        signature, sections = inspect.signature(function), sections_of(function)
        told = parameters_told_of(sections.get("Parameters", ""))
        assert set(signature.parameters) <= told, public
        returns = signature.return_annotation not in ("None", inspect.Signature.empty)
        assert not returns or {"Returns", "Yields"} & set(sections), public


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_module_give_what_they_say(name, tmp_path, monkeypatch):
    if ".estimator" in name:
        pytest.importorskip("sklearn")
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
    assert tried > 0
    assert failed == 0
