"""How kernels are compiled: the one place that sets Numba's options and the cache on disk."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.extending import is_jitted, overload

from .numba_parts import call_without_types
from .store import Store

try:
    from .numba_parts import compiler, files
except (ImportError, AttributeError):  # another Numba, whose inner parts have moved
    compiler = files = None  # type: ignore[assignment]
try:
    from .numba_parts import changing, own_parts
except (ImportError, AttributeError):  # then what users write runs in Python
    changing = own_parts = None  # type: ignore[assignment]

# No fastmath: LLVM may then neither fuse nor reorder, and the bits are the same on every CPU.
# Nobody calls kernels from C, and nobody calls their helpers from Python; to leave out what such
# calls need saves compile time.
_OPTIONS = {
    **{"nogil": True, "fastmath": False, "error_model": "numpy", "boundscheck": None},
    "no_cfunc_wrapper": True,
}
_PART: dict[str, Any] = {
    **_OPTIONS,
    "no_cpython_wrapper": True,
    "forceinline": False,  # else that is inherited from the function which calls it first
}
_KERNEL: dict[str, Any] = {**_OPTIONS}
# Users may be wrong about places in arrays, and are told as in Python.
_OWN_PART = {"error_model": "numpy", "boundscheck": True, "no_cpython_wrapper": True}
if compiler is not None:
    _PART["pipeline_class"] = compiler.PartCompiler
    _KERNEL["pipeline_class"] = compiler.KernelCompiler

# What kernels pass to helpers. A number of Python would be a literal, and Numba compiles a helper
# anew for every literal.
ZERO = np.intp(0)
FALSE: Any = np.False_
TRUE: Any = np.True_


def _source_stamp() -> str | None:
    """A digest of all kernel sources, those in sub-folders included.

    Numba itself looks only at the file of the cached function. None where there are no sources, as
    in a zip archive: any other version would have the same digest.
    """
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    paths = sorted(folder.rglob("*.py"))
    if not paths:
        return None
    for path in paths:
        name = path.relative_to(folder).as_posix()
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


_STAMP = _source_stamp()

STORE = Store(_STAMP)

# Called before a kernel is compiled, which takes seconds: a program may tell its user.
BEFORE_COMPILING: list[Callable[[], None]] = []


def _tell() -> None:
    for call in list(BEFORE_COMPILING):
        call()


def helper(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that only kernels call."""
    return numba.njit(**_PART)(function)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a helper whose code is copied into whatever calls it."""
    return numba.njit(**{**_PART, "forceinline": True})(function)


@inlined
def smaller(a, b):
    """The smaller of two numbers. Numba's `min` takes any number of them, and 0.06 s to compile."""
    return a if a < b else b


def implements(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Let kernels call `function`: the decorated function returns the helper for given types."""
    return overload(function, jit_options={**_PART, **options})


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that Python calls; its machine code is kept on disk if possible."""
    return _kernel(function, _KERNEL)


def brief_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel too short for releasing the GIL to pay."""
    return _kernel(function, {**_KERNEL, "nogil": False})


def _kernel(function: Callable[..., Any], options: dict[str, Any]) -> Callable[..., Any]:
    if numba.config.DISABLE_JIT:  # infinities and what is not a number raise no warning either
        return np.errstate(all="ignore")(function)
    compiled = numba.njit(**options)(function)
    if files is not None:
        compiled._cache = files.KernelCache(function, _STAMP, STORE, _tell)
    return compiled


# After so many calls the look-up has saved the time that it takes.
_CALLS_AT_FIRST = 30


def without_types(kernel: Callable[..., Any], *arguments: Any) -> Callable[..., Any]:
    """Return what calls a kernel for arguments of the same types, without looking at the types.

    The kernel has been called with these. If there is no such way, it is returned itself.
    """
    return call_without_types(kernel, arguments) or kernel


class OfOneKind:
    """A kernel for arguments that have the same types in every call.

    Numba finds out the types of nested tuples anew for each call, which can take longer than a
    short epoch. This does so once, after as many calls as make up for it.

    Parameters
    ----------
    kernel : function
        What `kernel` returned.
    """

    def __init__(self, kernel: Callable[..., Any]) -> None:
        self._kernel = self._call = kernel
        self._calls_to_come = _CALLS_AT_FIRST

    def __call__(self, *arguments: Any) -> Any:
        """Call the kernel."""
        self._calls_to_come -= 1
        if self._calls_to_come == 0:
            self._call = without_types(self._kernel, *arguments)
        return self._call(*arguments)


# The addresses of functions that users wrote, with what keeps their code, by digest.
_OWN: dict[str, tuple[int, Any]] = {}


@functools.cache
def _own_files() -> Any:
    return files.OwnFiles(_source_stamp, _STAMP)


def kept_address(digest: str) -> int | None:
    """Return the address of an own function that was compiled before, in any process, or None."""
    if digest not in _OWN:
        found = None if files is None else _own_files().load(digest)
        if found is None:
            return None
        _OWN[digest] = found
    return _OWN[digest][0]


class OtherMeaningError(Exception):
    """Numba would compute something else than Python; the message says what."""


def own_part(function: Callable[..., Any], types: Any, addresses: Mapping[str, int]) -> Any:
    """Compile a user's function, which is then called by what `compiled_address` compiles.

    One that its user compiles with Numba is called as it is. Floats at `addresses`, by the names of
    globals and closures, are read when it is called; all others have their present values.

    Raises
    ------
    OtherMeaningError
        If it would compute something else than in Python; and whatever Numba raises.
    """
    if own_parts is None:
        raise OtherMeaningError("this version of Numba is not known")
    if is_jitted(function):
        return function
    pipeline = own_parts.OwnCompiler if compiler is None else compiler.OwnPartCompiler
    options = {**_OWN_PART, "pipeline_class": pipeline}
    with own_parts.as_at_import(), changing.read_from(addresses):
        compiled = numba.njit(**options)(function)
        compiled.compile((*types, *own_parts.defaults_after(function, len(types))))
    problem = own_parts.other_meaning(compiled)
    if problem is not None:
        raise OtherMeaningError(problem)
    return compiled


def compiled_address(function: Callable[..., Any], types: Any, digest: str, lasts: bool) -> int:
    """Compile a function for kernels to call by its address, and keep it under a digest.

    It is kept for other processes if it `lasts`.
    """
    options = {**_KERNEL, "no_cpython_wrapper": True, "nogil": False}
    with own_parts.as_at_import():
        compiled = numba.njit(**options)(function)
        compiled.compile(types)
    (result,) = compiled.overloads.values()
    address = result.library.get_pointer_to_function(result.fndesc.llvm_func_name)
    _OWN[digest] = address, result
    if files is not None and lasts:
        _own_files().save(digest, result)
    return address


def compile_anew(jitted: Any) -> None:
    """Compile a user's function of `numba.jit` with present values, for the types it has met."""
    own_parts.compile_anew(jitted)


def overloads_of(function: Any) -> list[tuple[Callable[..., Any], dict[str, Any]]]:
    """Return what a user lets Numba compile in place of another function, with its options."""
    return [] if own_parts is None else own_parts.overloads_of(function)


def forget_overloads(function: Any) -> None:
    """Let what stands in for a function be compiled with present values."""
    own_parts.forget_overloads(function)
