"""Which code comes with Python, with fastnn or from an installed package: it counts by its name."""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from typing import Any

from fastnn.model.what_is_read import name_of

_FOLDERS = map(sysconfig.get_path, ("stdlib", "platstdlib", "purelib", "platlib"))
_LIBRARIES = tuple(os.path.join(folder, "") for folder in _FOLDERS if folder)


def is_named(value: Any, *modules: str, name: str | None = None) -> bool:
    """Say whether one of the modules has a value by its own name, or by the one that is given."""
    for module in modules:
        found: Any = sys.modules.get(module)
        for part in (name or name_of(value)).split("."):
            found = getattr(found, part, None)
        if found is value:
            return True
    return False


def is_of_library(module: Any, filename: str | None = None) -> bool:
    """Say whether a module comes with Python, with fastnn or from an installed package."""
    if not isinstance(module, str):  # as classes of C may have it
        return module is not None
    first = module.partition(".")[0]
    if first in ("__main__", "__mp_main__"):  # also where an installed program runs the user's code
        return False
    if first in ("builtins", "fastnn"):
        return True
    if filename is None or filename.startswith("<"):  # cloudpickle forgets where code was
        filename = getattr(sys.modules.get(module), "__file__", None)
        if filename is None:  # as those that are a part of Python's own program
            return first in sys.stdlib_module_names and module in sys.modules
    return filename.startswith(_LIBRARIES)


def is_installed(module: str) -> bool:
    """Say whether a module comes with Python or from a package."""
    if module in sys.modules:
        return is_of_library(module)
    spec = importlib.util.find_spec(module)
    return spec is not None and is_of_library(module, spec.origin or "")
