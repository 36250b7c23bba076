"""How what users wrote is compiled: with Python's meaning, or not at all, and with fresh values."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, cast

import numba
from numba.core import types
from numba.core.compiler import Compiler
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import AnalysisPass, register_pass
from numba.core.typed_passes import NopythonTypeInference
from numba.core.typing.templates import builtin_registry
from numba.core.untyped_passes import InlineClosureLikes

from .changing import ReadChanging
from .other_meanings import typed_meaning, untyped_meaning

_JIT_IS_OFF = numba.config.DISABLE_JIT

# Where our passes note what Numba would compute otherwise than Python.
_NOTE = "fastnn_other_meaning"


@contextlib.contextmanager
def as_at_import() -> Iterator[None]:
    """Compile as it was asked for when fastnn was imported, and check bounds where a part asks.

    Numba looks up its settings again and again while it compiles, and a script may have changed
    them. The lock keeps other threads from compiling with ours.
    """
    with global_compiler_lock:
        before = numba.config.DISABLE_JIT, numba.config.BOUNDSCHECK
        numba.config.DISABLE_JIT = _JIT_IS_OFF
        numba.config.BOUNDSCHECK = numba.config.BOUNDSCHECK or None  # 0 overrides every part
        try:
            yield
        finally:
            numba.config.DISABLE_JIT, numba.config.BOUNDSCHECK = before


class _Look(AnalysisPass):
    """A pass that changes nothing. Numba wants each to have an `__init__`."""

    def __init__(self):
        super().__init__()


@register_pass(mutates_CFG=False, analysis_only=True)
class _UntypedMeanings(_Look):
    """Note what Numba takes for something else than Python, whatever the types."""

    _name = "fastnn_untyped_meanings"

    def run_pass(self, state):
        of_floats = all(getattr(kind, "dtype", kind) == types.float64 for kind in state.args)
        _note(state, untyped_meaning(state.func_ir, of_floats))
        return False


@register_pass(mutates_CFG=False, analysis_only=True)
class _TypedMeanings(_Look):
    """Note what Numba computes otherwise than Python does with values of these types."""

    _name = "fastnn_typed_meanings"

    def run_pass(self, state):
        _note(state, typed_meaning(state.func_ir, state.typemap, state.calltypes, state.args))
        return False


def _note(state: Any, note: str | None) -> None:
    if note is not None:
        state.metadata[_NOTE] = note


class OwnCompiler(Compiler):
    """Numba's compiler, which notes what it would compute otherwise than Python does."""

    def define_pipelines(self):
        """Return Numba's, with passes that look, and one for numbers that change."""
        pipelines = super().define_pipelines()
        for pipeline in pipelines:
            pipeline.add_pass_after(ReadChanging, InlineClosureLikes)
            pipeline.add_pass_after(_UntypedMeanings, InlineClosureLikes)
            pipeline.add_pass_after(_TypedMeanings, NopythonTypeInference)
            pipeline.finalize()
        return pipelines


def defaults_after(function: Any, given: int) -> list[Any]:
    """Return the types of default values, which stand for arguments that are not given."""
    missing = function.__code__.co_argcount - given
    values = (function.__defaults__ or ())[-missing:] if missing > 0 else ()
    return [types.Omitted(value) for value in values]


def other_meaning(compiled: Any) -> str | None:
    """Say what a function that `OwnCompiler` compiled computes otherwise than Python, if so."""
    notes = (result.metadata.get(_NOTE) for result in compiled.overloads.values())
    return next((note for note in notes if note), None)


# Values that Numba keeps ------------------------------------------------------------------------


def compile_anew(jitted: Any) -> None:
    """Compile a function of a user for the types that it was compiled for, with present values.

    Numba's own `recompile` forgets the type of what is returned where the user has named it.
    """
    with as_at_import():
        named = not jitted._can_compile
        signatures = jitted.nopython_signatures if named else list(jitted.overloads)
        jitted._make_finalizer()()  # of the code of before
        jitted._reset_overloads()
        jitted._cache.flush()  # files of Numba, which knows the source of one file only
        jitted._can_compile = True
        try:
            for signature in signatures:
                jitted.compile(signature)
        finally:
            jitted._can_compile = not named


def overloads_of(function: Any) -> list[tuple[Callable[..., Any], dict[str, Any]]]:
    """Return what others than Numba and fastnn let Numba compile in place of a function.

    That is what `overload` decorates, or the function itself with `register_jitable`; and the
    options of either.
    """
    templates = _templates_of(function)
    return [(_implementation(function, it), it._jit_options) for it in templates]


def forget_overloads(function: Any) -> None:
    """Let what stands in for a function be compiled with present values."""
    for template in _templates_of(function):
        template._impl_cache.clear()


# By the function's id: Numba's registry keeps all of them for ever.
_TEMPLATES: dict[int, list[Any]] = {}
_SEEN = [0]  # of the registry, which only grows


def _templates_of(function: Any) -> list[Any]:
    registered = builtin_registry.globals
    for other, kind in registered[_SEEN[0] :]:
        for template in getattr(kind, "templates", ()):
            if hasattr(template, "_overload_func") and _is_of_user(other, template):
                _TEMPLATES.setdefault(id(other), []).append(template)
    _SEEN[0] = len(registered)
    return _TEMPLATES.get(id(function), [])


def _is_of_user(function: Any, template: Any) -> bool:
    names = getattr(_implementation(function, template), "__globals__", {})
    return str(names.get("__name__")).split(".")[0] not in ("numba", "fastnn")


def _implementation(function: Any, template: Any) -> Callable[..., Any]:
    decorated: Callable[..., Any] = template._overload_func
    itself = decorated.__qualname__.startswith("register_jitable.")
    return cast(Callable[..., Any], function) if itself else decorated
