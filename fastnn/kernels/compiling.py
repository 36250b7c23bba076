"""How kernels are compiled: the one place that sets Numba's options and the cache on disk."""

from __future__ import annotations

import contextlib
import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.core import caching
from numba.extending import overload

from .libraries import KernelCompiler, PartCompiler

# No fastmath: LLVM may then neither fuse nor reorder, and the bits are the same on every CPU.
# Nobody calls kernels from C, and nobody calls their helpers from Python; to leave out what such
# calls need saves compile time.
_OPTIONS = {
    **{"nogil": True, "fastmath": False, "error_model": "numpy", "boundscheck": None},
    "no_cfunc_wrapper": True,
}
_PART = {
    **_OPTIONS,
    **{"no_cpython_wrapper": True, "pipeline_class": PartCompiler},
    "forceinline": False,  # else that is inherited from the function which calls it first
}
_KERNEL = {**_OPTIONS, "pipeline_class": KernelCompiler}

# What kernels pass to helpers. A number of Python would be a literal, and Numba compiles a helper
# anew for every literal.
ZERO, FALSE, TRUE = np.intp(0), np.False_, np.True_


def _source_stamp() -> str:
    """A digest of all kernel sources, those in sub-folders included.

    Numba itself looks only at the file of the cached function.
    """
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


_STAMP = _source_stamp()


class _KernelCache(caching.FunctionCache):
    """Numba's cache of machine code, made safe: never stale, and never a reason to fail."""

    def __init__(self, py_func: Callable[..., Any]) -> None:
        super().__init__(py_func)
        self._cache_file = caching.IndexDataCacheFile(
            self._cache_path, self._impl.filename_base, source_stamp=_STAMP
        )

    def load_overload(self, sig, target_context):
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # a damaged file may raise anything; then the kernel is compiled anew
            return None

    def save_overload(self, sig, data):
        try:
            super().save_overload(sig, data)
        except Exception:
            # A damaged index is begun anew; on a full or read-only disk that fails too, and the
            # next process compiles again.
            with contextlib.suppress(Exception):
                self.flush()
                super().save_overload(sig, data)


def helper(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that only kernels call."""
    return numba.njit(**_PART)(function)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a helper so that it has no call of its own in any kernel that calls it."""
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
    if numba.config.DISABLE_JIT:  # infinities and what is not a number raise no warning either
        return np.errstate(all="ignore")(function)
    compiled = numba.njit(**_KERNEL)(function)
    # Where no folder can be written to, each process compiles for itself.
    with contextlib.suppress(RuntimeError, OSError):
        compiled._cache = _KernelCache(function)
    return compiled


@functools.cache
def _uncached(compiled: Any) -> Any:
    return compiled if numba.config.DISABLE_JIT else numba.njit(**_KERNEL)(compiled.py_func)


def variant_for(compiled: Callable[..., Any], *arguments: Any) -> Callable[..., Any]:
    """The kernel to call with `arguments`: one not kept on disk if any of them is a function.

    A user's function is another type to Numba in every process; kept kernels would never be found
    again.
    """
    return _uncached(compiled) if any(map(callable, arguments)) else compiled
