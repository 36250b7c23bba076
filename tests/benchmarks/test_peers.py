"""The table of peers: what the command marks, lists and refuses."""

import re

import pytest

from benchmarks import peers
from benchmarks.programs import PROGRAMS
from benchmarks.programs.numpy_matrix import NumpyMatrix
from benchmarks.support import race

pytestmark = [pytest.mark.thorough, pytest.mark.compiled]


def test_a_program_that_trains_otherwise_is_marked(tasks, too_eager):
    entries = race.run_race([PROGRAMS["reference"], too_eager], tasks[:1], repeats=1)
    assert "DOES NOT AGREE" in "\n".join(peers.report(entries))


def test_a_race_without_a_program_that_can_do_it_has_no_verdict():
    tasks = race.make_tasks([784, 3, 10], ["float64"], 10, 1, 20, activation="tanh")
    text = "\n".join(peers.report(race.run_race([NumpyMatrix], tasks, repeats=1)))
    assert "left out: written for network2's training only" in text
    assert "None of the programs can do this." in text


class Unwell(NumpyMatrix):
    """As a library that does not work on this machine."""

    name, module = "unwell", "json"

    def run_epoch(self, order):
        raise OSError("no compiler")


class Absent(NumpyMatrix):
    name, module = "absent", "no_such_library"


def test_programs_that_fail_or_are_missing_are_listed(tasks):
    assert not race.is_installed(Absent)
    entries = race.run_race([PROGRAMS["fastnn"], Unwell], tasks[:1], repeats=1)
    text = "\n".join(peers.report(entries, missing=["absent"]))
    assert "left out: OSError: no compiler" in text
    assert re.search("absent +not installed", text)
    assert "All agree with fastnn float64" in text


def test_momentum_and_adam_together_are_refused(capsys):
    with pytest.raises(SystemExit):
        peers.main(["--optimizer", "adam", "--momentum", "0.9"])
    assert "--momentum is for --optimizer sgd only" in capsys.readouterr().err


def test_an_unknown_program_is_refused(capsys):
    with pytest.raises(SystemExit):
        peers.main(["--programs", "numpy,nonsense"])
    assert "nonsense" in capsys.readouterr().err
