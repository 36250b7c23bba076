"""How what users wrote is compiled: with Python's meaning, or not at all, and with fresh values."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Iterator
from typing import Any, cast

import numba
import numpy as np
from numba.core import ir, types
from numba.core.compiler import Compiler
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import AnalysisPass, register_pass
from numba.core.typed_passes import NopythonTypeInference
from numba.core.typing.templates import builtin_registry
from numba.core.untyped_passes import InlineClosureLikes

_JIT_IS_OFF = numba.config.DISABLE_JIT

_POWERS = (operator.pow, operator.ipow, pow, np.power)
_SHIFTS = (operator.lshift, operator.ilshift, operator.rshift, operator.irshift)

_FLAT = types.NumpyFlatType

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
class _InnerFunctions(_Look):
    """Note functions that Numba compiles by themselves, without the options of the part."""

    _name = "fastnn_inner_functions"

    def run_pass(self, state):
        blocks = state.func_ir.blocks.values()
        if any(made for block in blocks for made in block.find_exprs("make_function")):
            state.metadata[_NOTE] = "it passes on a function that is defined within it"
        return False


@register_pass(mutates_CFG=False, analysis_only=True)
class _OtherMeanings(_Look):
    """Note what Numba computes otherwise than Python does."""

    _name = "fastnn_other_meanings"

    def run_pass(self, state):
        for instruction, signature in state.calltypes.items():
            note = _meaning(instruction, signature, state.typemap)
            if note is not None:
                state.metadata[_NOTE] = note
        return False


def _meaning(instruction: Any, signature: Any, typemap: Any) -> str | None:
    function, operands = _operation(instruction, typemap)
    kinds = [typemap[operand.name] for operand in operands]
    # Numba looks neither at places in what `flat` gives nor at those of `take_along_axis`.
    if function is np.take_along_axis or (function == "item" and isinstance(kinds[0], _FLAT)):
        return "it reads or writes an array at places that Numba does not check"
    # Python gives a number with a fraction, and NumPy an error; Numba rounds to an integer.
    if function in (*_POWERS, *_SHIFTS) and len(operands) == 2:
        exponents = kinds[1], signature.args[1]
        of_integers = all(map(_is_integer, signature.args))
        if of_integers and not any(map(_is_never_negative, exponents)):
            return "an integer has an integer power, or shift, that may be negative"
    return None


def _operation(instruction: Any, typemap: Any) -> tuple[Any, list[Any]]:
    """Return the function that is called, "item" for places in arrays, and its operands."""
    kind = getattr(instruction, "op", None)
    if isinstance(instruction, (ir.SetItem, ir.StaticSetItem)):
        return "item", [instruction.target]
    if kind in ("getitem", "static_getitem", "typed_getitem"):
        return "item", [instruction.value]
    if kind in ("binop", "inplace_binop"):
        return instruction.fn, [instruction.lhs, instruction.rhs]
    if kind == "call":
        function = typemap[instruction.func.name]
        return getattr(function, "typing_key", None), list(instruction.args)
    return None, []


def _is_integer(kind: Any) -> bool:
    return isinstance(getattr(kind, "dtype", kind), types.Integer)


def _is_never_negative(kind: Any) -> bool:
    if isinstance(kind, types.IntegerLiteral):
        return bool(kind.literal_value >= 0)
    number = getattr(kind, "dtype", kind)
    return isinstance(number, types.Integer) and not number.signed


class OwnCompiler(Compiler):
    """Numba's compiler, which notes what it would compute otherwise than Python does."""

    def define_pipelines(self):
        """Return Numba's, with passes that look and change nothing."""
        pipelines = super().define_pipelines()
        for pipeline in pipelines:
            pipeline.add_pass_after(_InnerFunctions, InlineClosureLikes)
            pipeline.add_pass_after(_OtherMeanings, NopythonTypeInference)
            pipeline.finalize()
        return pipelines


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
