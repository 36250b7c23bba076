"""Numbers as people write them."""

import pytest

from fastnn.datasets.files.cells import is_number, is_rounded, written_number, written_unit

WRITTEN = {
    "5.1": (5.1, ""),
    " +5.1 ": (5.1, ""),
    "1,234.50": (1234.5, ""),
    "1,234,567": (1234567.0, ""),
    "1,17,000": (117000.0, ""),
    "₹1,17,000.50": (117000.5, "₹"),
    "-12,34,56,789": (-123456789.0, ""),
    "1'234": (1234.0, ""),
    "1 234.5": (1234.5, ""),
    "1\u00a0234": (1234.0, ""),
    "$5.10": (5.1, "$"),
    "-$5": (-5.0, "$"),
    "$-5": (-5.0, "$"),
    "5.10 €": (5.1, "€"),
    "EUR 5": (5.0, "EUR"),
    "12.5 %": (12.5, "%"),
    "(3.2)": (-3.2, ""),
    "\u22125": (-5.0, ""),
    "\u20135": (-5.0, ""),
    "\u2013$5": (-5.0, "$"),
    "1.0D-3": (0.001, ""),
    "1e300": (1e300, ""),
}
NO_NUMBERS = ["", "-", ".", "abc", "1,23", "1,2345", "+-1", "-(3)", "(3", "12%%", "$5€", "0x1F"]
NO_NUMBERS += ["1,17,00", "117,00,000", "0,17,000", "1,7,000", "1.17.000", "1,17"]
NO_NUMBERS += ["\u2013", "5\u20139", "5 \u2013 9", "\u2013\u20135"]
NO_NUMBERS += ["1_000", "1e999", "inf", "nan", "007", "12:30", "2024-01-05", "5cm", "030 123 456"]


@pytest.mark.parametrize("cell", WRITTEN)
def test_a_number_is_read_as_people_write_it(cell):
    assert written_number(cell) == WRITTEN[cell]
    assert is_number(cell)


@pytest.mark.parametrize("cell", NO_NUMBERS)
def test_what_is_no_number_stays_none(cell):
    assert written_number(cell) is None


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1.234,50", 1234.5), ("5,", 5.0), (",5", 0.5), ("1.234.567", 1234567.0), ("1,234", 1.234)],
)
def test_with_a_decimal_comma_points_part_groups(cell, number):
    assert written_number(cell, ",") == (number, "")


@pytest.mark.parametrize("cell", ["1,17,000", "1.17.000"])
def test_with_a_decimal_comma_there_are_no_groups_of_two_digits(cell):
    assert written_number(cell, ",") is None


def test_all_cells_have_one_unit_but_a_zero_may_lack_it():
    assert written_unit(["5%", "0", "3 %"]) == "%"
    assert written_unit(["5", "0"]) == ""
    assert written_unit(["5%", "3"]) is None
    assert written_unit(["$5", "€5"]) is None
    assert written_unit(["5", "many"]) is None


@pytest.mark.parametrize(
    ("cell", "rounded"),
    [
        (str(2**53), False),
        (str(2**53 + 1), True),
        (f" -{2**53 + 1} ", True),
        (str(2**80), False),
        ("9" * 400, False),  # it is refused elsewhere
        ("9007199254740993.5", False),
    ],
)
def test_a_whole_number_that_is_none_of_float64_s_is_known(cell, rounded):
    assert is_rounded(cell) is rounded
