"""The wheel, which is what users install: all is in it, and it works away from the sources."""

import shutil
import subprocess
import sys

import pytest
from house import FILES, ROOT
from processes import run_python

pytestmark = pytest.mark.thorough

PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of these sources, with the store of kernels if one was made."""
    folder = tmp_path_factory.mktemp("wheel")
    # From a copy: setuptools builds in place, and would pack what an earlier build left there.
    left_out = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__")
    sources = shutil.copytree(ROOT, folder / "sources", ignore=left_out)
    build = [*PIP, "wheel", "--no-deps", "--wheel-dir", str(folder), str(sources)]
    built = subprocess.run(build, capture_output=True, text=True, timeout=300)
    if "Could not find a version" in built.stderr:
        pytest.skip("a wheel is built with setuptools, and no package index can be reached")
    assert built.returncode == 0, built.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel):
    """A folder into which the wheel is installed, without its libraries."""
    target = wheel.parent / "site"
    install = [*PIP, "install", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=300)
    return target


def test_the_wheel_has_20_mb_at_most(wheel):
    assert wheel.stat().st_size <= 20_000_000


def test_every_module_is_in_the_wheel(installed):
    code = f"""
import importlib
for name in {sorted(set(FILES) - {"fastnn.__main__"})}:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as missing:  # a module of layers for PyTorch cannot do without it
        assert missing.name == "torch"
import fastnn; print(fastnn.__file__)
"""
    printed = run_python(code, folders=[installed])
    assert printed.strip() == str(installed / "fastnn" / "__init__.py")


def test_the_wheel_trains_on_its_own_mnist(installed):
    code = """
import importlib.resources, fastnn
training, validation, test = fastnn.mnist_loader.load_data_wrapper()
print(len(training), len(validation), len(test), end=" ")
net = fastnn.Network([784, 5, 10])
history = net.SGD(training[:100], 1, 10, 0.1, evaluation_data=test[:100],
                  monitor_evaluation_accuracy=True, verbose=False)
print(len(history.evaluation_accuracy))
"""
    assert run_python(code, folders=[installed]) == "50000 10000 10000 1\n"


def test_the_wheel_writes_the_report_of_an_experiment(installed, tmp_path):
    code = f"""
from fastnn import cli
print(cli.main(["chapter5", "sigmoid-prime", "--quick", "--out", {str(tmp_path / "report")!r}]))
"""
    run_python(code, folders=[installed], PYTHONWARNINGS="ignore")
    assert (tmp_path / "report" / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE")
