"""The table of options: it has a row for each, and marks programs that disagree."""

import re

import pytest

from benchmarks import options
from benchmarks.programs import PROGRAMS
from benchmarks.support import race

pytestmark = [pytest.mark.thorough, pytest.mark.compiled]


@pytest.mark.filterwarnings("default")  # those of other people's libraries
def test_the_table_of_options_has_a_row_for_each_option_and_dtype(capsys):
    few = ["--sizes", "784,3,10", "--examples", "40", "--repeats", "1"]
    assert options.main(few) == 0
    printed = capsys.readouterr().out
    for name in ("plain", "momentum", "adam", "softmax", "relu", "tanh"):
        for dtype in ("float64", "float32"):
            row = re.search(rf"^{name} +{dtype} +([\d.]+) +[\d.]+ - [\d.]+ +(.*)$", printed, re.M)
            assert row
            assert race.is_installed(PROGRAMS["jax"]) or row[2] == "jax is not installed"
    assert "NOT" not in printed


def test_the_table_of_options_marks_programs_that_part(tasks, too_eager):
    class TooEagerJax(too_eager):
        name = "jax"

    entries = race.run_race([PROGRAMS["fastnn"], TooEagerJax], tasks, repeats=1)
    assert all(line.endswith("DOES NOT AGREE") for line in options.rows("plain", entries))
