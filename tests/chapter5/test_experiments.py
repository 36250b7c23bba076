"""What holds for every experiment of the chapter: seeds, processes and the generators."""

import multiprocessing
import random
import re
import signal
import time
from functools import partial

import numpy as np
import pytest
from builders import seed_generators, state_of_numpy
from refusals import assert_refused

from fastnn.chapter5 import (
    EXPERIMENTS,
    chain,
    circuits,
    exploding,
    initial_speeds,
    networks,
    training_speeds,
)
from fastnn.chapter5.workers import mapper_of

TINY = {"images": 40}


@pytest.fixture(scope="module")
def workers():
    with mapper_of(2) as mapper:
        yield mapper


@pytest.mark.compiled
@pytest.mark.parametrize("module", [initial_speeds, training_speeds], ids=lambda m: m.__name__)
def test_results_do_not_depend_on_the_processes(module, workers):
    options = {"images": 60} | ({"epochs": 2} if module is training_speeds else {})
    here = module.run([3, 1, 2], **options)
    there = module.run([3, 1, 2], mapper=workers, **options)
    for hidden_layers, speeds in here.speeds.items():
        np.testing.assert_array_equal(speeds, there.speeds[hidden_layers])


@pytest.mark.compiled
def test_a_seed_gives_the_same_whatever_others_run_beside_it():
    alone = initial_speeds.run([2], **TINY).speeds
    beside = initial_speeds.run([1, 2], **TINY).speeds
    for hidden_layers in alone:
        np.testing.assert_array_equal(alone[hidden_layers][0], beside[hidden_layers][1])


def test_experiments_leave_the_generators_as_they_were():
    seed_generators(4)
    before = random.getstate(), state_of_numpy()
    chain.run([0])
    exploding.run([0])
    circuits.run(most_bits=2)
    training_speeds.run([0], epochs=1, **TINY)
    assert (random.getstate(), state_of_numpy()) == before


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_seeds_that_are_none_are_refused(name):
    run = EXPERIMENTS[name].run
    assert_refused(lambda: run([]), ValueError, "seeds", "[]")
    assert_refused(lambda: run([1, 1]), ValueError, "seeds", "different")
    assert_refused(lambda: run([0.5]), TypeError, "seeds[0]", "0.5")
    assert_refused(lambda: run(7), TypeError, "seeds", "7")


def test_a_seed_gives_the_same_network_in_both_types_of_numbers():
    wide, narrow = networks.new_network(2, 3), networks.new_network(2, 3, np.float32)
    for mine, theirs in zip(narrow.weights, wide.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs.astype(np.float32))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_code_of_an_experiment_is_two_lines_that_name_its_module(name):
    first, second = EXPERIMENTS[name].code.splitlines()
    module = EXPERIMENTS[name].run.__module__.rpartition(".")[2]
    assert first == f"from fastnn.chapter5 import {module}"
    compile(second, name, "exec")
    assert f"{module}.run(" in second


def test_an_interrupt_ends_the_processes_in_the_middle_of_their_work():
    others = set(multiprocessing.active_children())
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt), mapper_of(2) as mapper:
        assert next(iter(mapper(time.sleep, [0, 300, 300]))) is None
        raise KeyboardInterrupt
    assert time.monotonic() - started < 200
    assert set(multiprocessing.active_children()) == others


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="Windows holds no signal back")
def test_ctrl_c_reaches_no_process_while_it_starts():
    mask = partial(signal.pthread_sigmask, signal.SIG_BLOCK)
    with mapper_of(2) as mapper:
        (held_back,) = mapper(mask, [()])
    assert signal.SIGINT in held_back
    assert signal.SIGINT not in mask(())


# --- what they say ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def of_one_seed():
    """Every experiment with the result of one seed, which takes no time."""
    tiny = {"epochs": 1, "images": 100}
    return [
        (one, one.run([0], **{key: tiny.get(key, value) for key, value in one.quick.items()}))
        for one in EXPERIMENTS.values()
    ]


def test_intervals_end_at_0_where_nothing_is_negative(of_one_seed):
    for experiment, result in of_one_seed:
        for row in experiment.measurements(result):
            if row.average == "mean" and "percentage points" not in row.quantity:
                assert row.possible[0] == 0, row.quantity


def test_one_is_no_plural(of_one_seed):
    for experiment, result in of_one_seed:
        rules = [row.claim.rule.text for row in experiment.measurements(result) if row.claim]
        for text in (*rules, *experiment.findings(result)):
            assert not re.search(r"(?<![\d.,/])1 (seeds|times|epochs|percentage points)\b", text), (
                text
            )
