"""The roofline, with the loops of `kernel_loops` and the measurements of `ceilings`."""

import pytest

from benchmarks import roofline

pytestmark = [pytest.mark.thorough, pytest.mark.compiled]


def test_no_kernel_is_faster_than_the_core():
    shares = roofline.measure([784, 30, 10], "float64", 10, rounds=5)
    assert len({share.name for share in shares}) == len(shares) == 10
    for share in shares:
        assert 0 < share.of_peak < 1.2
        assert 0 < share.limit <= share.ceilings.peak
