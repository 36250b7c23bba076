"""Numba's compiler, changed so that LLVM works on every kernel once."""

from __future__ import annotations

import contextlib
import gc

import llvmlite.binding as llvm
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.environment import lookup_environment

# Passes that look for closures, and for expressions of whole arrays.
_NOT_NEEDED = {"inline_closure_likes", "nopython_rewrites"}


class _Part(JITCodeLibrary):
    """Code that is optimised and compiled only as part of the kernels that it is linked into.

    Numba also optimises and compiles every function by itself, with all that it calls: again at
    every level of calls, for machine code that nobody runs.
    """

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

    def finalize(self):
        _link(self._final_module, self._linking_libraries)
        self._linking_libraries = []  # they are linked
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
        options = llvm.create_pipeline_tuning_options(speed_level=2)
        options.loop_unrolling = False
        passes = llvm.create_pass_builder(self._codegen._tm, options)
        manager = passes.getModulePassManager()
        manager.add_refprune_pass()  # of counting who has an array
        manager.run(self._final_module, passes)


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
    """Link libraries, and those that they need, into a module, each once."""
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


class PartCompiler(Compiler):
    """Numba's compiler with our library, and without passes for what no kernel contains."""

    library_class: type[JITCodeLibrary] = _Part

    def __init__(self, typingctx, targetctx, library, *rest):
        if library is None:
            library = self.library_class(targetctx.codegen(), self.library_class.__name__)
            library.enable_object_caching()
        super().__init__(typingctx, targetctx, library, *rest)

    def define_pipelines(self):
        """Return Numba's, without some passes."""
        pipelines = super().define_pipelines()
        for pipeline in pipelines:
            pipeline.passes = [
                step for step in pipeline.passes if step[0].name() not in _NOT_NEEDED
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
        """Compile with the garbage collector off."""
        collecting = gc.isenabled()
        gc.disable()
        try:
            return super().compile_extra(func)
        finally:
            if collecting:
                gc.enable()
