"""Numba's compiler, changed so that LLVM works on every kernel once (see `numba_parts`)."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
import numba
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, CompileResult
from numba.core.environment import lookup_environment
from numba.core.registry import cpu_target

from ..interrupts import interrupts_later
from .own_parts import OwnCompiler, as_at_import


class _Part(JITCodeLibrary):
    """Code that is optimised and compiled only as part of the kernels that it is linked into.

    Numba also optimises and compiles every function by itself, with all that it calls: again at
    every level of calls, for machine code that nobody runs.
    """

    _shared_module: Any  # Numba's

    def _optimize_functions(self, ll_module):
        ll_module.data_layout = self._codegen._data_layout

    def finalize(self):
        for function in self._final_module.functions:
            if not function.is_declaration:
                function.linkage = "linkonce_odr"  # others may have the same linked in
        self._finalized = True

    def _get_module_for_linking(self):
        """The module that Numba's own libraries link in."""
        if self._shared_module is None:
            self._shared_module = self._final_module.clone()
            _link(self._shared_module, self._linking_libraries)
        return self._shared_module

    def get_pointer_to_function(self, name):
        return 0

    @property
    def codegen(self):
        return self

    def set_env(self, env_name, env):
        pass  # there is no machine code yet to find it; see `_Whole`


class _Whole(JITCodeLibrary):
    """Code of a kernel with all that it calls.

    Numba's level 3 takes 0.3 s longer, and kernels are no faster. Unrolling loops takes 0.3 s too,
    and then the CPU mispredicts more loop ends.
    """

    _linking_libraries: Any  # Numba's

    def finalize(self):
        functions = self._final_module.functions
        own = {function.name for function in functions if not function.is_declaration}
        linked = _link(self._final_module, self._linking_libraries)
        self._linking_libraries = []  # they are linked
        # What Numba calls before it loads a file of this, such as what starts its threads.
        self._reload_init.update(*(library._reload_init for library in linked))
        self._own_names = own
        super().finalize()
        # What the machine code of each function looks up to raise an exception.
        for variable in self._final_module.global_variables:
            environment = lookup_environment(variable.name)
            if environment is not None:
                self._codegen.set_env(variable.name, environment)

    def _finalize_specific(self):
        with _aligned_blocks():
            super()._finalize_specific()

    def _optimize_final_module(self):
        passes = llvm.create_pass_builder(self._codegen._tm, _tuning())
        manager = passes.getModulePassManager()
        manager.add_refprune_pass()  # of counting who has an array
        manager.run(self._final_module, passes)
        # Of names that several kernels have, LLVM takes the code that it meets first. In kernels
        # from files, a name may stand for other code than here.
        for function in self._final_module.functions:
            if not function.is_declaration and function.name not in self._own_names:
                function.linkage = "internal"


def _tuning():
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_unrolling = False
    return options


@contextlib.contextmanager
def _aligned_blocks():
    """Let every block of machine code that is jumped to start on 32 bytes.

    A loop's speed depends by up to 5 % on where its code happens to lie. Without this, any change
    to a kernel may slow down the loops that it does not touch. LLVM has this option only for all
    that it compiles, so it is set for as long as a kernel takes.
    """
    llvm.set_option("fastnn", "-align-all-nofallthru-blocks=5")
    try:
        yield
    finally:
        llvm.set_option("fastnn", "-align-all-nofallthru-blocks=0")


def _link(module, libraries):
    """Link libraries, and those that they need, into a module, each once; return all of them."""
    to_link, linked = list(libraries), set()
    while to_link:
        library = to_link.pop()
        if library in linked:
            continue
        linked.add(library)
        if isinstance(library, _Part):
            module.link_in(library._final_module, preserve=True)
            to_link += library._linking_libraries
        else:
            module.link_in(library._get_module_for_linking(), preserve=True)
    return linked


class PartCompiler(Compiler):
    """Numba's compiler with our library, and without passes for what no kernel contains."""

    library_class: type[JITCodeLibrary] = _Part

    # Passes that look for closures, and for expressions of whole arrays.
    left_out = frozenset({"inline_closure_likes", "nopython_rewrites"})

    def __init__(self, typingctx, targetctx, library, *rest):
        if library is None and fits():
            library = self.library_class(targetctx.codegen(), self.library_class.__name__)
            library.enable_object_caching()
        super().__init__(typingctx, targetctx, library, *rest)

    def define_pipelines(self):
        """Return Numba's, without some passes."""
        pipelines = super().define_pipelines()
        for pipeline in pipelines if fits() else ():
            pipeline.passes = [
                step for step in pipeline.passes if step[0].name() not in self.left_out
            ]
            pipeline.finalize()
        return pipelines


class KernelCompiler(PartCompiler):
    """The same for what Python calls.

    Numba makes millions of objects that stay. Looking through them for garbage again and again
    would take 0.3 s of 5.
    """

    library_class = _Whole

    def compile_extra(self, func):
        """Compile with the garbage collector off, and let signals wait for the end of it."""
        collecting = gc.isenabled()
        gc.disable()
        try:
            with interrupts_later(), as_at_import():
                return _with_room(super().compile_extra, func)
        finally:
            if collecting:
                gc.enable()


class OwnPartCompiler(OwnCompiler, PartCompiler):
    """The compiler of what users wrote, which may contain anything."""

    left_out = frozenset()


def _with_room(function: Callable[[Any], Any], argument: Any) -> Any:
    """Call a function with plenty of room for the frames of what it calls.

    CPython keeps frames in pieces of 16 KB, and makes and frees one whenever calls go back and
    forth across its end. A frame that asks for much gets a larger piece, with room for the others.
    """
    return function(argument)


_with_room.__code__ = _with_room.__code__.replace(co_stacksize=33_000)


def in_bitcode(result: CompileResult) -> tuple[str, bytes, tuple[Any, ...]]:
    """A compiled kernel as it is before LLVM makes code for the CPU at hand."""
    module = result.library._get_module_for_linking().clone()
    passes = llvm.create_pass_builder(cpu_target.target_context.codegen()._tm, _tuning())
    manager = llvm.create_new_module_pass_manager()
    if hasattr(manager, "add_strip_symbols_pass"):  # Numba 0.61's llvmlite has none
        manager.add_strip_symbols_pass()  # names within functions are half of it
    manager.run(module, passes)
    return (
        result.library.name,
        module.as_bitcode(),
        result._replace(type_annotation="")._reduce()[1:],
    )


def from_bitcode(context: Any, name: str, bitcode: bytes, rest: tuple[Any, ...]) -> Any:
    """Make a kernel of what `in_bitcode` returned; return it, and what Numba keeps of one."""
    with _aligned_blocks():
        code = context.codegen()._tm.emit_object(llvm.parse_bitcode(bitcode))
    reduced = ((name, "object", (code, bitcode)), *rest)
    return CompileResult._rebuild(context, *reduced), reduced


# Whether this version of Numba has the parts that we know; None until that has been tried.
_FITS: list[bool | None] = [None]


def fits() -> bool:
    """Say whether this version of Numba has the inner parts that this module changes."""
    if _FITS[0] is None:
        _FITS[0] = True  # for the kernel that tries it
        try:
            _FITS[0] = _try_parts()
        except Exception:  # what has changed may raise anything
            _FITS[0] = False
    return bool(_FITS[0])


def may_fit() -> bool:
    """Say whether it fits, or has not been tried: that takes a tenth of a second."""
    return _FITS[0] is not False


def _try_parts() -> bool:
    """Compile a part and a kernel that calls it, pass the kernel on as bitcode, and call it."""
    no_wrapper = {"no_cfunc_wrapper": True}
    part = numba.njit(pipeline_class=PartCompiler, no_cpython_wrapper=True, **no_wrapper)(_add_one)
    whole = numba.njit(pipeline_class=KernelCompiler, **no_wrapper)(lambda x: part(x) + part(x + 1))
    if whole(1) != 5:
        return False
    (result,) = whole.overloads.values()
    rebuilt, _ = from_bitcode(result.target_context, *in_bitcode(result))
    return rebuilt.entry_point(2) == 7


def _add_one(x):
    return x + 1
