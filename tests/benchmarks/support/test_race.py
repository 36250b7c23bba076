"""The race: the loss that it compares by, and how it notices a program that differs."""

import pytest

from benchmarks import options
from benchmarks.programs import PROGRAMS
from benchmarks.support import race

pytestmark = [pytest.mark.thorough, pytest.mark.compiled]


@pytest.mark.parametrize("option", options.OPTIONS)
def test_the_loss_is_the_total_cost_of_the_network(option):
    task = race.make_tasks([784, 12, 10], ["float64"], 10, 1, 25, **options.OPTIONS[option])[0]
    program = PROGRAMS["reference"]()
    program.prepare(task)
    wanted = program._network.total_cost(program._pairs, task.lmbda)
    assert race.loss(task, task.weights, task.biases) == pytest.approx(wanted, rel=1e-12)


def test_a_program_that_trains_otherwise_is_noticed(tasks, too_eager):
    entries = race.run_race([PROGRAMS["reference"], too_eager], tasks[:1], repeats=1)
    assert [entry.agrees for entry in entries] == [True, False]
