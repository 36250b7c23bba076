"""What an import of fastnn asks of the machine, and how Python may be started."""

import json
import sys

import numpy as np
import pytest
from builders import tiny_training
from house import FILES, PACKAGE, imports_at_once_of, imports_of, offenders, own_imports_of, room
from processes import FOLDER, run_python

REQUIRED = {"fastnn", "llvmlite", "numba", "numpy"}
OPTIONAL = {
    *(
        "bokeh",
        "dask",
        "distributed",
        "filelock",
        "hypothesis",
        "jax",
        "jinja2",
        "markupsafe",
        "matplotlib",
    ),
    *("onnx", "pandas", "panel", "param", "pytest", "scipy", "sklearn", "torch", "tornado", "tqdm"),
}
# Rooms that need their library, and that no other room imports.
# (`compile_ahead` compiles what they call, where their library is.)
BUILT_ON = {"estimator": {"scipy", "sklearn"}}
# Modules that do, and that other modules import only inside functions.
_LIVE = {"bokeh", "panel", "param"}
BUILT_ON_MODULES = {
    f"fastnn.chapter5.live.{name}": _LIVE
    for name in ("controls", "curves", "figures", "pad", "page", "pictures", "words")
} | {"fastnn.model.torch_scaling": {"torch"}}


def test_only_required_libraries_are_imported_at_once():
    optional = {}
    for name in FILES:
        libraries = {entry.split(".")[0] for entry in imports_at_once_of(name)}
        allowed = REQUIRED | BUILT_ON.get(room(name), set()) | BUILT_ON_MODULES.get(name, set())
        optional[name] = libraries - allowed - sys.stdlib_module_names
    assert offenders(optional) == {}


def test_only_they_themselves_import_rooms_that_need_an_optional_library():
    others = {
        name: {room(other) for other in own_imports_of(name)} & set(BUILT_ON) - {room(name)}
        for name in set(FILES) - {"fastnn.cli.compile_ahead"}
    }
    assert offenders(others) == {}


def test_modules_that_need_an_optional_library_are_imported_only_when_they_are_called():
    at_once = {
        name: imports_at_once_of(name) & set(BUILT_ON_MODULES)
        for name in set(FILES) - set(BUILT_ON_MODULES)
    }
    assert offenders(at_once) == {}


def test_what_functions_import_is_required_or_optional_and_known():
    known = REQUIRED | OPTIONAL | sys.stdlib_module_names
    unknown = {name: {entry.split(".")[0] for entry in imports_of(name)} - known for name in FILES}
    assert offenders(unknown) == {}


HERE = (PACKAGE.parent, FOLDER)

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


TINY_TRAINING = "import builders, json; print(json.dumps(builders.tiny_training()))"


@pytest.fixture(scope="module")
def compiled():
    return tiny_training()


@pytest.mark.parametrize("options", [["-W", "error"], ["-O"]], ids=" ".join)
def test_training_is_the_same_under_python(options, compiled):
    assert json.loads(run_python(TINY_TRAINING, options=options, folders=HERE)) == compiled


@pytest.mark.thorough
def test_training_is_the_same_where_no_folder_keeps_compiled_kernels(tmp_path, compiled):
    (tmp_path / "file").touch()
    printed = run_python(
        TINY_TRAINING,
        folders=HERE,
        HOME=None,
        NUMBA_CACHE_DIR=tmp_path / "file" / "no folder can be here",
        NUMBA_CACHE_LOCATOR_CLASSES="UserProvidedCacheLocator",  # nor beside the sources
    )
    assert json.loads(printed) == compiled


KINDS = {  # 16 lanes of each of the many inputs: more than 16 bits count
    "floats": {},
    "bytes": {"as_bytes": True},
    "many inputs": {"inputs": 4100},
}


@pytest.fixture(scope="module")
def all_uncompiled():
    """What a process without the JIT computes, for each of the kinds."""
    code = "import builders, json; "
    code += f"print(json.dumps([builders.tiny_training(**kind) for kind in {[*KINDS.values()]}]))"
    printed = run_python(code, options=["-W", "error"], folders=HERE, NUMBA_DISABLE_JIT="1")
    return dict(zip(KINDS, json.loads(printed), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_kernels_give_the_same_numbers_uncompiled(kind, all_uncompiled):
    uncompiled, compiled = all_uncompiled[kind], tiny_training(**KINDS[kind])
    assert uncompiled["order"] == compiled["order"]
    assert uncompiled["training_accuracy"] == compiled["training_accuracy"]
    for what in ("evaluation_cost", "parameters"):
        for mine, yours in zip(uncompiled[what], compiled[what], strict=True):
            np.testing.assert_allclose(mine, yours, rtol=1e-10)
