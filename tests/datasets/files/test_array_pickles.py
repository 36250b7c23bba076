"""Pickles of pairs of arrays are read; any other is refused at once, in little memory.

What Python 2 and 3 write of real arrays is in test_digits.py, pickles changed at random are in
promises/test_hostile_files.py.
"""

from __future__ import annotations

import io
import itertools
import pickle
import struct
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import peak_bytes

from fastnn.datasets.files import array_pickles
from fastnn.datasets.files.array_pickles import read_array_pairs

PAIR = np.arange(6.0).reshape(2, 3), np.array([4, 7])


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value


def integer(value):
    stored = pickle.encode_long(value)
    return b"\x8a" + bytes([len(stored)]) + stored


def array(shape, dtype=b"f8", data=bytes(8), order=b"C"):
    """An array in the instructions of protocol 5; `shape` is given in instructions too."""
    kind = b"cnumpy\ndtype\n" + text(dtype) + b"\x85R" + b"K\x03" + text(b"<") + b"\x86b"
    numbers = b"B" + struct.pack("<I", len(data)) + data
    return b"cnumpy.core.numeric\n_frombuffer\n(" + numbers + kind + shape + text(order) + b"tR"


def encoded(raw, encoding=b"latin1"):
    return b"c_codecs\nencode\n" + text(raw) + text(encoding) + b"\x86R"


ONE = b"K\x01\x85"  # the shape (1,)
WIDE = "".join(chr(0x4E00 + i % 20_000) for i in range(16_000)).encode()
COLLIDING = b"".join(integer(i * (2**61 - 1)) + b"N" for i in range(1, 40_000))

HOSTILE = {
    "a shape that holds itself twice over": array(b")" + b"q\x00h\x00\x86" * 60 + b"\x85"),
    "a shape of shapes": array(b"(" + b"))" * 20 + b"t\x85"),
    "instructions of no use": b"N" * 10_000_000,
    "a list that is never full": b"]" + b"K\x01a" * 5_000_000,
    "a codec of quadratic time": encoded(WIDE, b"punycode"),
    "another codec": encoded(b"abc", b"rot13"),
    "a codec and more": b"c_codecs\nencode\n(" + text(b"abc") + text(b"latin1") * 2 + b"tR",
    "a codec alone": b"c_codecs\nencode\n" + text(b"abc") + b"\x85R",
    "a floating-point number of a byte": array(ONE, dtype=b"f1", data=bytes(1)),
    "text that is wider than bytes": encoded("𝄞".encode() + b"a" * 1_000_000),
    "the same text again and again": b"c_codecs\nencode\nq\x01" + text(b"a" * 1_000_000) + b"q\x02"
    + text(b"latin1") + b"q\x03" + b"h\x01h\x02h\x03\x86R" * 3000,
    "keys that collide": b"}(" + COLLIDING + b"u",
    "a number of many digits": b"L" + b"9" * 1_000_000 + b"L\n",
    "an integer of many bits": array(integer(1 << 2000) + b"\x85"),
    "a negative length": array(b"J\xff\xff\xff\xffJ\xff\xff\xff\xff\x86"),
    "a flag as a length": array(b"\x88\x85"),
    "too many dimensions": array(b"(" + b"K\x01" * 33 + b"t"),
    "lengths beyond all bounds": array(integer(1 << 61) + integer(1 << 61) + b"\x86"),
    "a long name of a type": array(ONE, dtype=b"f" * 1_000_000),
    "a long name": b"c" + b"a" * 1_000_000 + b"\n" + b"b" * 1_000_000 + b"\n",
    "objects": array(ONE, dtype=b"O8"),
    "text for an array": array(ONE, dtype=b"S8"),
    "a forged byte order": array(ONE).replace(text(b"<"), text(b">f8, O")),
    "a list that holds itself": b"]q\x00h\x00a",
    "an array that is not filled": b"cnumpy.core.multiarray\n_reconstruct\n)Rq\x01h\x01\x86\x85",
    "an array filled with itself": b"cnumpy.core.multiarray\n_reconstruct\n)Rq\x01(K\x01"
    + ONE + b"h\x01\x89h\x01tb",
    "a call of what was made": array(ONE) + b")R",
    "a call of a number": b"K\x01)R",
    "a call without arguments": b"cnumpy\ndtype\n)R",
    "a class to be called": b"cnumpy\nndarray\n)R",
    "a completed list": b"](K\x01K\x02tb",
    "a mark for a result": b"(",
    "nothing": b"",
    "a place that was not kept": b"h\x07",
    "a dictionary": b"}",
    "a set": b"\x8f",
    "a floating-point number": b"G" + bytes(8),
    "an object by its number": b"K\x01Q",
    "an extension": b"\x82\x01",
    "a buffer from elsewhere": b"\x97",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_more_than_arrays_is_refused_at_once_and_in_little_memory(name):
    content = b"\x80\x03" + HOSTILE[name] + b"."

    def refused():
        with pytest.raises(ValueError, match=r"^it |^an array in it ") as caught:
            read_array_pairs(io.BytesIO(content))
        assert len(str(caught.value)) < 200
        assert str(caught.value).isprintable()

    started = time.process_time()
    assert peak_bytes(refused) < 12_000_000
    assert time.process_time() - started < 2


def test_hand_made_pickles_would_be_read_but_for_what_is_hostile_in_them():
    content = b"\x80\x03" + array(ONE) + array(ONE, order=b"F") + b"\x86\x85."
    [(images, labels)] = read_array_pairs(io.BytesIO(content))
    assert (images.tolist(), labels.tolist()) == ([0.0], [0.0])


@pytest.mark.parametrize("code", [b"f4", b"i2", b"u1"])
def test_types_of_plain_numbers_are_read(code):
    content = b"\x80\x03" + array(ONE, code, bytes(int(code[1:]))) * 2 + b"\x86\x85."
    [(images, _)] = read_array_pairs(io.BytesIO(content))
    assert images.dtype == code.decode()


def test_a_pickle_of_python_2s_protocol_0_is_read():
    state = b"(I3\nS'<'\np5\nNNNI-1\nI-1\nI0\ntp6\nb"
    kind = b"cnumpy\ndtype\np2\n(S'f8'\np3\nI0\nI1\ntp4\nR" + state
    data = b"S'" + repr(np.array([1.5, -2]).tobytes())[2:-1].encode() + b"'\np7\n"
    made = b"cnumpy.core.multiarray\n_reconstruct\np0\n(cnumpy\nndarray\np1\n(I0\ntS'b'\ntR"
    one = made + b"(I1\n(L2L\nt" + kind + b"I00\n" + data + b"tb"
    [(images, labels)] = read_array_pairs(io.BytesIO(b"((" + one + one + b"tp9\nl."))
    assert images.tolist() == labels.tolist() == [1.5, -2]


@pytest.mark.parametrize(
    ("protocol", "as_list", "layout"),
    list(itertools.product(range(6), (False, True), (np.ascontiguousarray, np.asfortranarray))),
)
def test_what_python_writes_of_pairs_is_read(protocol, as_list, layout):
    pairs = [PAIR, (layout(PAIR[0]), PAIR[1].astype(">u2")), PAIR]
    written = pickle.dumps(list(map(list, pairs)) if as_list else tuple(pairs), protocol)
    for read, wanted in zip(read_array_pairs(io.BytesIO(written)), pairs, strict=True):
        for mine, theirs in zip(read, wanted, strict=True):
            assert mine.dtype == theirs.dtype
            assert np.array_equal(mine, theirs)


LETTERS = b"(.)]tlgILSVcRabepqrhjJKMTUBCXN"
OTHERS = b"\x80\x95\x85\x86\x87\x88\x89\x8a\x8c\x8e\x93\x94\x96"
CODES = [bytes([code]) for code in LETTERS + OTHERS]


@given(
    st.lists(
        st.one_of(
            st.sampled_from(CODES),
            st.sampled_from([text(b"f8"), text(b"latin1"), b"K\x00", b"K\x01", array(ONE), ONE]),
            st.binary(max_size=9),
        ),
        max_size=40,
    )
)
@settings(deadline=None)
def test_instructions_at_random_are_read_or_refused(instructions):
    started = time.process_time()
    try:
        pairs = read_array_pairs(io.BytesIO(b"".join(instructions) + b"."))
    except ValueError as error:
        assert str(error)
    else:
        assert all(len(pair) == 2 for pair in pairs)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("length", [2**31, 2**63 - 1, 2**63, 2**64 - 1])
@pytest.mark.parametrize("instruction", [pickle.BYTEARRAY8, pickle.BINBYTES8])
def test_a_length_that_no_file_has_is_refused(instruction, length):
    content = instruction + struct.pack("<Q", length) + b"."
    with pytest.raises(ValueError, match="it is damaged or cut short"):
        read_array_pairs(io.BytesIO(content))


def test_the_count_of_instructions_is_bounded_where_it_is_said(monkeypatch):
    content = pickle.dumps([PAIR], 2)
    read_array_pairs(io.BytesIO(content))
    monkeypatch.setattr(array_pickles, "_MOST_INSTRUCTIONS", 20)
    with pytest.raises(ValueError, match="it has more than 20 instructions; lists of images"):
        read_array_pairs(io.BytesIO(content))


@pytest.mark.parametrize("count", [3, 1000])
def test_lists_of_images_are_refused_with_what_to_do(count):
    """As the book's `expand_mnist.py` writes them, with labels that are numbers of NumPy's."""
    lists = [np.zeros(9, np.float32) for _ in range(count)], [*np.arange(count)]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        content = pickle.dumps((lists, PAIR, PAIR), protocol)
        with pytest.raises(ValueError, match=r"lists of images are not read: .* an \.npz of"):
            read_array_pairs(io.BytesIO(content))
