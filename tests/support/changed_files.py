"""Change files at random, also deep inside, and watch what the code that reads them does."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import struct
import sys
import zipfile
from contextlib import contextmanager

import numpy as np

_ODD_VALUES = [
    None,
    True,
    -1,
    0,
    2**31,
    2**70,
    1e308,
    float("nan"),
    "",
    "x",
    [],
    [[]],
    {},
    [1, "a"],
]
# What the header of an array may say: items of no bytes, of many, of several numbers, of objects.
_ODD_TYPES = ["|V0", "|S0", "<U0", [], "|V8", "<U250000000", "|S1000000", "|O", "<f8", "|i1", "|b1",
              "<c16", "<M8[s]", [("a", "<f8")], [("a", "<f8", (2, 3))]]  # fmt: skip
_ODD_SHAPES = [(), (0,), (10**8,), (10**9, 0), (0, 10**9), (2**62, 2**62), (-1,), (-1, -8),
               (1,) * 40, (625,), (3, 4), (10**400,)]  # fmt: skip
# Instructions of pickles: of use to arrays, of use to others, doubling, and numbers of all sizes.
_ODD_INSTRUCTIONS = [
    *(bytes([code]) for code in b"(.0123)]}tlduseabR\x81\x8f\x90\x93\x94\x97\x98N\x88\x89"),
    b"h\x00",
    b"h\x00h\x00\x86q\x00" * 60,
    b"K\x03",
    b"\x8a\x09" + b"\xff" * 8 + b"\x00",
    b"L" + b"9" * 5000 + b"L\n",
    b"X\x08\x00\x00\x00punycode",
    b"c_codecs\nencode\n",
    b"cnumpy\ndtype\n",
    b"cos\nsystem\n",
    b"N" * 20_000,
]
_EDGES = [0, 1, 10, 44, 57, 127, 128, 255]


def mutated(rng, content):
    """Change a file: its bytes, the bytes packed in it, or values of the JSON in it.

    Zip and gzip files have checksums, which catch most changes on the surface.
    """
    deep = rng.random() < 0.8
    if content.startswith(b"PK") and deep:
        return _changed_zip(rng, content)
    if content.startswith(b"\x1f\x8b") and deep:
        return gzip.compress(mutated(rng, gzip.decompress(content)), 1, mtime=0)
    if content.startswith(b"\x80") and deep:
        return _changed_pickle(rng, content)
    if content.startswith(b"{") and deep:
        return json.dumps(_changed_value(rng, json.loads(content))).encode()
    return _changed_bytes(rng, content)


def _changed_bytes(rng, content):
    content = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        if not content:
            break
        place, length = rng.randrange(len(content)), rng.choice([0, 1, 1, 1, 2, 4, 100])
        new = [rng.choice([*_EDGES, rng.randrange(256)]) for _ in range(rng.choice([0, 1, 1, 4]))]
        content[place : place + length] = bytes(new)
    return bytes(content)


def _changed_zip(rng, content):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    name = rng.choice(sorted(members))
    kind = rng.random()
    if kind < 0.1:
        del members[name]
    elif kind < 0.2:
        members[rng.choice(["../" + name, "/" + name, "x.npy", name.upper()])] = members.pop(name)
    elif kind < 0.3:
        members[name] = members[rng.choice(sorted(members))]
    elif kind < 0.6 and name == "facts.npy":
        members[name] = _changed_text_array(rng, members[name])
    elif kind < 0.8:
        members[name] = _changed_header(rng, members[name])
    else:
        members[name] = _changed_bytes(rng, members[name])
    changed = io.BytesIO()
    packing = rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    with zipfile.ZipFile(changed, "w", packing) as file:
        for name, member in members.items():
            file.writestr(name, member)
    return changed.getvalue()


def _changed_header(rng, content):
    """Change what the header of an array says of its type, its shape or both."""
    stream = io.BytesIO(content)
    np.lib.format.read_magic(stream)
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    facts = {
        "descr": rng.choice([*_ODD_TYPES, dtype.str]),
        "fortran_order": rng.choice([False, True]),
        "shape": rng.choice([*_ODD_SHAPES, shape]),
    }
    head = repr(facts).encode() + b" " * rng.choice([0, 0, 100_000]) + b"\n"
    version, layout = rng.choice([(b"\x01\x00", "<H"), (b"\x02\x00", "<I")])
    length = struct.pack(layout, len(head) % 65536 if layout == "<H" else len(head))
    data = rng.choice([stream.read(), b"", bytes(1_000_000)])
    return np.lib.format.MAGIC_PREFIX + version + length + head + data


def _changed_pickle(rng, content):
    """Put odd instructions somewhere into a pickle, in the place of some bytes or none."""
    place = rng.randrange(2, len(content))
    new = b"".join(rng.choice(_ODD_INSTRUCTIONS) for _ in range(rng.randint(1, 4)))
    return content[:place] + new + content[place + rng.choice([0, 0, 1, 2]) :]


def _changed_text_array(rng, content):
    """Change the JSON text in an array that holds one, in NumPy's format."""
    facts = json.loads(str(np.load(io.BytesIO(content))))
    changed = io.BytesIO()
    np.save(changed, np.array(json.dumps(_changed_value(rng, facts))))
    return changed.getvalue()


def _changed_value(rng, value):
    """Return the tree of JSON with one value changed."""
    if not isinstance(value, (dict, list)) or not value or rng.random() < 0.1:
        return rng.choice(_ODD_VALUES)
    place = rng.choice(list(value) if isinstance(value, dict) else range(len(value)))
    changed = value.copy()
    if rng.random() < 0.1:
        del changed[place]
    else:
        changed[place] = _changed_value(rng, value[place])
    return changed


# Code that reads a file may do none of these.
_FORBIDDEN = (
    "ctypes.dlopen",
    "os.chmod",
    "os.exec",
    "os.fork",
    "os.mkdir",
    "os.posix_spawn",
    "os.remove",
    "os.rename",
    "os.system",
    "shutil.",
    "socket.connect",
    "subprocess.Popen",
)
_watch = {"on": False, "seen": []}


def _hook(event, arguments):
    if not _watch["on"]:
        return
    writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes or event.startswith(_FORBIDDEN):
        _watch["seen"].append((event, str(arguments)))


@contextmanager
def watching():
    """Collect Python's audit events that write, delete or start programs."""
    if not _watch.get("installed"):
        sys.addaudithook(_hook)  # for good: a hook cannot be removed
        _watch["installed"] = True
    _watch["seen"] = []
    _watch["on"] = True
    try:
        yield _watch["seen"]
    finally:
        _watch["on"] = False


class TooSlowError(BaseException):
    """Some work took longer than it may; no handler of errors is to catch this."""


@contextmanager
def time_limit(seconds):
    """Stop what takes longer, where the system has timers: a reader might never come back."""

    def stop(*_):
        raise TooSlowError

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
