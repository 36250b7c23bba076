"""The floors of the house: who may import whom, and what an import may ask of the machine."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from builders import tiny_training

import fastnn

PACKAGE = Path(fastnn.__file__).resolve().parent

# From the ground up. A module imports from its own floor and from those below it; a new module of
# fastnn gets a place here.
FLOORS = {
    "common": ("common",),
    "kernels": ("kernels",),
    "values": ("datasets", "optimisers", "scaling", "schedules"),
    "network": ("mnist_loader", "model", "own_data"),
    "engine": ("engine",),
    "run": ("exporting", "gradients", "training"),
    "interface": ("estimator", "exchange", "network2", "resuming"),
    "many networks": ("sweeps",),
    "package": ("",),
    "figures": ("plots",),
    "experiments": ("chapter5",),
    "program": ("__main__", "cli"),
}
# Beside the house: these import nothing of fastnn but their own modules.
APART = ("reference",)

KERNEL_LIBRARIES = {"llvmlite", "numba", "numpy"}
REQUIRED = {"fastnn", "llvmlite", "numba", "numpy"}
OPTIONAL = {
    *("dask", "distributed", "hypothesis", "jax", "jinja2", "markupsafe", "matplotlib", "onnx"),
    *("pandas", "pytest", "scipy", "sklearn", "torch", "tqdm"),
}
# Rooms that are nothing without their library, and that nothing else of fastnn imports.
BUILT_ON = {"estimator": {"sklearn"}}


# --- who imports whom -------------------------------------------------------------------------


def module_files():
    """Return {dotted name: file} of every module; "fastnn" is the package itself."""
    files = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("fastnn", *path.relative_to(PACKAGE).with_suffix("").parts)
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


FILES = module_files()


def tree_of(name):
    return ast.parse(FILES[name].read_text(encoding="utf-8"))


def imports_of(name, nodes=None):
    """Return what a module imports, wherever in it: modules of fastnn in full, else the library.

    Of some `nodes` of it only, where they are given.
    """
    package = name if FILES[name].name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(tree_of(name)) if nodes is None else nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                parents = package.split(".")
                parents = parents[: len(parents) - node.level + 1]
                source = ".".join([*parents, source]).rstrip(".")
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                found.add(inner if inner in FILES else source)
    return {entry if entry.split(".")[0] == "fastnn" else entry.split(".")[0] for entry in found}


def imports_at_once_of(name):
    """Return what an import of the module imports: not what its functions ask for when called."""

    def at_once(node):
        yield node
        for child in ast.iter_child_nodes(node):
            later = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            if not later and not is_for_types(child):
                yield from at_once(child)

    return imports_of(name, at_once(tree_of(name)))


def is_for_types(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def own_imports_of(name):
    return {entry for entry in imports_of(name) if entry.split(".")[0] == "fastnn"}


def room(name):
    """Return "kernels" for fastnn.kernels.epoch, "cli" for fastnn.cli and "" for fastnn."""
    return [*name.split("."), ""][1]


def floor(name):
    for height, rooms in enumerate(FLOORS.values()):
        if room(name) in rooms:
            return height
    raise AssertionError(f"{name} is on no floor: give it a place in FLOORS")


IN_THE_HOUSE = [name for name in FILES if room(name) not in APART]
KERNELS = [name for name in FILES if room(name) == "kernels"]


def test_the_rooms_of_the_design_are_there():
    assert {room(name) for name in FILES} >= {"", "kernels", "network2", "reference", "cli"}
    assert len(KERNELS) > 5


@pytest.mark.parametrize("name", IN_THE_HOUSE)
def test_a_module_imports_nothing_from_above(name):
    above = [other for other in own_imports_of(name) if floor(other) > floor(name)]
    assert not above


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_import_only_each_other_and_what_they_compile_with(name):
    assert {room(other) for other in own_imports_of(name)} <= {"kernels"}
    libraries = imports_of(name) - own_imports_of(name)
    assert libraries <= KERNEL_LIBRARIES | sys.stdlib_module_names


@pytest.mark.parametrize("name", [name for name in FILES if room(name) in APART])
def test_what_stands_apart_imports_nothing_of_fastnn_but_itself(name):
    assert {room(other) for other in own_imports_of(name)} <= {room(name)}
    assert imports_of(name) - own_imports_of(name) <= {"numpy"} | sys.stdlib_module_names


@pytest.mark.parametrize("name", IN_THE_HOUSE)
def test_the_house_does_not_lean_on_the_reference(name):
    assert not {room(other) for other in own_imports_of(name)} & set(APART)


@pytest.mark.parametrize("name", IN_THE_HOUSE)
def test_only_required_libraries_are_imported_at_once(name):
    libraries = {entry.split(".")[0] for entry in imports_at_once_of(name)}
    allowed = REQUIRED | BUILT_ON.get(room(name), set())
    assert libraries <= allowed | sys.stdlib_module_names


@pytest.mark.parametrize("name", IN_THE_HOUSE)
def test_only_they_themselves_import_rooms_that_need_an_optional_library(name):
    assert {room(other) for other in own_imports_of(name)} & set(BUILT_ON) <= {room(name)}


@pytest.mark.parametrize("name", IN_THE_HOUSE)
def test_what_functions_import_is_required_or_optional_and_known(name):
    libraries = {entry.split(".")[0] for entry in imports_of(name)}
    assert libraries <= REQUIRED | OPTIONAL | sys.stdlib_module_names


def test_no_module_imports_itself_by_a_detour():
    reached = {name: own_imports_of(name) for name in FILES}
    for _ in FILES:
        reached = {
            name: others.union(*(reached[other] for other in others))
            for name, others in reached.items()
        }
    assert [name for name, others in reached.items() if name in others] == []


# --- what an import asks of the machine -------------------------------------------------------


def run_python(code, *, folders, options=(), **environment):
    """Run code in a new process that finds modules in `folders`; return what it prints.

    An environment variable of None is unset.
    """
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders)), **environment}
    finished = subprocess.run(
        [sys.executable, *options, "-c", code],
        env={name: str(value) for name, value in variables.items() if value is not None},
        capture_output=True,
        text=True,
        cwd=folders[0],
        timeout=300,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    return finished.stdout


HERE = (PACKAGE.parent, Path(__file__).resolve().parents[1] / "support")

WATCHED_IMPORT = """
import importlib.abc, sys
import numba  # asks for some of them itself, if they are there
asked = set()
class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        asked.add(name.partition(".")[0])
sys.meta_path.insert(0, Watch())
import fastnn, fastnn.cli, fastnn.reference
print(*sorted(asked))
"""


def test_importing_fastnn_asks_for_no_optional_library():
    asked = set(run_python(WATCHED_IMPORT, folders=HERE).split())
    assert "fastnn" in asked
    assert not asked & OPTIONAL


def code_of_tiny_training(**options):
    return f"import builders, json; print(json.dumps(builders.tiny_training(**{options})))"


@pytest.fixture(scope="module")
def compiled():
    return tiny_training()


@pytest.mark.parametrize("options", [["-W", "error"], ["-O"]], ids=" ".join)
def test_training_is_the_same_under_python(options, compiled):
    assert (
        json.loads(run_python(code_of_tiny_training(), options=options, folders=HERE)) == compiled
    )


@pytest.mark.thorough
def test_training_is_the_same_where_no_folder_keeps_compiled_kernels(tmp_path, compiled):
    (tmp_path / "file").touch()
    printed = run_python(
        code_of_tiny_training(),
        folders=HERE,
        HOME=None,
        NUMBA_CACHE_DIR=tmp_path / "file" / "no folder can be here",
        NUMBA_CACHE_LOCATOR_CLASSES="UserProvidedCacheLocator",  # nor beside the sources
    )
    assert json.loads(printed) == compiled


@pytest.mark.parametrize(
    "options",
    [{}, {"as_bytes": True}, {"inputs": 4100}],  # 16 lanes of each: more than 16 bits count
    ids=["floats", "bytes", "many inputs"],
)
def test_kernels_give_the_same_numbers_uncompiled(options):
    printed = run_python(
        code_of_tiny_training(**options),
        options=["-W", "error"],
        folders=HERE,
        NUMBA_DISABLE_JIT="1",
    )
    uncompiled = json.loads(printed)
    compiled = tiny_training(**options)
    assert uncompiled["order"] == compiled["order"]
    assert uncompiled["training_accuracy"] == compiled["training_accuracy"]
    for what in ("evaluation_cost", "parameters"):
        for mine, yours in zip(uncompiled[what], compiled[what], strict=True):
            np.testing.assert_allclose(mine, yours, rtol=1e-10)


# --- kernels kept on disk ---------------------------------------------------------------------

PROBE = """
from .compiling import kernel
from .probe_constant import answer

@kernel
def ask():
    return answer()
"""
PROBE_CONSTANT = """
from .compiling import helper

ANSWER = {}

@helper
def answer():
    return ANSWER
"""
ASK = """
from fastnn.kernels.probe import ask
print(ask(), "kept" if ask.stats.cache_hits else "compiled")
"""


@pytest.fixture
def ask(tmp_path):
    """A function that runs a kernel of a copy of the package; the answer is in another file."""
    copy = tmp_path / "fastnn"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.npz"))
    (copy / "kernels" / "probe.py").write_text(PROBE)

    def run(answer):
        (copy / "kernels" / "probe_constant.py").write_text(PROBE_CONSTANT.format(answer))
        return run_python(
            ASK,
            folders=[tmp_path],
            NUMBA_CACHE_DIR=tmp_path / "cache",
            NUMBA_DISABLE_JIT="0",
            PYTHONDONTWRITEBYTECODE="1",  # files of one size and second look alike to Python
        ).split()

    return run


@pytest.mark.thorough
def test_an_edit_of_any_kernel_file_makes_kept_kernels_stale(ask):
    assert ask(41) == ["41", "compiled"]
    assert ask(41) == ["41", "kept"]
    assert ask(42) == ["42", "compiled"]


@pytest.mark.thorough
@pytest.mark.parametrize("ending", ["nbi", "nbc"])
def test_damaged_files_of_kept_kernels_are_compiled_anew(ask, tmp_path, ending):
    ask(41)
    files = list((tmp_path / "cache").rglob(f"*.{ending}"))
    assert files
    for path in files:
        path.write_bytes(path.read_bytes()[:20])
    assert ask(41) == ["41", "compiled"]
