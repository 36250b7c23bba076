"""What the modules of fastnn import, read from their sources: nothing is run."""

import ast
from functools import cache
from pathlib import Path

import fastnn

PACKAGE = Path(fastnn.__file__).resolve().parent
ROOT = Path(__file__).resolve().parents[2]


def module_files():
    """Return {dotted name: file} of every module; "fastnn" is the package itself."""
    files = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent.name == "mnist":  # where data/ is installed, with what builds its files
            continue
        parts = ("fastnn", *path.relative_to(PACKAGE).with_suffix("").parts)
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


FILES = module_files()


@cache
def tree_of(name):
    """Return the syntax tree of a module, which nobody changes."""
    return ast.parse(FILES[name].read_text(encoding="utf-8"))


@cache
def imports_of(name):
    """Return what a module imports, wherever in it: modules of fastnn in full, else the library."""
    return imports_among(ast.walk(tree_of(name)), name)


def imports_among(nodes, name):
    """Return what these nodes of a module's syntax tree import, in the form of `imports_of`."""
    package = name if FILES[name].name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in nodes:
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
    return frozenset(
        entry if entry.split(".")[0] == "fastnn" else entry.split(".")[0] for entry in found
    )


@cache
def imports_at_once_of(name):
    """Return what importing the module imports, without what its functions import when called."""

    def at_once(node):
        yield node
        for child in ast.iter_child_nodes(node):
            later = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            if not later and not is_for_types(child):
                yield from at_once(child)

    return imports_among(at_once(tree_of(name)), name)


def is_for_types(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


@cache
def own_imports_of(name):
    return frozenset(entry for entry in imports_of(name) if entry.split(".")[0] == "fastnn")


def offenders(found):
    """Return the modules of which something was found, with what it was."""
    return {name: what for name, what in found.items() if what}


def room(name):
    """Return "kernels" for fastnn.kernels.epoch, "cli" for fastnn.cli and "" for fastnn."""
    return [*name.split("."), ""][1]
