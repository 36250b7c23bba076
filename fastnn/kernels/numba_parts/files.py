"""Where compiled code is kept: files of the user, and the store of the package (see `store`)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba.core import caching
from numba.core.compiler import CompileResult
from numba.core.registry import cpu_target

from ..private_files import PrivateFiles
from . import digest_for_here
from .compiler import fits, from_bitcode, in_bitcode, may_fit
from .registries import prepare, prepare_for, read_registries

# So many functions of users are kept, of about 50 KB each: a script may make new ones for ever.
_MOST_OWN = 500


def _files_of(
    function: Callable[..., Any], name: str, stamp: str | None, ending: str, most: int | None = None
) -> PrivateFiles | None:
    """Return the files below the folder that Numba chooses for a function; None if there are none.

    That folder may be one that others can write to. Ours in it is not.
    """
    if stamp is None:
        return None
    # No folder may be writable, and another Numba may choose in another way. Then each process
    # compiles for itself.
    with contextlib.suppress(Exception):
        folder = caching.CompileResultCacheImpl(function).locator.get_cache_path()
        return PrivateFiles(Path(folder, "fastnn"), name, stamp, ending, most)
    return None


class KernelCache(caching.NullCache):
    """Where a kernel's dispatcher looks before it compiles: the user's files, then the store.

    It never gives stale code, and is never a reason to fail.

    Parameters
    ----------
    function : function
        What is compiled. If it has a closure, no file of the user is kept.
    stamp : str or None
        A digest of all sources that are compiled into it. If they are unknown, no file is kept.
    store : Store
        See `store`.
    compiling : function
        Called with no argument when neither has the kernel.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        stamp: str | None,
        store: Any,
        compiling: Callable[[], None],
    ) -> None:
        self._name = f"{function.__module__}.{function.__qualname__}"
        self._store, self._compiling = store, compiling
        code = function.__code__
        self._compiled_from = stamp, self._name, code.co_firstlineno, code.co_code
        self._files: PrivateFiles | None = None
        if function.__closure__ is None:
            module = function.__module__.rpartition(".")[2]
            name = f"{module}.{function.__qualname__}".replace("<", "").replace(">", "")
            self._files = _files_of(function, name, stamp, "nbc")

    @property
    def cache_path(self):
        """The folder of the files, if there is one."""
        return None if self._files is None else str(self._files.folder)

    def load_overload(self, sig, target_context):
        """Return the compiled kernel for these types of arguments, or None."""
        # What is found was made with this version of Numba, so that nothing need be tried first.
        for load in (self._load_kept, self._load_stored) if may_fit() else ():
            # A damaged store may raise anything; then the kernel is compiled anew.
            with contextlib.suppress(Exception):
                result = load(sig, target_context)
                if result is not None:
                    return result
        self._compiling()
        # If another Numba reads them in another way, it does so as it compiles.
        with contextlib.suppress(Exception):
            read_registries(target_context)
        return None

    def _load_kept(self, types, context):
        reduced = None if self._files is None else self._files.load(self._digest(types))
        if reduced is None:
            return None
        prepare(context)
        result = CompileResult._rebuild(context, *reduced)
        return result if result.signature.args == tuple(types) else None

    def _load_stored(self, types, context):
        kept = self._store.find(self._name, str(types))
        if kept is None:
            return None
        prepare(context)
        result, reduced = from_bitcode(context, *kept)
        if result.signature.args != tuple(types):
            return None
        self._save(types, reduced)
        return result

    def save_overload(self, sig, data):
        """Keep what was compiled, where that is possible."""
        if not fits():
            return
        if self._store.collects:
            self._store.collect(self._name, str(sig), in_bitcode(data))
        with contextlib.suppress(Exception):  # another Numba may raise anything
            # Code with addresses of this process is of no use to another one.
            if not data.library.has_dynamic_globals:
                self._save(sig, data._reduce())

    def _save(self, types, reduced):
        if self._files is not None:
            self._files.save(self._digest(types), reduced)

    def _digest(self, types):
        return digest_for_here(*self._compiled_from, str(types))


class OwnFiles:
    """Compiled functions of users on disk, each in a file named by what was compiled.

    Parameters
    ----------
    function : function
        One whose kernels are kept in the same folder.
    stamp : str or None
        A digest of all of fastnn's sources that may be compiled into them. If they are unknown,
        no file is kept.
    """

    def __init__(self, function: Callable[..., Any], stamp: str | None) -> None:
        self._stamp, self._files = stamp, _files_of(function, "own", stamp, "own", _MOST_OWN)

    def load(self, digest: str) -> Any:
        """Return the address of what was compiled, and what keeps it; None if there is nothing."""
        if self._files is None or not may_fit():
            return None
        with contextlib.suppress(Exception):  # another Numba may raise anything
            reduced = self._files.load(digest_for_here(self._stamp, digest))
            if reduced is not None:
                context = cpu_target.target_context
                prepare_for(context, reduced[0])
                return _entry(CompileResult._rebuild(context, *reduced))
        return None

    def save(self, digest: str, result: Any) -> None:
        """Keep what was compiled, if that can be done."""
        if self._files is None or not fits():
            return
        with contextlib.suppress(Exception):  # another Numba may raise anything
            self._files.save(digest_for_here(self._stamp, digest), result._reduce())


def _entry(result: Any) -> tuple[int, Any]:
    address = result.library.get_pointer_to_function(result.fndesc.llvm_func_name)
    if not address:
        raise RuntimeError(f"no code for {result.fndesc.llvm_func_name}")
    return address, result
