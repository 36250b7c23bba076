"""The Python of the README and of the documentation runs, page by page, from top to bottom."""

from __future__ import annotations

from importlib.util import find_spec
from unittest import SkipTest

import pytest
from house import ROOT

sybil = pytest.importorskip("sybil")
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser  # noqa: E402 (where it is)

PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if "```python" in page.read_text(encoding="utf-8")
]
IRIS = """\
sepal,petal,species
5.1,1.4,setosa
7.0,4.7,versicolor
4.9,1.5,setosa
6.4,4.5,versicolor
4.7,1.3,setosa
6.9,4.9,versicolor
5.0,1.4,setosa
5.5,4.0,versicolor
4.6,1.5,setosa
6.5,4.6,versicolor
"""


@pytest.mark.thorough  # a minute in all
@pytest.mark.filterwarnings("default")  # what a page says of a warning, it shows
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_python_of_a_page_runs_from_top_to_bottom(page, tmp_path, monkeypatch, capsys):
    pytest.importorskip("sklearn")
    monkeypatch.chdir(tmp_path)
    for name in ("iris.csv", "more.csv"):
        (tmp_path / name).write_text(IRIS)
    document = sybil.Sybil([PythonCodeBlockParser(), SkipParser()]).parse(page)
    document.namespace["installed"] = find_spec
    for example in document.examples():
        try:
            example.evaluate()
        except SkipTest:  # what the page says needs a library that is not there
            continue
