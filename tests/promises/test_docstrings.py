"""Docstrings have numpydoc's sections, and their examples give what they say."""

from __future__ import annotations

import ast
import doctest
import re
from importlib import import_module

import pytest
from house import FILES, tree_of

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


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_module_give_what_they_say(name, tmp_path, monkeypatch):
    if ".estimator" in name:
        pytest.importorskip("sklearn")
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
    assert tried > 0
    assert failed == 0
