"""The examples in docstrings give what they say."""

from __future__ import annotations

import doctest
import re
from importlib import import_module

import pytest
from house import FILES

WITH_EXAMPLES = [
    name
    for name, file in FILES.items()
    if re.search(r"^\s*>>> ", file.read_text(encoding="utf-8"), re.MULTILINE)
]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_module_give_what_they_say(name, tmp_path, monkeypatch):
    if ".estimator" in name:
        pytest.importorskip("sklearn")
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
    assert tried > 0
    assert failed == 0
