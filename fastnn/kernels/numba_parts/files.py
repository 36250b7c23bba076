"""Where compiled code is kept: files of the user, and the store of the package (see `store`)."""

from __future__ import annotations

import contextlib
import os
import pickle
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba.core import caching
from numba.core.compiler import CompileResult
from numba.core.registry import cpu_target

from .compiler import fits, from_bitcode, in_bitcode, may_fit
from .registries import prepare, prepare_for, read_registries


class _Files(caching.FunctionCache):
    """Numba's cache on disk, with our stamp in place of the age of one file."""

    def __init__(self, function: Callable[..., Any], stamp: str) -> None:
        super().__init__(function)
        self._cache_file = caching.IndexDataCacheFile(
            self._cache_path, self._impl.filename_base, source_stamp=stamp
        )

    def load_overload(self, sig, target_context):
        """Return what was compiled for these types of arguments, or None."""
        prepare(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)

    def save_reduced(self, types: Any, context: Any, reduced: Any) -> None:
        """Save what `from_bitcode` has returned."""
        self._impl.locator.ensure_cache_path()
        self._cache_file.save(self._index_key(types, context.codegen()), reduced)


class KernelCache(caching.NullCache):
    """Where a kernel's dispatcher looks before it compiles: the user's files, then the store.

    It never gives stale code, and is never a reason to fail.

    Parameters
    ----------
    function : function
        What is compiled.
    stamp : str
        A digest of all sources that are compiled into it.
    store : Store
        See `store`.
    compiling : function
        Called with no argument when neither has the kernel.
    """

    def __init__(
        self, function: Callable[..., Any], stamp: str, store: Any, compiling: Callable[[], None]
    ) -> None:
        self._name = f"{function.__module__}.{function.__qualname__}"
        self._store, self._compiling = store, compiling
        self._files: Any = caching.NullCache()
        # Where no folder can be written to, each process makes its own.
        with contextlib.suppress(RuntimeError, OSError):
            self._files = _Files(function, stamp)

    @property
    def cache_path(self):
        """The folder of the files, if there is one."""
        return self._files.cache_path

    def load_overload(self, sig, target_context):
        """Return the compiled kernel for these types of arguments, or None."""
        # What is found was made with this version of Numba, so that nothing need be tried first.
        for load in (self._files.load_overload, self._load_stored) if may_fit() else ():
            # A damaged file may raise anything; then the kernel is compiled anew.
            with contextlib.suppress(Exception):
                result = load(sig, target_context)
                if result is not None:
                    return result
        self._compiling()
        read_registries(target_context)
        return None

    def _load_stored(self, types, context):
        kept = self._store.find(self._name, str(types))
        if kept is None:
            return None
        prepare(context)
        result, reduced = from_bitcode(context, *kept)
        if result.signature.args != tuple(types):
            return None
        if isinstance(self._files, _Files):
            with contextlib.suppress(Exception):  # the disk may be full or read-only
                self._files.save_reduced(types, context, reduced)
        return result

    def save_overload(self, sig, data):
        """Keep what was compiled, where that is possible."""
        if not fits():
            return
        if self._store.collects:
            self._store.collect(self._name, str(sig), in_bitcode(data))
        try:
            self._files.save_overload(sig, data)
        except Exception:
            # A damaged index is begun anew; on a full or read-only disk that fails too, and the
            # next process compiles again.
            with contextlib.suppress(Exception):
                self._files.flush()
                self._files.save_overload(sig, data)


class OwnFiles:
    """Compiled functions of users on disk, each in a file named by what was compiled.

    Parameters
    ----------
    function : function
        One whose kernels are kept in the same folder.
    is_safe : function
        Says whether a file may be loaded.
    """

    def __init__(self, function: Callable[..., Any], is_safe: Callable[[Any], bool]) -> None:
        self._is_safe, self._locator = is_safe, None
        with contextlib.suppress(RuntimeError, OSError):
            self._locator = caching.FunctionCache(function)._impl.locator

    def load(self, digest: str) -> Any:
        """Return the address of what was compiled, and what keeps it; None if there is nothing."""
        if self._locator is None or not may_fit():
            return None
        with contextlib.suppress(Exception):  # a damaged file may raise anything
            path = self._path(digest)
            if self._is_safe(path):
                reduced = pickle.loads(path.read_bytes())
                context = cpu_target.target_context
                prepare_for(context, reduced[0])
                return _entry(CompileResult._rebuild(context, *reduced))
        return None

    def save(self, digest: str, result: Any) -> None:
        """Keep what was compiled, if that can be done."""
        if self._locator is None or not fits():
            return
        with contextlib.suppress(Exception):  # the disk may be full or read-only
            self._locator.ensure_cache_path()
            path = self._path(digest)
            beside = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
            try:
                beside.touch(0o600, exist_ok=False)
                beside.write_bytes(pickle.dumps(result._reduce()))
                os.replace(beside, path)
            finally:
                beside.unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return Path(self._locator.get_cache_path(), f"{digest}.own")


def _entry(result: Any) -> tuple[int, Any]:
    address = result.library.get_pointer_to_function(result.fndesc.llvm_func_name)
    if not address:
        raise RuntimeError(f"no code for {result.fndesc.llvm_func_name}")
    return address, result
