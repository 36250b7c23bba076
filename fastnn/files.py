"""Networks on disk in network2's JSON; files are written whole or not at all."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.checks import describe, layer_sizes, parameter_arrays
from fastnn.costs import COSTS

_KEYS = ("sizes", "weights", "biases", "cost")


class SavedNetwork(NamedTuple):
    """What a file holds: sizes, weights, biases and the class of the cost."""

    sizes: list[int]
    weights: list[npt.NDArray[np.float64]]
    biases: list[npt.NDArray[np.float64]]
    cost: Any


def write_network(
    filename: str | os.PathLike[str],
    sizes: list[int],
    weights: list[npt.NDArray[Any]],
    biases: list[npt.NDArray[Any]],
    cost: str,
) -> None:
    """Write a network in network2's format; `cost` is the name of its cost."""
    state = {
        "sizes": sizes,
        "weights": [w.tolist() for w in weights],
        "biases": [b.tolist() for b in biases],
        "cost": cost,
    }
    write_whole(filename, json.dumps(state).encode())


def read_network(filename: str | os.PathLike[str]) -> SavedNetwork:
    """Read and check a file that `write_network` or network2 wrote.

    Raises FileNotFoundError or another OSError if it cannot be read, and ValueError, with the name
    of the file, if it is damaged or something else.
    """
    content = _checked_path(filename).read_bytes()
    try:
        state = json.loads(content)
    except (ValueError, RecursionError) as problem:
        raise ValueError(
            f"filename: {os.fspath(filename)} is not a saved network, or only a part of one: "
            f"it is no valid JSON ({problem})"
        ) from None
    if not isinstance(state, dict) or not set(_KEYS) <= set(state):
        raise ValueError(
            f"filename: {os.fspath(filename)} is not a saved network: "
            f"expected a JSON object with {', '.join(_KEYS)}"
        )
    try:
        return _checked(state)
    except (TypeError, ValueError) as problem:
        raise ValueError(
            f"filename: {os.fspath(filename)} holds no usable network: {problem}"
        ) from None


def _checked(state: dict[str, Any]) -> SavedNetwork:
    if not isinstance(state["cost"], str) or state["cost"] not in COSTS:
        raise ValueError(f"cost must be one of {', '.join(COSTS)}, got {state['cost']!r}")
    sizes = layer_sizes(state["sizes"])
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    weights = parameter_arrays("weights", state["weights"], shapes)
    biases = parameter_arrays("biases", state["biases"], [(rows, 1) for rows in sizes[1:]])
    return SavedNetwork(
        sizes,
        [w.astype(np.float64) for w in weights],
        [b.astype(np.float64) for b in biases],
        COSTS[state["cost"]],
    )


def write_whole(filename: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` to a temporary file beside `filename`, then give it that name in one step.

    A link is followed, a file that is there keeps its permissions, and what is no regular file, as
    a pipe, is written to as it is.
    """
    path = Path(os.path.realpath(_checked_path(filename)))
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    with _naming(filename):
        handle, temporary = tempfile.mkstemp(prefix=".fastnn-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _permissions(path))
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def check_writable(filename: str | os.PathLike[str]) -> None:
    """Raise OSError if `write_whole` could not write there, long before it has to."""
    path = Path(os.path.realpath(_checked_path(filename)))
    with _naming(filename):
        tempfile.TemporaryFile(dir=path.parent).close()


@contextmanager
def _naming(filename: str | os.PathLike[str]) -> Iterator[None]:
    """Have an OSError name the file that was asked for, not the temporary one beside it."""
    try:
        yield
    except OSError as problem:
        raise OSError(problem.errno, problem.strerror, os.fspath(filename)) from None


def _checked_path(filename: Any) -> Path:
    if not isinstance(filename, (str, os.PathLike)):
        raise TypeError(f"filename must be a string or a path, got {describe(filename)}")
    return Path(filename)


def _permissions(path: Path) -> int:
    """Those of the file that is there, or those that new files get."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
