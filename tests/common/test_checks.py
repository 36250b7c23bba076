"""Every check returns the plain value, or says in one line what came and what is expected."""

from __future__ import annotations

import decimal
import fractions
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from memory import peak_bytes
from refusals import assert_refused

from fastnn.common import checks


class Index:
    def __repr__(self):
        return "Index()"

    def __index__(self):
        return 3


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3), Index(), np.array(3)], ids=repr)
def test_what_counts_as_an_integer_becomes_one(value):
    assert checks.integer("n", value, smallest=3) == 3
    assert type(checks.integer("n", value, smallest=-5)) is int
    message = "n must be an integer of at least 4, got"
    assert_refused(lambda: checks.integer("n", value, smallest=4), ValueError, message)


@pytest.mark.parametrize("value", [True, np.True_, 3.0, "3", None, [3], np.array([3, 4])], ids=repr)
def test_what_is_no_integer_is_refused(value):
    message = "n must be an integer of at least 0, got"
    assert_refused(lambda: checks.integer("n", value, smallest=0), TypeError, message)


@pytest.mark.parametrize("value", [True, False, np.True_, np.False_], ids=repr)
def test_what_counts_as_a_flag_becomes_one(value):
    assert checks.flag("shuffle", value) is bool(value)


@pytest.mark.parametrize("value", [1, 0, None, "yes", np.array(True)], ids=repr)
def test_what_is_no_flag_is_refused(value):
    message = "shuffle must be True or False, got"
    assert_refused(lambda: checks.flag("shuffle", value), TypeError, message)


REALS = [0.5, np.float32(0.5), np.array(0.5), fractions.Fraction(1, 2)]


@pytest.mark.parametrize("value", REALS, ids=repr)
def test_what_counts_as_a_number_becomes_a_float(value):
    for check in (checks.real, checks.fraction, checks.positive, checks.not_negative):
        assert check("eta", value) == 0.5
        assert type(check("eta", value)) is float


@pytest.mark.parametrize(
    "value", [True, np.False_, np.array(True), "0.5", None, 1j, [0.5], np.array([0.5]),
              decimal.Decimal("0.5")], ids=repr,
)  # fmt: skip
def test_what_is_no_number_is_refused(value):
    for check in (checks.real, checks.fraction, checks.positive, checks.not_negative):
        message = "eta must be a finite number, got"
        assert_refused(lambda check=check: check("eta", value), TypeError, message)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 10**400, -(10**400)], ids=str)
def test_what_is_not_finite_is_refused(value):
    for check in (checks.real, checks.fraction, checks.positive, checks.not_negative):
        message = "eta must be a finite number, got"
        assert_refused(lambda check=check: check("eta", value), ValueError, message)


@pytest.mark.parametrize(
    ("check", "allowed", "refused", "message"),
    [
        (checks.fraction, [0, 0.999], [-1e-9, 1, 2], "must be at least 0 and below 1, got"),
        (checks.positive, [1e-300, 5], [0, -0.0, -1], "must be above 0, got"),
        (checks.not_negative, [0, -0.0, 5], [-1e-300, -1], "must be at least 0, got"),
        (checks.real, [0, -5, 1e300], [], ""),
    ],
)
def test_bounds_are_where_the_message_says(check, allowed, refused, message):
    for value in allowed:
        assert check("eta", value) == value
    for value in refused:
        assert_refused(
            lambda value=value: check("eta", value), ValueError, f"eta {message} {value}"
        )


@pytest.mark.parametrize("sizes", [[4, 3], (4, 3), range(4, 2, -1), np.array([4, 3])], ids=repr)
def test_sizes_become_a_list_of_ints(sizes):
    result = checks.layer_sizes(sizes)
    assert result == [4, 3]
    assert [type(size) for size in result] == [int, int]
    assert checks.layer_sizes([4, 7, 7, 3]) == [4, 7, 7, 3]


@pytest.mark.parametrize(
    ("sizes", "error", "words"),
    [
        ("43", TypeError, "sizes must be a sequence of integers such as [784, 30, 10], got '43'"),
        (None, TypeError, "sizes must be a sequence"),
        ([4], ValueError, "sizes must name at least two layers, inputs and outputs, got [4]"),
        ([], ValueError, "at least two layers"),
        ([4, 0], ValueError, "sizes[1] must be an integer of at least 1, got 0"),
        ([4.0, 1], TypeError, "sizes[0] must be an integer of at least 1, got 4.0"),
    ],
    ids=repr,
)
def test_what_are_no_sizes_is_refused(sizes, error, words):
    assert_refused(lambda: checks.layer_sizes(sizes), error, words)


@pytest.mark.parametrize(("value", "kind"), [("blue", ValueError), (3, TypeError)], ids=repr)
def test_another_name_is_a_wrong_value_and_all_else_of_a_wrong_type(value, kind):
    error = checks.wrong_choice(value, "colour must be red")
    assert type(error) is kind
    assert str(error) == f"colour must be red, got {value!r}"


def test_float_types_are_two():
    assert checks.float_type("float32") == np.float32
    assert checks.float_type(float) == np.float64
    for dtype in ("float16", int, ">f8", "nonsense(", "1", object, None.__class__):
        message = "dtype must be float64 or float32, got"
        assert_refused(lambda dtype=dtype: checks.float_type(dtype), ValueError, message)


def test_things_are_counted_in_words():
    told = [checks.counted(count, what) for count, what in ((1, "row"), (0, "row"), (2, "class"))]
    assert told == ["1 row", "0 rows", "2 classes"]


def test_values_are_described_in_a_line():
    array = np.zeros((2, 3), np.float32)
    assert checks.describe(array) == "an array of shape (2, 3) and type float32"
    assert checks.describe(3) == "3"
    assert checks.describe("x" * 58) == repr("x" * 58)
    assert checks.describe("x" * 59) == "'" + "x" * 56 + "..."


@pytest.mark.parametrize(
    "value",
    [[], (), {}, (1,), [1, (2, [3.5])], {"a": [None], 2: b"c"}, "it's", {1, 2}, 10**59, -0.0,
     range(3), np.float32(2), Index()], ids=repr,
)  # fmt: skip
def test_a_short_value_is_described_by_its_repr(value):
    assert checks.describe(value) == repr(value)


def doubled(make, levels):
    """A value of 2**levels parts that holds itself twice over, level by level, in little memory."""
    value = make((1, 2))
    for _ in range(levels):
        value = make((value, value))
    return value


def nested(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


def endless():
    value = []
    value.append(value)
    return value


def holding(value):
    """An array that holds a value as it is: NumPy's constructors would look into it."""
    array = np.empty(1, object)
    array[0] = value
    return array


class Unspeakable:
    def __repr__(self):
        raise RuntimeError("no")


HOSTILE = {
    "doubled tuples": lambda: doubled(tuple, 60),
    "doubled lists": lambda: doubled(list, 60),
    "doubled dictionaries": lambda: doubled(dict.fromkeys, 0) | {0: doubled(list, 60)},
    "deep": lambda: nested(100_000),
    "endless": endless,
    "long text": lambda: "x" * 10_000_000,
    "long bytes": lambda: b"x" * 10_000_000,
    "NumPy's long text": lambda: np.array("x" * 1_000_000)[()],
    "huge integer": lambda: 1 << 10_000_000,
    "many": lambda: list(range(1_000_000)),
    "arrays": lambda: [np.zeros(1_000_000), holding(doubled(tuple, 60))],
    "raises": Unspeakable,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_value_of_any_size_is_described_at_once_and_in_little_memory(name):
    value, texts = HOSTILE[name](), []
    started = time.process_time()
    assert peak_bytes(lambda: texts.append(checks.describe(value))) < 1_000_000
    assert time.process_time() - started < 1
    assert 10 < len(texts[0]) <= 60


def test_nothing_that_a_terminal_obeys_is_in_a_description():
    for text in ("a\x1b[2Jb", "a\nb", "a\x9bb", "a\u202eb", "a\udc80b", "a\rb"):
        for shown in (checks.describe(text), checks.describe([text]), checks.printable(text)):
            assert shown.isprintable()
            assert "\\" in shown
    assert checks.printable("Grüße, 日本") == "Grüße, 日本"
    assert checks.printable(Path("a\x1b[2J")) == "a\\x1b[2J"
    assert checks.printable(b"\xff") == "\\udcff"
    assert checks.shortened("x" * 60) == "x" * 60
    assert checks.shortened("x" * 61) == "x" * 57 + "..."
    assert checks.shortened("\n" * 10**7, 100) == "\\n" * 48 + "\\..."


@pytest.mark.parametrize("dtype", [float, np.float32, np.float16, int, np.uint8, bool])
def test_numbers_of_every_kind_are_numbers(dtype):
    assert checks.numbers("x", np.ones(3, dtype), "(3,)").tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    "seeds",
    [[3, 0], (3, 0), np.array([3, 0]), dict.fromkeys([3, 0]).keys(), [np.int8(3), np.uint64(0)]],
    ids=["list", "tuple", "array", "keys", "NumPy"],
)
def test_seeds_become_a_list_of_ints(seeds):
    checked = checks.check_seeds(seeds)
    assert checked == [3, 0]
    assert {type(seed) for seed in checked} == {int}
    assert checks.check_seeds([2**32 - 1]) == [2**32 - 1]


@pytest.mark.parametrize(
    ("seeds", "error", "words"),
    [
        (7, TypeError, ["seeds must be integers such as range(20), got 7"]),
        ("12", TypeError, ["seeds[0] must be an integer", "'1'"]),
        ([1, 0.5], TypeError, ["seeds[1]", "0.5"]),
        ([-1], ValueError, ["seeds[0]", "-1"]),
        ([], ValueError, ["different integers below 2**32, one at least, got []"]),
        ([1, 1], ValueError, ["different", "[1, 1]"]),
        ([2**32], ValueError, ["2**32", "[4294967296]"]),
        (range(2**60), ValueError, ["2**32", f"range(0, {2**60})"]),
    ],
)
def test_seeds_that_no_generator_takes_are_refused(seeds, error, words):
    assert_refused(lambda: checks.check_seeds(seeds), error, *words)


def mapped(path, offset=0):
    """A memory map of 3000 numbers from 0 on, so many bytes into its file."""
    path.write_bytes(bytes(offset) + np.arange(3000.0).tobytes())
    return np.memmap(path, np.float64, "r", offset, (1000, 3))


@pytest.mark.parametrize("offset", [0, 8, 4096, 10_000, 100_000])
def test_a_memory_map_is_an_array_of_numbers(tmp_path, offset):
    rows = mapped(tmp_path / "rows", offset)
    for view in (rows, rows[10:20], rows.T, np.asarray(rows)[::-1]):
        assert np.array_equal(checks.numbers("x", view, "(n, 3)"), view)


@pytest.mark.skipif(sys.platform == "win32", reason="a mapped file cannot be cut there")
@pytest.mark.parametrize("offset", [0, 8, 4096, 10_000, 100_000])
def test_a_memory_map_whose_file_was_cut_is_refused_and_not_read(tmp_path, offset):
    path = tmp_path / "rows"
    rows = mapped(path, offset)
    os.truncate(path, offset + 16_000)
    for view in (rows, rows[10:20], rows.T, np.asarray(rows)[::-1]):
        words = f"x must lie in a file of {offset + 24_000} bytes, .* got one of {offset + 16_000}"
        with pytest.raises(ValueError, match=words):
            checks.numbers("x", view, "(n, 3)")


@pytest.mark.parametrize("dtype", [np.int64, np.uint64, np.int8])
def test_a_permutation_has_each_number_once(dtype):
    order = checks.permutation("order", np.array([2, 0, 1], dtype), 3)
    assert order.dtype == np.int64
    assert order.tolist() == [2, 0, 1]
    assert checks.permutation("order", np.empty(0, dtype), 0).tolist() == []


@pytest.mark.parametrize(
    "order",
    [[0, 1], [], [0, 1, 3], [0, -1, 1], [0, 1, 1], [0.0, 1, 2], [[0], [1], [2]], [[0, 1, 2]],
     [0, 1, 2, 3], 2, [0, 1, 2**63], [-(2**62), 2**62, 0]],
)  # fmt: skip
def test_an_order_that_is_no_permutation_is_refused(order):
    order = np.array(order, None if np.ravel(order).tolist() else np.int64)
    message = "order must have each number from 0 to 2 once, got an array of shape"
    assert_refused(lambda: checks.permutation("order", order, 3), ValueError, message)


@pytest.mark.parametrize("form", [lambda a: a, lambda a: list(a), lambda a: a[1]], ids=range(3))
def test_masked_values_are_refused_but_not_a_mask_of_nothing(form):
    array = np.ma.array([[1.0, 2.0], [3.0, 4.0]])
    assert np.size(checks.numbers("x", form(array), "(n,)"))
    array[1, 0] = np.ma.masked
    message = "x must have no masked values, got 1; fill them"
    assert_refused(lambda: checks.numbers("x", form(array), "(n,)"), ValueError, message)
