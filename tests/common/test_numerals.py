"""Numbers as people write them."""

import pytest

from fastnn.common.numerals import written


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (96.5249, "96.5"),
        (-0.013, "−0.013"),
        (2.5e-7, "2.5 × 10⁻⁷"),
        (-3e8, "−3.0 × 10⁸"),
        (15625.0, "15,625"),
        (25.0, "25"),
        (0.0, "0"),
        (0.25, "0.25"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (float("nan"), "nan"),
    ],
)
def test_numbers_have_one_notation(value, text):
    assert written(value) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.25, 1, "0.2"),
        (0.0, 2, "0.00"),
        (0.0049, 2, "0.0049"),
        (0.0051, 2, "0.01"),
        (-0.31, 0, "−0.31"),
    ],
)
def test_no_number_but_0_is_written_as_zeros(value, digits, text):
    assert written(value, digits) == text
