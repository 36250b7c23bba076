"""What Numba computes otherwise than Python and NumPy, found in code that it compiles."""

from __future__ import annotations

import builtins
import itertools
import operator
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numba.core import ir, types
from numba.np.numpy_support import as_dtype

from .origins import Origins

_POWERS = (operator.pow, operator.ipow, pow, np.power)
_SHIFTS = (operator.lshift, operator.ilshift, operator.rshift, operator.irshift)
_OF_EQUALS = ("argsort", "argpartition", "partition")
_REFLECTION = (isinstance, hasattr, getattr)

_SUMS = (operator.add, operator.iadd, np.add)

_FLAT = types.NumpyFlatType
_REAL = (types.Boolean, types.Integer, types.Float)
_PYTHONS_CODES = np.dtype(bool).char + "lqdD"  # of the types that Python's own numbers have
_LARGE = (types.int64, types.float64)  # NumPy's numbers of these types are as good as Python's


def untyped_meaning(code: Any, of_floats: bool) -> str | None:
    """Say what code has another meaning for Numba, before types are known; None if it has none.

    `of_floats` says whether its numbers are like Python's own.
    """
    for block in code.blocks.values():
        if any(block.find_exprs("make_function")):
            # Numba compiles it by itself, without the options of the part.
            return "it passes on a function that is defined within it"
        for call in block.find_exprs("call"):
            function = _constant(code, call.func)
            asks_for_float = function is isinstance and _constant(code, call.args[1]) is float
            if function in _REFLECTION and not (asks_for_float and of_floats):
                return f"it calls {function.__name__}, and Numba's numbers are of other classes"
    return None


def _constant(code: Any, variable: Any) -> Any:
    """What a name stands for; None if that is computed."""
    try:
        return code.infer_constant(variable)
    except Exception:  # Numba has several for that
        found = code._definitions.get(variable.name, ())
        return getattr(found[0], "value", None) if len(found) == 1 else None


def typed_meaning(code: Any, typemap: Any, calltypes: Any, arguments: Any) -> str | None:
    """Say what typed code computes otherwise than Python does; None if it computes the same."""
    narrow = any(getattr(kind, "dtype", None) == types.float32 for kind in arguments)
    meanings = _Meanings(typemap, Origins(code, typemap), narrow)
    notes = (meanings.of(*call) for call in calltypes.items())
    return next((note for note in notes if note is not None), None)


class _Meanings:
    """Finds other meanings, one instruction after the other."""

    def __init__(self, typemap: Any, origins: Origins, narrow: bool) -> None:
        self._typemap, self._origins = typemap, origins
        self._narrow = narrow  # whether it is code of a float32 network

    def of(self, instruction: Any, signature: Any) -> str | None:
        """Say what an instruction means otherwise, if it does."""
        if isinstance(instruction, ir.Print):
            return "it prints, and compiled examples come in another order"
        function, operands = self._operation(instruction)
        kinds = [self._typemap[operand.name] for operand in operands]
        # Numba looks neither at places in what `flat` gives nor at those of `take_along_axis`.
        if function is np.take_along_axis or (function == "item" and isinstance(kinds[0], _FLAT)):
            return "it reads or writes an array at places that Numba does not check"
        if function == "item":
            return self._of_mask(instruction)
        if _name(function) in _OF_EQUALS and types.literal("mergesort") not in signature.args:
            note = f"np.{_name(function)} puts equal numbers into another order"
            return f'{note}, but not by kind="mergesort"' if _name(function) == "argsort" else note
        if function is np.isclose and all(isinstance(kind, types.Array) for kind in kinds[:2]):
            return "np.isclose of two arrays fails in Numba"
        # Python gives a number with a fraction, and NumPy an error; Numba rounds to an integer.
        if function in (*_POWERS, *_SHIFTS) and len(operands) == 2:
            exponents = kinds[1], signature.args[1]
            of_integers = all(map(_is_integer, signature.args))
            if of_integers and not any(map(_is_never_negative, exponents)):
                return "an integer has an integer power, or shift, that may be negative"
        if self._writes_what_it_reads(instruction, function, operands):
            return "it changes an array by a part of itself, which Numba has changed by then"
        return self._of_numbers(function, operands, signature)

    def _operation(self, instruction: Any) -> tuple[Any, list[Any]]:
        """Return the function that is called, "item" for places in arrays, and its operands."""
        kind = getattr(instruction, "op", None)
        if isinstance(instruction, (ir.SetItem, ir.StaticSetItem)):
            return "item", [instruction.target]
        if kind in ("getitem", "static_getitem", "typed_getitem"):
            return "item", [instruction.value]
        if kind in ("binop", "inplace_binop"):
            return instruction.fn, [instruction.lhs, instruction.rhs]
        if kind == "unary":
            return instruction.fn, [instruction.value]
        if kind == "call":
            function = self._typemap[instruction.func.name]
            return getattr(function, "typing_key", None), list(instruction.args)
        return None, []

    def _of_mask(self, instruction: Any) -> str | None:
        """Look at a mask: one that compares what is masked has the right length."""
        index = getattr(instruction, "index", None)
        if isinstance(index, ir.Var) and not self._origins.is_compared(index):
            return "it takes entries by a mask whose length Numba does not check"
        return None

    def _writes_what_it_reads(self, instruction: Any, function: Any, operands: list[Any]) -> bool:
        """Say whether an array is changed in place by another part of the same memory."""
        if getattr(instruction, "op", None) == "inplace_binop":
            written, read = operands[0], operands[1:]
        elif isinstance(function, np.ufunc) or function is np.dot:
            count = getattr(function, "nin", 2)
            if len(operands) <= count:
                return False
            written, read = operands[-1], operands[:count]
        else:
            return False
        return any(
            isinstance(self._typemap[entry.name], types.Array)
            and entry.name != written.name
            and self._origins.may_share(written, entry)
            for entry in read
        )

    def _of_numbers(self, function: Any, operands: list[Any], signature: Any) -> str | None:
        """Let Python and NumPy compute with ones of the same types, and compare what comes."""
        kinds = [self._typemap[operand.name] for operand in operands]
        if not operands or not all(map(_is_numeric, [*kinds, signature.return_type])):
            return None
        exact = isinstance(function, np.ufunc) or _name(function) in vars(operator)
        if not exact and not (_is_of_numbers(function) and any(map(_is_small, kinds))):
            return None
        wanted = as_dtype(_number(types.unliteral(signature.return_type)))
        if exact and _is_computed_in_64_bits(function, wanted):
            return f"{_name(function)} of {wanted} is computed in 64 bits"
        choices = [list(self._samples(*pair)) for pair in zip(operands, kinds, strict=True)]
        for ones in itertools.product(*choices):
            got = _computed(function, ones)
            both_floats = got is not None and got.kind == wanted.kind == "f"
            if got == wanted or (self._narrow and both_floats) or (got is None and not exact):
                continue
            return (
                f"{_name(function)} of {' and '.join(map(str, kinds))} gives {wanted}, in NumPy "
                f"{'an error' if got is None else got}"
            )
        return None

    def _samples(self, operand: Any, kind: Any) -> Iterator[Any]:
        """Yield ones that an operand may be: of Python's own type, and of NumPy's."""
        dtype = as_dtype(_number(types.unliteral(kind)))
        if isinstance(kind, types.Array):
            yield np.ones((1,) * kind.ndim, dtype)
            return
        pythons = dtype.char in _PYTHONS_CODES and self._origins.may_be_pythons(operand)
        if not pythons or self._origins.may_be_numpys(operand):
            yield dtype.type(1)
        if pythons:
            yield dtype.type(1).item()


def _computed(function: Callable[..., Any], ones: tuple[Any, ...]) -> np.dtype[Any] | None:
    """The type of what comes out; None if it is an error."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            copies = [one.copy() if isinstance(one, np.ndarray) else one for one in ones]
            return np.asarray(function(*copies)).dtype
        except Exception:  # whatever NumPy raises
            return None


def _is_computed_in_64_bits(function: Any, dtype: np.dtype[Any]) -> bool:
    """Say whether Numba may keep more bits within an expression of several arrays."""
    if dtype.kind == "b":
        return function in _SUMS
    return dtype.kind in "iu" and dtype.itemsize < 8


def _name(function: Any) -> str:
    """The name of a function, or of a method of arrays, of which Numba has two descriptions."""
    if isinstance(function, tuple):
        function = function[-1]
    if isinstance(function, str):
        return function.rpartition(".")[2]
    return str(getattr(function, "__name__", ""))


def _is_of_numbers(function: Any) -> bool:
    module = str(getattr(function, "__module__", ""))
    return callable(function) and module.partition(".")[0] in ("numpy", "math", builtins.__name__)


def _number(kind: Any) -> Any:
    return getattr(kind, "dtype", kind)


def _is_numeric(kind: Any) -> bool:
    is_one = isinstance(kind, (*_REAL, types.Array))
    return is_one and isinstance(_number(kind), (*_REAL, types.Complex))


def _is_small(kind: Any) -> bool:
    return types.unliteral(_number(kind)) not in _LARGE


def _is_integer(kind: Any) -> bool:
    return isinstance(_number(kind), types.Integer)


def _is_never_negative(kind: Any) -> bool:
    if isinstance(kind, types.IntegerLiteral):
        return bool(kind.literal_value >= 0)
    number = _number(kind)
    return isinstance(number, types.Integer) and not number.signed
