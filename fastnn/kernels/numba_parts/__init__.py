"""All that reaches into Numba's inner parts, which another version of Numba may have changed.

From the bottom up:

- `changing`: numbers that what users wrote reads from memory; `origins` of values in what Numba
  compiles; `other_meanings`: what it would compute otherwise; `own_parts`: how what users wrote is
  compiled, with Python's meaning and with present values.
- `compiler`: Numba's compiler, changed so that LLVM works on every kernel once; and a kernel as
  bitcode. Before any of it is used, a small kernel is compiled and called: if that fails, kernels
  are compiled as Numba does by itself. The bits are the same, the wait is longer.
- `registries`: what Numba reads in before it compiles, and does without where nothing is compiled.
- `files`: where compiled kernels are kept, and what users wrote.
- `machine` and `has_avx512`, below: what Numba compiles for; `digest_for_here` of machine code.
- `call_without_types`, below: a kernel without the look at types before each call; and
  `vectorized_from`: what a function of `numba.vectorize` was made from.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import numba
import numpy as np


def machine() -> tuple[str, str, str]:
    """What Numba compiles for: a triple of LLVM, the name of a CPU, and its features."""
    try:
        from numba.core.registry import cpu_target

        triple, name, features = cpu_target.target_context.codegen().magic_tuple()
    except (ImportError, AttributeError):  # another Numba; LLVM says what is here
        triple, name = llvm.get_process_triple(), llvm.get_host_cpu_name()
        features = llvm.get_host_cpu_features().flatten()
    return triple, name, features


def has_avx512() -> bool:
    """Say whether Numba compiles for a CPU with 32 registers of 64 bytes."""
    return "+avx512f" in machine()[2].split(",")


def digest_for_here(*what: Any) -> str:
    """A digest of what is compiled, and of all else that its machine code depends on."""
    versions = numba.__version__, llvmlite.__version__, np.__version__, sys.version
    return hashlib.sha256(repr((what, versions, machine())).encode()).hexdigest()[:32]


def call_without_types(kernel: Any, arguments: tuple[Any, ...]) -> Callable[..., Any] | None:
    """What calls a compiled kernel with arguments of these types, and looks at no types.

    None if it cannot be had, as without the JIT or in another Numba.
    """
    compiled = getattr(kernel, "overloads", {}).get(tuple(map(numba.typeof, arguments)))
    return getattr(compiled, "entry_point", None)


def vectorized_from(function: Any) -> Any:
    """The function of `numba.jit` in what `numba.vectorize` has made; None of anything else."""
    try:
        from numba.np.ufunc.dufunc import DUFunc
    except ImportError:  # another Numba
        return None
    return getattr(function, "_dispatcher", None) if isinstance(function, DUFunc) else None
