"""scikit-learn's own tests of its perceptrons pass for fastnn's, but for the exceptions listed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import sklearn

PLUGIN = Path(__file__).parents[1] / "support" / "in_place_of_sklearn.py"

# The tests that fail, and what each of them says.
EXCEPTIONS = {
    # They look at private attributes.
    "test_gradient": "'MLPClassifier' object has no attribute '_loss_grad_lbfgs'",
    "test_learning_rate_warmstart": "'MLPClassifier' object has no attribute '_optimizer'",
    "test_adaptive_learning_rate": "'MLPClassifier' object has no attribute '_optimizer'",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Run the tests of the installed scikit-learn: {name: what its failures say}."""
    folder = tmp_path_factory.mktemp("scikit_learns_tests")
    (folder / "empty.ini").touch()
    package = Path(sklearn.__file__).parent
    environment = {name: at for name, at in os.environ.items() if not name.startswith("PYTEST_")}
    environment["PYTHONPATH"] = os.pathsep.join([str(PLUGIN.parent), *sys.path])
    tests = package / "neural_network" / "tests" / "test_mlp.py"
    options = ["-p", PLUGIN.stem, "-p", "no:cacheprovider", "--junit-xml", "results.xml"]
    # Its own conftest.py is found from the root; its cases depend on no settings of ours.
    options += ["--rootdir", str(package), "-c", "empty.ini", "-q"]
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", str(tests), *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert (folder / "results.xml").exists(), finished.stderr
    said = {}
    for case in ElementTree.parse(folder / "results.xml").iter("testcase"):
        failures = said.setdefault(case.get("name").partition("[")[0], [])
        failures += [entry.get("message") for entry in case if entry.tag in ("failure", "error")]
    return said


@pytest.mark.compiled
def test_scikit_learns_tests_pass_but_for_the_exceptions(results):
    assert len(results) > 40
    assert {name for name, failures in results.items() if failures} == set(EXCEPTIONS)


@pytest.mark.compiled
@pytest.mark.parametrize("name", EXCEPTIONS)
def test_an_exception_fails_for_the_reason_listed(results, name):
    assert results[name]
    assert all(EXCEPTIONS[name] in message for message in results[name])
