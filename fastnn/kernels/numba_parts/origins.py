"""Where a value in code that Numba compiles comes from: from which memory, Python's or NumPy's."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from typing import Any

import numpy as np
from numba.core import ir, types

from .changing import number_at

_PYTHONS = (bool, int, float, complex)
_COMPARED = (operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge)
_LOGIC = (operator.and_, operator.or_, operator.xor, operator.invert)

# Functions and methods whose results are never a part of what they get.
_FRESH = {
    *("abs", "array", "astype", "clip", "concatenate", "copy", "cumsum", "dot", "empty"),
    *("empty_like", "flatten", "full", "full_like", "hstack", "max", "mean", "min", "ones"),
    *("ones_like", "outer", "repeat", "roll", "sort", "sum", "tile", "vstack", "where", "zeros"),
    "zeros_like",
}

_FRESH_OF_FASTNN = {"sigmoid", "sigmoid_prime"}

# Whose numbers a value may be.
_PYTHON, _NUMPY = frozenset({"Python"}), frozenset({"NumPy"})
_EITHER = _PYTHON | _NUMPY


class Origins:
    """Follows variables of typed code back to where they come from.

    Parameters
    ----------
    code : numba.core.ir.FunctionIR
    typemap : dict
        The types of its variables.
    """

    def __init__(self, code: Any, typemap: Any) -> None:
        self._definitions, self._typemap = code._definitions, typemap

    def may_share(self, one: Any, other: Any) -> bool:
        """Say whether two arrays may have memory in common."""
        return bool(self._memory(one, set()) & self._memory(other, set()))

    def may_be_numpys(self, number: Any) -> bool:
        """Say whether a number may be one of NumPy's types."""
        return "NumPy" in self._makers(number, set())

    def may_be_pythons(self, number: Any) -> bool:
        """Say whether a number may be one of Python's own types."""
        return "Python" in self._makers(number, set())

    def is_compared(self, index: Any) -> bool:
        """Say whether all masks in an index come from arrays, and not from lists or a length."""
        if isinstance(self._typemap[index.name], types.BaseTuple):
            return all(
                self.is_compared(entry)
                for found in self._found(index)
                if getattr(found, "op", None) == "build_tuple"
                for entry in found.items
            )
        kind = self._typemap[index.name]
        if not isinstance(kind, types.Array) or kind.dtype != types.boolean:
            return True
        return all(self._compares(found) for found in self._found(index))

    def _compares(self, found: Any) -> bool:
        if isinstance(found, ir.Var):
            return self.is_compared(found)
        kind = getattr(found, "op", None)
        if kind in ("getattr", "getitem", "static_getitem"):
            return self.is_compared(found.value)
        if kind == "call":
            return any(isinstance(kind, types.Array) for kind in self._kinds_read(found))
        return kind in ("binop", "unary") and found.fn in (*_COMPARED, *_LOGIC)

    def _kinds_read(self, call: Any) -> Iterator[Any]:
        """The types of what a call gets, and of the array whose method it is."""
        for read in call.list_vars():
            kind = self._typemap[read.name]
            yield getattr(kind, "this", kind)

    def _found(self, variable: Any) -> list[Any]:
        return list(self._definitions.get(variable.name, [None]))

    def _called(self, call: Any) -> Any:
        return getattr(self._typemap[call.func.name], "typing_key", None)

    # Memory -----------------------------------------------------------------------------------

    def _memory(self, variable: Any, seen: set[str]) -> set[Any]:
        """Where an array may lie: by an argument's name, or by what has made it."""
        if variable.name in seen or self._is_numbers(variable):
            return set()
        seen.add(variable.name)
        places: set[Any] = set()
        for found in self._found(variable):
            if isinstance(found, ir.Arg):
                places.add(found.name)
            elif isinstance(found, ir.Var):
                places |= self._memory(found, seen)
            elif isinstance(found, ir.Expr):
                places |= self._memory_of(found, seen)
        return places

    def _is_numbers(self, variable: Any) -> bool:
        """Say whether a value is a number, or a tuple of them, as a shape is."""
        kind = self._typemap[variable.name]
        kinds = kind if isinstance(kind, types.BaseTuple) else (kind,)
        return all(isinstance(kind, (types.Number, types.Boolean)) for kind in kinds)

    def _memory_of(self, found: Any, seen: set[str]) -> set[Any]:
        """Where a result may lie: all that it is made of may be passed on, unless it is known."""
        if found.op in ("binop", "unary"):
            return {id(found)}
        if found.op == "inplace_binop":
            return self._memory(found.lhs, seen)
        places = {id(found)} if found.op == "call" else set()
        if found.op != "call" or not self._is_fresh(found):
            for read in found.list_vars():
                places |= self._memory(read, seen)
        return places

    def _is_fresh(self, call: Any) -> bool:
        function = self._called(call)
        if isinstance(function, np.ufunc):
            return len(call.args) <= function.nin
        name = function[-1] if isinstance(function, tuple) else function
        if not isinstance(name, str):
            package = str(getattr(function, "__module__", "")).partition(".")[0]
            name = getattr(function, "__name__", "")
            fresh = {"numpy": _FRESH, "fastnn": _FRESH_OF_FASTNN}.get(package, ())
            return name in fresh and not (name == "dot" and len(call.args) > 2)
        return name.rpartition(".")[2] in _FRESH

    # Numbers ----------------------------------------------------------------------------------

    def _makers(self, variable: Any, seen: set[str]) -> frozenset[str]:
        if isinstance(self._typemap[variable.name], types.Array):
            return _NUMPY
        if variable.name in seen:
            return frozenset()
        seen.add(variable.name)
        makers = [self._makers_of(found, seen) for found in self._found(variable)]
        return frozenset().union(*makers) or _EITHER

    def _makers_of(self, found: Any, seen: set[str]) -> frozenset[str]:
        if isinstance(found, ir.Arg):
            return _PYTHON  # activations get numbers of Python, and costs get arrays
        if isinstance(found, (ir.Const, ir.Global, ir.FreeVar)):
            return _PYTHON if type(found.value) in _PYTHONS else _EITHER
        if isinstance(found, ir.Var):
            return self._makers(found, seen)
        kind = getattr(found, "op", None)
        if kind in ("binop", "inplace_binop", "unary"):
            makers = [self._makers(read, seen) for read in found.list_vars()]
            return _NUMPY if _NUMPY in makers else frozenset().union(*makers)
        if kind == "cast":
            return self._makers(found.value, seen)
        if kind in ("getitem", "static_getitem"):
            of_array = isinstance(self._typemap[found.value.name], types.Array)
            return _NUMPY if of_array else _EITHER
        if kind == "call":
            function = self._called(found)
            if (
                function in (*_PYTHONS, number_at)
                or getattr(function, "__module__", "") == math.__name__
            ):
                return _PYTHON
            return _NUMPY if isinstance(function, np.ufunc) else _EITHER
        return _EITHER
