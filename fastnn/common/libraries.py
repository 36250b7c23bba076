"""Optional libraries: what needs one says what installs it, before it does its work."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence


def check_libraries(what: str, names: Sequence[str], extra: str) -> None:
    """Raise ImportError, with what to install, if a library is missing.

    Parameters
    ----------
    what : str
        What needs them, for the error.
    names : sequence of str
        The libraries, as they are imported.
    extra : str
        The extra of fastnn that has them.
    """
    missing = [name for name in names if _is_missing(name)]
    if missing:
        raise ImportError(
            f"{what} needs {' and '.join(missing)}: python -m pip install 'fastnn-jit[{extra}]'"
        )


def _is_missing(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is None
    except ValueError:  # a script has put something in its place
        return False
