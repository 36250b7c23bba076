"""Numba's registries, in which all stands that it can compile: left alone, or read in whole."""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
import numba
from numba.core.runtime import rtsys

from ..interrupts import interrupts_later

# The newest Numba whose machine code is known to need no more than `prepare` does for it.
_KNOWN = (0, 68)

# How functions begin that are LLVM's own or Numba's runtime.
_KNOWN_TO_ALL = ("llvm.", "NRT_")

_CALLS_ITSELF = ".numba.unresolved$"


def prepare(context: Any) -> None:
    """Get Numba ready to take in the machine code of kernels.

    By itself it reads its registries first. That takes longer than an epoch of MNIST, and is of no
    use to what is compiled already. The code of kernels calls Numba's runtime and nothing else.
    """
    if numba.version_info.short <= _KNOWN:
        rtsys.initialize(context)
    else:
        context.refresh()


def prepare_for(context: Any, library: tuple[str, str, tuple[bytes, bytes]]) -> None:
    """The same for a library with anything in it, as Numba pickles it: its name, kind and codes.

    What a user wrote may call functions that are only known when the registries are read. Raises
    RuntimeError if one is unknown even then: LLVM would end the process.
    """
    prepare(context)
    _, _, (_, bitcode) = library
    module = llvm.parse_bitcode(bitcode)
    called = [it.name for it in module.functions if it.is_declaration]
    # A function that calls itself does so by an address that only the process knows.
    if any(it.name.startswith(_CALLS_ITSELF) for it in module.global_variables):
        raise RuntimeError("a function calls itself")
    if _unknown(called):
        context.refresh()
        if _unknown(called):
            raise RuntimeError(f"no code for {', '.join(_unknown(called))}")


def _unknown(called: list[str]) -> list[str]:
    return [
        name
        for name in called
        if not name.startswith(_KNOWN_TO_ALL) and not llvm.address_of_symbol(name)
    ]


def read_registries(context: Any) -> None:
    """Let Numba read its registries, as compiling begins, and let Ctrl-C wait for the end of it.

    They are read by generators. One that an exception ends gives nothing ever after, and then this
    process can compile no more.
    """
    with interrupts_later():
        context.refresh()
