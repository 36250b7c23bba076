"""Read pickles of NumPy arrays, and nothing else, in bounded time and memory.

Python's own unpickler builds whatever a file asks for: a hundred bytes are enough to keep it busy
for ever. This one knows the few instructions that arrays are made of, follows at most so many of
them, checks every length and shape before it is used, and calls nothing that a file names.

The instructions are described in Python's ``pickletools``. Strings of Python 2 are read as bytes.
"""

from __future__ import annotations

import codecs
import io
import math
import re
import struct
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.common.checks import describe, shortened

_MOST_INSTRUCTIONS = 10_000  # the book's file has about a hundred
# What the book's `expand_mnist.py` writes: of 250,000 arrays, each made by thirty instructions.
_OF_LISTS = (
    "lists of images are not read: unpickle them yourself, and give an .npz of the whole arrays "
    "training_images, training_labels and so on"
)
_MOST_DIMENSIONS = 32
_LONGEST_NAME = 200  # bytes of a name or of a number's digits

_CONSTANTS: dict[bytes, Any] = {b"N": None, b"\x88": True, b"\x89": False, b")": ()}
_INTEGERS = {b"J": "<i", b"K": "<B", b"M": "<H"}
_BYTES = {b"T": "<i", b"U": "<B", b"B": "<I", b"C": "<B", b"\x8e": "<Q", b"\x96": "<Q"}
_TEXTS = {b"X": "<I", b"\x8c": "<B"}
_TUPLES = {b"\x85": 1, b"\x86": 2, b"\x87": 3}
_KEEP, _FETCH = {b"q": "<B", b"r": "<I"}, {b"h": "<B", b"j": "<I"}
_SKIPPED = {b"\x80": 1, b"\x95": 8}  # the protocol, and the length of a frame
_MARK = object()


def read_array_pairs(stream: io.BytesIO) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Read a pickle, of any protocol, of pairs of NumPy arrays of plain numbers.

    Parameters
    ----------
    stream : io.BytesIO
        What was pickled: pairs of arrays, in tuples or lists.

    Returns
    -------
    list of pairs of ndarray
        Views of the pickle's bytes, read-only.

    Raises
    ------
    ValueError
        If it holds or asks for anything else, is cut short, or has more instructions than arrays
        need.
    """
    try:
        tree = _Reader(stream).result()
    except (IndexError, KeyError, UnicodeError, struct.error):
        raise ValueError("it is damaged or cut short") from None
    if not isinstance(tree, (list, tuple)):
        raise ValueError("it does not hold (images, labels) pairs of arrays")
    return [_pair(entry) for entry in tree]


def _pair(entry: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the two arrays of a pair."""
    arrays = [
        part.array
        for part in (entry if isinstance(entry, (list, tuple)) else [])
        if isinstance(part, _Array) and part.array is not None
    ]
    if len(arrays) != 2 or len(entry) != 2:
        raise ValueError("it does not hold (images, labels) pairs of arrays")
    return arrays[0], arrays[1]


class _Dtype:
    """A type of numbers. Its byte order comes after its making.

    NumPy's own class takes internal flags from the pickle and would believe forged ones.
    """

    def __init__(self, code: Any) -> None:
        self.code, self.order = _name(code), "="

    def dtype(self) -> np.dtype[Any]:
        """The type, if it is one of plain numbers."""
        name = self.order + self.code
        if not re.fullmatch("[<>=|](f[248]|[iu][1248])", name):
            raise ValueError(
                f"an array in it has the type {describe(name)}; expected plain numbers"
            )
        return np.dtype(name)


class _Array:
    """An array, which some pickles make empty and fill afterwards."""

    array: NDArray[Any] | None = None

    def fill(self, data: Any, dtype: Any, shape: Any, in_columns: bool) -> None:
        """Check what the array is to consist of, and make it."""
        if not isinstance(dtype, _Dtype):
            raise ValueError("an array in it has no type")
        plain = dtype.dtype()
        if not isinstance(data, bytes):
            raise ValueError("an array in it has no numbers")
        if (
            not isinstance(shape, tuple)
            or len(shape) > _MOST_DIMENSIONS
            or not all(type(length) is int and 0 <= length < 1 << 62 for length in shape)
        ):
            raise ValueError(f"an array in it has the shape {describe(shape)}; expected lengths")
        flat = np.frombuffer(data, plain)
        if flat.size != math.prod(shape):
            raise ValueError(
                f"an array in it has {flat.size} values for the shape {describe(shape)}"
            )
        self.array = flat.reshape(shape, order="F" if in_columns else "C")


class _Text:
    """Text as it is stored. Only names are decoded, and what stands for bytes of an array."""

    def __init__(self, raw: bytes, coding: str) -> None:
        self.raw, self.coding = raw, coding

    def bytes(self) -> bytes:
        """The bytes that the text stands for: one for each character.

        Wider characters, of which a few would make a text take four times its memory, are refused
        before anything is decoded.
        """
        if self.coding == "utf-8":
            narrow = not self.raw or np.frombuffer(self.raw, np.uint8).max() <= 0xC3
        else:
            narrow = self.raw.count(b"\\") == self.raw.count(b"\\u00")
        if not narrow:
            raise ValueError("it has text in the place of an array's numbers")
        return self.raw.decode(self.coding).encode("latin-1")


def _name(value: Any) -> str:
    """Return a short text or short bytes as text."""
    raw = value.raw if isinstance(value, _Text) else value
    if not isinstance(raw, bytes) or len(raw) > _LONGEST_NAME:
        raise ValueError(f"it has {describe(raw)} in the place of a name")
    return raw.decode("ascii")


class _Reader:
    """Follows the instructions of a pickle.

    Parameters
    ----------
    stream : io.BytesIO
    """

    def __init__(self, stream: io.BytesIO) -> None:
        self._stream = stream
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        # Bytes that text may be turned into: each text once, so no more than the whole file.
        self._room = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        self._others: dict[bytes, Callable[[], Any]] = {
            b"(": lambda: _MARK,
            b"]": list,
            b"t": lambda: tuple(self._since_mark()),
            b"l": self._since_mark,
            b"g": lambda: self._memo[int(self._short_line())],
            b"I": self._decimal,
            b"L": self._decimal,
            b"\x8a": lambda: int.from_bytes(self._read(self._number("<B")), "little", signed=True),
            b"S": lambda: codecs.escape_decode(self._line()[1:-1])[0],
            b"V": lambda: _Text(self._line(), "raw-unicode-escape"),
            b"c": lambda: _known(self._short_line(), self._short_line()),
            b"\x93": lambda: _known(*self._pop(2)),
            b"R": lambda: self._called(*self._pop(2)),
        }

    def result(self) -> Any:
        """Follow all instructions; return what they make."""
        for _ in range(_MOST_INSTRUCTIONS):
            code = self._stream.read(1)
            if code == b".":
                return self._stack.pop()
            self._follow(code)
        raise ValueError(f"it has more than {_MOST_INSTRUCTIONS} instructions; {_OF_LISTS}")

    def _follow(self, code: bytes) -> None:
        stack = self._stack
        if code in _SKIPPED:
            self._read(_SKIPPED[code])
        elif code in _KEEP:
            self._memo[self._number(_KEEP[code])] = stack[-1]
        elif code == b"\x94":
            self._memo[len(self._memo)] = stack[-1]
        elif code == b"p":
            self._memo[int(self._short_line())] = stack[-1]
        elif code == b"b":
            self._build(stack.pop())
        elif code == b"a":
            self._append([stack.pop()])
        elif code == b"e":
            self._append(self._since_mark())
        else:
            stack.append(self._made(code))

    def _made(self, code: bytes) -> Any:
        """What an instruction puts on the stack."""
        if code in _CONSTANTS:
            return _CONSTANTS[code]
        if code in _INTEGERS:
            return self._number(_INTEGERS[code])
        if code in _BYTES:
            return self._read(self._number(_BYTES[code]))
        if code in _TEXTS:
            return _Text(self._read(self._number(_TEXTS[code])), "utf-8")
        if code in _TUPLES:
            return tuple(self._pop(_TUPLES[code]))
        if code in _FETCH:
            return self._memo[self._number(_FETCH[code])]
        if code not in self._others:
            raise ValueError(f"it has the instruction {code!r}; only NumPy arrays are read")
        return self._others[code]()

    def _called(self, name: Any, arguments: Any) -> Any:
        """What a call of one of the known names returns."""
        if not isinstance(arguments, tuple):
            raise ValueError("it calls something without arguments")
        if name == "dtype":
            return _Dtype(arguments[0])
        if name == "encode" and len(arguments) == 2:
            return self._encoded(*arguments)
        if name == "_reconstruct":
            return _Array()
        if name == "_frombuffer" and len(arguments) == 4:
            data, dtype, shape, order = arguments
            made = _Array()
            made.fill(data, dtype, shape, _name(order) == "F")
            return made
        raise ValueError("it calls what cannot be called; only NumPy arrays are read")

    def _encoded(self, text: Any, encoding: Any) -> bytes:
        """The bytes that Python 3 wrote as text, for Python 2 to read."""
        if not isinstance(text, _Text) or _name(encoding) not in ("latin1", "latin-1"):
            raise ValueError("it encodes something else than bytes of an array")
        self._room -= len(text.raw)
        if self._room < 0:
            raise ValueError("it encodes the same text again and again")
        return text.bytes()

    def _build(self, state: Any) -> None:
        """Complete the last object on the stack."""
        target = self._stack[-1]
        if isinstance(target, _Dtype) and isinstance(state, tuple) and len(state) > 1:
            target.order = _name(state[1])
        elif isinstance(target, _Array) and isinstance(state, tuple) and len(state) == 5:
            _, shape, dtype, in_columns, data = state
            target.fill(data, dtype, shape, bool(in_columns))
        else:
            raise ValueError("it completes something else than an array")

    def _append(self, entries: list[Any]) -> None:
        target = self._stack[-1]
        if not isinstance(target, list):
            raise ValueError("it appends to something else than a list")
        target.extend(entries)

    def _pop(self, count: int) -> list[Any]:
        if len(self._stack) < count:
            raise IndexError
        taken = self._stack[-count:]
        del self._stack[-count:]
        return taken

    def _since_mark(self) -> list[Any]:
        taken: list[Any] = []
        while (entry := self._stack.pop()) is not _MARK:
            taken.append(entry)
        return taken[::-1]

    def _read(self, count: int) -> bytes:
        # No stream has more than `sys.maxsize` bytes, nor may it be asked for more.
        data = self._stream.read(min(max(count, 0), sys.maxsize))
        if len(data) != count:
            raise IndexError
        return data

    def _number(self, layout: str) -> int:
        number: int = struct.unpack(layout, self._read(struct.calcsize(layout)))[0]
        return number

    def _line(self) -> bytes:
        line = self._stream.readline()
        if not line.endswith(b"\n"):
            raise IndexError
        return line[:-1]

    def _short_line(self) -> bytes:
        line = self._line()
        if len(line) > _LONGEST_NAME:
            raise ValueError(f"it has {describe(line)} in the place of a name or a number")
        return line

    def _decimal(self) -> int:
        """An integer or, as 00 and 01, a flag; Python 2 ended long ones with an L."""
        return int(self._short_line().rstrip(b"L"))


_KNOWN = {
    "numpy.ndarray": "ndarray",  # only ever handed to _reconstruct
    "numpy.dtype": "dtype",
    "_codecs.encode": "encode",  # how Python 3 writes bytes for Python 2
    **{
        f"numpy.{core}.{name}": name.rpartition(".")[2]
        for core in ("core", "_core")
        for name in ("multiarray._reconstruct", "numeric._frombuffer")
    },
}
_SCALARS = {f"numpy.{core}.multiarray.scalar" for core in ("core", "_core")}


def _known(module: Any, name: Any) -> str:
    """Return which of the names that arrays need this is; raise ValueError if it is none."""
    full_name = f"{_name(module)}.{_name(name)}"
    if full_name in _SCALARS:
        raise ValueError(f"it has numbers one by one; {_OF_LISTS}")
    if full_name not in _KNOWN:
        raise ValueError(f"it asks for {shortened(full_name)}; only NumPy arrays are read")
    return _KNOWN[full_name]
