"""The house: which rooms there are, on which floor each stands, and what is public."""

import ast
import re
import shutil
import subprocess
import sys
from graphlib import TopologicalSorter
from importlib import import_module

import pytest
from house import FILES, PACKAGE, ROOT, imports_of, offenders, own_imports_of, room, tree_of

import fastnn

# From the ground up, with what CONTRIBUTING.md calls each floor. A room imports from its own floor,
# without circles, and from the floors below. "" is the package itself: what `import fastnn` gives.
FLOORS = {
    "common": ("common",),
    "kernels": ("kernels",),
    "values": ("datasets", "optimisers", "scaling", "schedules"),
    "network": ("mnist_loader", "model", "own_data"),
    "engine": ("engine",),
    "training": ("estimator", "gradients", "training"),
    "network2": ("network", "network2"),
    "many networks": ("plots", "sweeps"),
    "package": ("",),
    "experiments": ("chapter5",),
    "program": ("__main__", "cli"),
}
# Beside the house: it imports nothing of fastnn but its own modules.
APART = ("reference",)

ROOT_OF_GIT = {
    *("benchmarks", "data", "docs", "fastnn", "tests"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md"),
    *("MANIFEST.in", "asv.conf.json", "pyproject.toml", "setup.cfg"),
    *(".ci", ".gitignore"),
}

# What users may import: everything else may change from one version to the next.
PUBLIC_NAMES = {
    *("CrossEntropyCost", "Dataset", "DivergedError", "History", "LogLikelihoodCost", "Network"),
    *(
        "PoissonCost",
        "QuadraticCost",
        "compare",
        "from_sklearn",
        "from_torch",
        "load",
        "resume",
        "train_many",
    ),
}
PUBLIC_MODULES = {
    *("chapter5", "estimator", "gradients", "mnist_loader", "network", "network2", "optimisers"),
    *("own_data", "plots", "reference", "scaling", "schedules", "sweeps"),
}

KERNEL_LIBRARIES = {"llvmlite", "numba", "numpy"}


def floor(name):
    for height, rooms in enumerate(FLOORS.values()):
        if room(name) in rooms:
            return height
    raise AssertionError(f"{name} is on no floor: give its room a place in FLOORS")


IN_THE_HOUSE = [name for name in FILES if room(name) not in APART]
KERNELS = [name for name in FILES if room(name) == "kernels"]
ARROWS = {
    (room(name), room(other))
    for name in FILES
    for other in own_imports_of(name)
    if room(name) != room(other)
}


# --- rooms and floors -------------------------------------------------------------------------


def test_every_room_of_the_list_is_there():
    assert {room(name) for name in FILES} == {*sum(FLOORS.values(), ()), *APART}


def test_the_package_has_eight_modules_at_most_and_twelve_folders():
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    folders = {path.parent for path in PACKAGE.glob("*/__init__.py")}
    assert len(modules) <= 8
    assert len(folders) <= 12


def test_the_root_holds_what_tools_and_readers_need_and_nothing_else():
    """Files that are in git: what a user saves there is the user's."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("these are the sources without git")
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files"]  # whoever owns them
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert {name.split("/")[0] for name in listed.stdout.splitlines()} == ROOT_OF_GIT


def test_no_module_imports_from_above():
    above = {
        name: [other for other in own_imports_of(name) if floor(other) > floor(name)]
        for name in IN_THE_HOUSE
    }
    assert offenders(above) == {}


def test_no_room_imports_itself_by_a_detour():
    reached = {own: {other for this, other in ARROWS if this == own} for own, _ in ARROWS}
    for _ in reached:
        for others in reached.values():
            others.update(*(reached.get(other, set()) for other in others))
    assert [own for own, others in reached.items() if own in others] == []


def test_no_module_imports_itself_by_a_detour():
    """The error of such a circle names its modules."""
    TopologicalSorter({name: own_imports_of(name) for name in FILES}).prepare()


def imports_beyond(name, rooms, libraries):
    """Return what a module imports from other rooms and from other libraries than these."""
    own = own_imports_of(name)
    others = imports_of(name) - own - libraries - sys.stdlib_module_names
    return {other for other in own if room(other) not in rooms} | others


def test_kernels_import_only_each_other_and_what_they_compile_with():
    assert offenders({n: imports_beyond(n, {"kernels"}, KERNEL_LIBRARIES) for n in KERNELS}) == {}


def test_what_stands_apart_imports_nothing_of_fastnn_but_itself():
    apart = [name for name in FILES if room(name) in APART]
    assert apart
    assert offenders({name: imports_beyond(name, {room(name)}, {"numpy"}) for name in apart}) == {}


def test_the_house_does_not_lean_on_the_reference():
    leaning = {
        name: {room(other) for other in own_imports_of(name)} & set(APART) for name in IN_THE_HOUSE
    }
    assert offenders(leaning) == {}


def test_contributing_has_the_same_floors():
    """Its table lists them from the roof down, the reference last."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text[text.index("| floor |") :].split("\n\n")[0].splitlines()[2:]
    rooms = [tuple(sorted(re.findall(r"`(\w+)`", row.split("|")[2]))) for row in table]
    named = [tuple(sorted(name or "fastnn" for name in floor)) for floor in FLOORS.values()]
    assert rooms == [*reversed(named), APART]


# --- kernels ----------------------------------------------------------------------------------


def names_of_numba(name):
    """What a module imports from Numba, or reaches by attributes: `numba.core.dispatcher`."""
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and _begins_with_numba(node):
            yield ast.unparse(node)


def _begins_with_numba(node):
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id == "numba"


def inner_parts_of_numba(name):
    """Return those that a module uses.

    Numba's manual documents `numba`, `numba.extending`, and `cgutils` for those who extend it.
    """
    found = {entry for entry in names_of_numba(name) if re.match(r"numba\.[a-z_]+\.", entry)}
    return {
        entry
        for entry in found
        if not re.match(r"numba\.(types|config|extending)\.|numba\.core\.cgutils$", entry)
    }


def test_inner_parts_of_numba_are_used_in_one_place_only():
    elsewhere = [name for name in FILES if not name.startswith("fastnn.kernels.numba_parts")]
    assert offenders({name: inner_parts_of_numba(name) for name in elsewhere}) == {}


def test_that_place_uses_inner_parts():
    names = set(names_of_numba("fastnn.kernels.numba_parts.compiler"))
    assert "numba.core.codegen.JITCodeLibrary" in names


def functions_of(name):
    return [node for node in ast.walk(tree_of(name)) if isinstance(node, ast.FunctionDef)]


def test_functions_of_kernels_take_eight_arguments_at_most():
    more = {
        name: [
            own.name
            for own in functions_of(name)
            if len(own.args.args) + len(own.args.kwonlyargs) > 8
        ]
        for name in KERNELS
    }
    assert offenders(more) == {}


def test_kernels_return_no_named_tuples():
    """Python code makes those: Ctrl-C in the middle of it is the end of the process."""
    kinds = {
        kind
        for name in KERNELS
        for kind, value in vars(import_module(name)).items()
        if hasattr(value, "_fields")
    }
    returns = [
        (own.name, node)
        for name in KERNELS
        for own in functions_of(name)
        if "kernel" in map(ast.unparse, own.decorator_list)
        for node in ast.walk(own)
        if isinstance(node, ast.Return)
    ]
    assert {"Net", "Score"} <= kinds
    assert {"train", "evaluate", "gradient"} <= {own for own, _ in returns}
    for own, node in returns:
        called = {ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
        assert not called & kinds, own


# --- what users see ---------------------------------------------------------------------------


def test_the_package_exports_what_is_public_and_nothing_else():
    assert set(fastnn.__all__) == PUBLIC_NAMES | {
        *("gradients", "live", "mnist_loader", "network", "network2", "own_data", "sweeps")
    }
    assert all(hasattr(fastnn, name) for name in fastnn.__all__)


def test_public_modules_are_there_and_every_module_of_the_package_itself_is_public():
    own = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    assert own <= PUBLIC_MODULES <= {room(name) for name in FILES}


@pytest.mark.parametrize("name", sorted(PUBLIC_MODULES))
def test_the_readme_tells_of_every_public_module(name):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"fastnn\.{name}\b|from fastnn import .*\b{name}\b", text)


# --- where things are listed --------------------------------------------------------------------

# `EXPERIMENTS` lists the chapter's; in the reference and in `simd` the names say enough.
EXPERIMENT_MODULES = {
    experiment.run.__module__
    for experiment in import_module("fastnn.chapter5").EXPERIMENTS.values()
}
LISTED = [
    name
    for name in FILES
    if name.count(".") >= 2
    and FILES[name].stem != "__init__"
    and room(name) not in APART
    and not name.startswith("fastnn.kernels.simd.")
    and name not in EXPERIMENT_MODULES
]


def test_the_docstring_of_a_room_lists_its_modules():
    parts = [name.rpartition(".") for name in LISTED]
    missing = [
        f"{folder}.{own}"
        for folder, _, own in parts
        if f"`{own}`" not in ast.get_docstring(tree_of(folder))
    ]
    assert missing == []


@pytest.mark.parametrize("folder", sorted({name.rpartition(".")[0] for name in LISTED}))
def test_the_docstring_of_a_room_lists_nothing_that_is_gone(folder):
    listed = re.findall(r"^- `(\w+)`:", ast.get_docstring(tree_of(folder)), re.MULTILINE)
    assert [name for name in listed if f"{folder}.{name}" not in FILES] == []


@pytest.mark.parametrize("folder", sorted({name.rpartition(".")[0] for name in LISTED}))
def test_the_docstring_of_a_room_lists_its_modules_from_the_bottom_up(folder):
    """What a module imports from its own room stands before it."""
    own = [name for name in LISTED if name.rpartition(".")[0] == folder]
    listed = ast.get_docstring(tree_of(folder)).partition("ottom up")[2].partition("\n- ")[2]
    place = {name: listed.index(f"`{name.rpartition('.')[2]}`") for name in own}
    above = {
        name: [o for o in own_imports_of(name) if place.get(o, -1) > place[name]] for name in own
    }
    assert offenders(above) == {}


def test_contributing_points_to_every_room():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    folders = {name.rpartition(".")[0] for name in LISTED}
    rooms = {folder for folder in folders if room(folder) != "kernels"} | {"fastnn.kernels"}
    files = [FILES[folder].relative_to(PACKAGE).as_posix() for folder in rooms]
    assert [file for file in files if f"\n- `{file}`: " not in text] == []


def test_every_file_that_contributing_names_is_there():
    """In full or from `fastnn/` on; but those that its diffs make."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?<!\+\+\+ )(?<![\w/])(\w+/[\w/]+\.(?:py|md))\b", text))
    assert {"benchmarks/README.md", "training/run.py", "tests/support/training_options.py"} <= named
    missing = [
        file for file in named if not any((base / file).is_file() for base in (ROOT, PACKAGE))
    ]
    assert not missing
