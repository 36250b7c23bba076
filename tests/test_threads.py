"""Threads on one mini-batch: the same bits as one alone, and nobody waits for ever."""

from __future__ import annotations

import gc
import itertools
import random
import sys
import threading
import time

import numpy as np
import pytest
from builders import assert_same_bits, dense_digits, digits, seeded_network
from refusals import assert_refused
from waiting import running_threads, wait_until

import fastnn
from fastnn import crew, network2, options, pace, teams, training
from fastnn.alone import trained_alone
from fastnn.kernels.layout import BLOCK, section_of
from fastnn.teams import Choice, ThreadTeam, choice_for, split_for
from fastnn.threads import Threads, map_in_threads

SIZES = [40, 100, 70, 5]
NARROW = [[41, 7, 5], [40, 30, 70, 5], [41, 10]]  # the first layer is too narrow for columns


class Together(Choice):
    """Never alone."""

    def next(self):
        return 1


class ByTurns(Choice):
    """Alone and together in turn, call by call."""

    def next(self):
        self._calls += 1
        return self._calls % 2


@pytest.fixture
def many_processors(monkeypatch):
    """Let teams be formed on any machine, for any little work, and in many short calls."""
    monkeypatch.setattr(options, "threads_available", lambda: 3)
    monkeypatch.setattr(teams, "_WORTH_SPLITTING", 1)
    monkeypatch.setattr(teams, "_WORTH_SPLITTING_ROWS", 1)
    monkeypatch.setattr(pace, "_LONGEST_CALL", 0.0)


@pytest.fixture(autouse=True)
def nothing_learnt():
    """Let no test go by what another has measured."""
    choice_for.cache_clear()


def go_by(monkeypatch, choice):
    """Decide about threads as a `Choice` of this class does."""
    monkeypatch.setattr(crew, "choice_for", lambda *work: choice())


def trained(
    threads, build=digits, mini_batch_size=7, dtype=np.float64, sizes=SIZES, eta=0.5, **options
):
    net = seeded_network(network2, sizes, dtype=dtype)
    random.seed(3)
    net.SGD(
        build(300, sizes[0], sizes[-1], seed=1, dtype=np.float32),
        2, mini_batch_size, eta, 1.0, threads=threads, verbose=False, **options,
    )  # fmt: skip
    return net


@pytest.mark.parametrize("choice", [Together, ByTurns])
@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("mini_batch_size", [7, 50, BLOCK + 2])
@pytest.mark.parametrize("build", [digits, dense_digits])
def test_any_number_of_threads_gives_the_same_bits(
    many_processors, monkeypatch, choice, threads, mini_batch_size, build
):
    alone = trained(1, build, mini_batch_size)
    go_by(monkeypatch, choice)
    assert_same_bits(trained(threads, build, mini_batch_size), alone)


@pytest.mark.parametrize("mini_batch_size", [7, BLOCK + 2])
@pytest.mark.parametrize(
    "options",
    [
        {"momentum": 0.5},
        {"momentum": 0.5, "nesterov": True},
        {"optimizer": "adam", "l1": 0.2},
        {"dropout": [0.3, 0.5]},
        {"activation": ["tanh", "relu"], "cost": fastnn.LogLikelihoodCost},
    ],
    ids=str,
)
def test_every_rule_and_layer_gives_the_same_bits_in_threads(
    many_processors, monkeypatch, mini_batch_size, options
):
    of_network = {name: options[name] for name in ("activation", "cost") if name in options}
    of_training = {name: value for name, value in options.items() if name not in of_network}

    def trained_so(threads):
        net = seeded_network(network2, SIZES, **of_network)
        random.seed(3)
        data = digits(300, SIZES[0], SIZES[-1], seed=1, dtype=np.float32)
        how = {"threads": threads, "verbose": False, **of_training}
        net.SGD(data, 2, mini_batch_size, 0.05, 1.0, **how)
        return net

    alone = trained_so(1)
    for choice in (Together, ByTurns):
        go_by(monkeypatch, choice)
        assert_same_bits(trained_so(2), alone)
        assert_same_bits(trained_so(3), alone)


@pytest.mark.parametrize("choice", [Together, ByTurns])
@pytest.mark.parametrize("sizes", NARROW, ids=str)
@pytest.mark.parametrize("mini_batch_size", [1, 7, 50, BLOCK + 2])
@pytest.mark.parametrize("build", [digits, dense_digits])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_two_threads_with_half_of_the_inputs_each_give_the_same_bits(
    many_processors, monkeypatch, choice, sizes, mini_batch_size, build, dtype
):
    how = {"build": build, "mini_batch_size": mini_batch_size, "dtype": dtype, "sizes": sizes}
    alone = trained(1, **how)
    go_by(monkeypatch, choice)
    assert_same_bits(trained(3, **how), alone)


@pytest.mark.parametrize(
    "options",
    [
        {"dropout": 0.5},
        {"momentum": 0.5},
        {"momentum": 0.5, "nesterov": True, "l1": 0.5},
        {"optimizer": "adam", "eta": 0.01},
    ],
    ids=str,
)
@pytest.mark.parametrize("mini_batch_size", [7, BLOCK + 2, 300])
def test_halves_of_the_inputs_give_the_same_bits_by_every_rule(
    many_processors, monkeypatch, mini_batch_size, options
):
    how = {"mini_batch_size": mini_batch_size, "sizes": NARROW[0], **options}
    alone = trained(1, **how)
    for choice in (Together, ByTurns):
        go_by(monkeypatch, choice)
        assert_same_bits(trained(2, **how), alone)


def test_float32_gives_the_same_bits_in_threads(many_processors, monkeypatch):
    alone = trained(1, dtype=np.float32)
    go_by(monkeypatch, Together)
    assert_same_bits(trained(2, dtype=np.float32), alone)


@pytest.mark.parametrize(
    "options",
    [
        {"dropout": 0.5},
        {"dropout": [0.0, 0.3], "momentum": 0.5},
        {"momentum": 0.5, "nesterov": True, "l1": 0.5},
        {"optimizer": "adam"},
    ],
    ids=str,
)
@pytest.mark.parametrize("mini_batch_size", [7, BLOCK + 2])
def test_every_option_gives_the_same_bits_in_threads(
    many_processors, monkeypatch, mini_batch_size, options
):
    alone = trained(1, mini_batch_size=mini_batch_size, **options)
    for choice in (Together, ByTurns):
        go_by(monkeypatch, choice)
        assert_same_bits(trained(3, mini_batch_size=mini_batch_size, **options), alone)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("mini_batch_size", [10, 40])
def test_several_wide_layers_get_the_same_bits_in_threads(
    many_processors, monkeypatch, mini_batch_size, dtype
):
    how = {"mini_batch_size": mini_batch_size, "dtype": dtype, "sizes": [40, 100, 90, 120, 5]}
    alone = trained(1, **how)
    for choice in (Together, ByTurns):
        go_by(monkeypatch, choice)
        assert_same_bits(trained(3, **how), alone)


def test_one_thread_starts_no_other(many_processors, monkeypatch):
    monkeypatch.setattr(crew, "ThreadTeam", None)  # to make one would fail
    trained(1)


def test_no_thread_is_left_after_training(many_processors, monkeypatch):
    go_by(monkeypatch, Together)
    teams_made = []

    class Kept(ThreadTeam):
        def __init__(self, networks):
            super().__init__(networks)
            teams_made.append(self)  # or it would end with the object

    monkeypatch.setattr(crew, "ThreadTeam", Kept)
    before = running_threads()
    trained(3)
    assert teams_made
    wait_until(lambda: running_threads() <= before)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_failure_in_one_thread_ends_all(many_processors, monkeypatch, rank):
    go_by(monkeypatch, Together)
    kernel_call = training.Trainer._kernel_call

    def failing_call(self, eta):
        call = kernel_call(self, eta)

        def failing(this, net, room, begin, end):
            if end > 0 and this == rank:
                raise LookupError("no memory in this thread")
            return call(this, net, room, begin, end)

        return failing

    monkeypatch.setattr(training.Trainer, "_kernel_call", failing_call)
    net = seeded_network(network2, SIZES)
    data = digits(300, SIZES[0], SIZES[-1], seed=1)
    before, state = list(map(id, data)), random.getstate()
    started = time.monotonic()
    with pytest.raises(LookupError, match="this thread"):
        net.SGD(data, 1, 7, 0.5, threads=2, verbose=False)
    assert time.monotonic() - started < 30
    assert_same_bits(net, seeded_network(network2, SIZES))
    assert list(map(id, data)) == before
    assert random.getstate() == state


# --- interrupts ---------------------------------------------------------------------------------


def in_time(work):
    """Run this in a thread that may not take a minute, and return what it returned."""
    results = []
    thread = threading.Thread(target=lambda: results.append(work()), daemon=True)
    thread.start()
    thread.join(60)
    assert results, "It failed, or somebody waits for ever."
    return results[0]


def interrupted(work, step):
    """Interrupt the work at a step of Python: whether that was "heard", "lost" or too "late".

    Steps are places where Python hears signals: a function of its own begins, or one in C ends.
    """
    left = step

    def look(frame, event, argument):
        nonlocal left
        left -= event in ("call", "c_return")
        if left < 0:
            raise KeyboardInterrupt  # and Python looks no longer

    sys.setprofile(look)
    try:
        work()
    except KeyboardInterrupt:
        return "heard"
    finally:
        sys.setprofile(None)
    return "lost" if left < 0 else "late"


def test_threads_that_are_interrupted_at_any_step_end_when_they_are_closed():
    before = running_threads()
    for step in itertools.count():
        threads = Threads(2)

        def twice(threads=threads):
            threads.run(str)
            threads.run(str)

        outcome = in_time(lambda step=step, work=twice: interrupted(work, step))
        assert outcome != "lost"
        in_time(threads.close)
        wait_until(lambda: running_threads() <= before)
        if outcome == "late":
            break
    assert step > 10


def test_threads_may_be_closed_again_where_that_was_interrupted():
    before = running_threads()
    for step in itertools.count():
        threads = Threads(2)
        threads.run(str)
        outcome = in_time(lambda step=step, work=threads.close: interrupted(work, step))
        assert outcome != "lost"
        in_time(threads.close)
        wait_until(lambda: running_threads() <= before)
        if outcome == "late":
            break
    assert step > 3


def test_threads_end_when_they_are_closed_or_forgotten():
    before = running_threads()
    threads = Threads(2)
    threads.run(str)
    wait_until(lambda: running_threads() == before + 2)
    threads.close()
    wait_until(lambda: running_threads() <= before)
    threads.run(str)
    wait_until(lambda: running_threads() == before + 2)
    del threads
    wait_until(lambda: running_threads() <= before)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_results_of_threads_are_in_the_order_of_the_items(count):
    letters = "abcde"[:count]
    idents = set()

    def upper(letter):
        idents.add(threading.get_ident())
        time.sleep(0.01 * (count - letters.index(letter)))
        return letter.upper()

    assert map_in_threads(upper, letters) == list(letters.upper())
    assert len(idents) == count


@pytest.mark.parametrize("failing", "ab")
def test_what_one_thread_raises_is_raised_when_the_others_have_ended(failing):
    ended = []

    def work(letter):
        if letter == failing:
            raise LookupError(letter)
        time.sleep(0.1)
        ended.append(letter)

    with pytest.raises(LookupError, match=failing):
        map_in_threads(work, "abc")
    assert sorted(ended) == sorted(set("abc") - {failing})


@pytest.mark.compiled
def test_training_in_threads_may_be_interrupted_at_any_step(many_processors, monkeypatch):
    go_by(monkeypatch, Together)
    dropped = []  # Python drops what is raised where a generator dies, and calls this
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: dropped.append(repr(lost.object)))
    before = running_threads()
    whole = trained(3)
    lost = 0
    for step in itertools.count(0, 13):
        outcome = in_time(lambda step=step: interrupted(lambda: trained(3), step))
        if outcome == "late":
            break
        lost += outcome == "lost"
        gc.collect()
        wait_until(lambda: running_threads() <= before)
    assert step > 500
    assert lost == len(dropped)
    assert all("generator" in name for name in dropped)
    assert_same_bits(trained(3), whole)


def test_a_network_whose_training_was_interrupted_at_any_step_is_trained_again():
    network = object()

    def train():
        with trained_alone(network):
            pass

    for step in itertools.count():
        outcome = interrupted(train, step)
        assert outcome != "lost"
        with trained_alone(network), pytest.raises(RuntimeError, match="trained already"):
            train()
        if outcome == "late":
            break
    assert step > 3


# --- which way is faster --------------------------------------------------------------------------


def test_what_is_faster_is_chosen_and_the_other_tried_again():
    choice = Choice()
    speeds = [100, 300]
    ways = []
    for call in range(200):
        if call == 100:
            speeds = [100, 50]  # another program takes the other processor
        way = choice.next()
        ways.append(way)
        choice.note(way, speeds[way], 1.0)
    assert ways[:2] == [0, 1]
    assert ways[2:100].count(0) == 3
    assert ways[102:].count(1) == 4  # after 4, 32, 64 and 96 calls


def test_one_bad_measurement_is_soon_forgotten():
    choice = Choice()
    for way, amount in ((0, 100), (1, 60)):  # together happened to be slow
        assert choice.next() == way
        choice.note(way, amount, 1.0)
    ways = []
    for _ in range(6):
        ways.append(choice.next())
        choice.note(ways[-1], (100, 180)[ways[-1]], 1.0)
    assert ways == [0, 1, 1, 1, 1, 0]


@pytest.mark.parametrize("steady", [10, 30, 300])
def test_one_slow_call_of_a_team_costs_no_more_than_the_next_few(steady):
    choice = Choice()
    for _ in range(steady):
        way = choice.next()
        choice.note(way, (100, 120)[way], 1.0)
    assert choice.next() == 1
    choice.note(1, 60, 1.0)  # another program took the other processor for a moment
    ways = []
    for _ in range(20):
        ways.append(choice.next())
        choice.note(ways[-1], (100, 120)[ways[-1]], 1.0)
    assert ways[:5] == [0, 0, 0, 1, 1]
    assert ways.count(0) <= 6


def test_a_team_that_is_far_slower_is_tried_twice_and_then_left_alone_for_long():
    choice = Choice()
    ways = []
    for _ in range(64):
        ways.append(choice.next())
        assert choice.trying == (len(ways) in (1, 2, 4, 32, 64))
        choice.note(ways[-1], (100, 10)[ways[-1]], 1.0)
    assert [call for call, way in enumerate(ways, 1) if way == 1] == [2, 4, 32, 64]


def test_a_short_call_that_is_no_trial_changes_no_mind():
    choice = Choice()
    for way, amount in ((0, 100), (1, 300)):
        assert choice.next() == way
        choice.note(way, amount, 1e-3)
    assert choice.next() == 1
    choice.note(1, 50, 1e-3)  # it had to wake the threads first
    assert choice.next() == 1
    choice.note(1, 5_000, 0.1)
    assert choice.next() == 0


def test_the_first_call_of_a_run_of_several_changes_no_mind():
    choice = Choice()
    ways = []
    for run in range(20):
        choice.begin()
        for call in range(3):
            way = choice.next()
            assert not (choice.trying and call == 0 and run > 0)
            slow = 10 if call == 0 else 1  # it had to wake the threads first
            choice.note(way, (100, 180)[way] // slow, 1.0)
            ways.append(way)
    assert ways.count(0) <= 4


def test_runs_of_one_call_are_compared_with_each_other():
    choice = Choice()
    ways = []
    for _ in range(64):
        choice.begin()
        ways.append(choice.next())
        choice.note(ways[-1], (100, 300)[ways[-1]], 1.0)
    assert ways == [0, *[1] * 30, 0, *[1] * 31, 0]


@pytest.mark.compiled
def test_trials_are_short(many_processors, monkeypatch):
    calls = []
    note = Choice.note

    def watched(self, way, amount, seconds):
        calls.append((self.trying, amount))
        note(self, way, amount, seconds)

    monkeypatch.setattr(Choice, "note", watched)
    monkeypatch.setattr(pace, "_LONGEST_CALL", 1.0)
    monkeypatch.setattr(teams, "_TRIAL_SECONDS", 0.0)
    monkeypatch.setattr(teams, "_LONGER_TRIAL_SECONDS", 0.0)
    trained(2)
    whole = teams.TRIAL + 6  # up to the end of a mini-batch of 7
    assert max(length for trying, length in calls if trying) <= whole
    assert max(length for _, length in calls) > whole


def test_a_trial_lasts_two_milliseconds_and_eight_if_the_two_ways_are_near():
    choice = Choice()
    for way, amount in ((0, 1e6), (1, 0.1e6)):
        assert choice.trial() == max(teams.TRIAL, way * 2000)
        assert choice.next() == way
        choice.note(way, amount, 1.0)
    assert choice.trial() == 2000
    choice.note(1, 0.9e6, 1.0)
    assert choice.trial() == 8000


def test_what_was_learnt_serves_the_next_call(many_processors, monkeypatch):
    trained(2)
    choices = []
    next_way = Choice.next

    def watched(self):
        way = next_way(self)
        choices.append(self.trying)
        return way

    monkeypatch.setattr(Choice, "next", watched)
    trained(2)
    assert not all(choices[:2])


@pytest.mark.parametrize(
    ("sizes", "examples", "density", "split"),
    [
        ([784, 100, 10], 10, 0.19, (4, 1)),
        ([784, 100, 10], 1, 0.19, None),  # too little work
        ([784, 256, 256, 10], 100, 0.19, (4, 2)),
        ([784, 30, 10], 10, 0.19, (2, 0)),  # one panel of columns: rows, by two
        ([784, 30, 10], 1, 0.19, None),
        ([784, 30, 256, 10], 100, 1.0, (2, 0)),  # split layers are the first ones
        ([784, 1000], 100, 1.0, None),  # and the last has its columns never split
        ([784, 10], 100, 1.0, (2, 0)),
    ],
)
def test_layers_are_split_where_that_is_worth_it(sizes, examples, density, split):
    assert split_for(sizes, examples, density, 4) == split
    assert split_for(sizes, examples, density, 1) is None


@pytest.mark.parametrize("stride", [16, 32, 48, 112, 1008])
@pytest.mark.parametrize("threads", [1, 2, 3, 5])
def test_threads_own_all_columns_between_them(stride, threads):
    sections = [section_of(stride, rank, threads) for rank in range(threads)]
    assert sections[0][0] == 0
    assert sections[-1][1] == stride
    for (_, end), (begin, _) in itertools.pairwise(sections):
        assert end == begin
        assert begin % 32 == 0 or begin == stride


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", True])
def test_a_wrong_number_of_threads_is_refused(threads):
    net = seeded_network(network2, SIZES)
    data = digits(10, SIZES[0], SIZES[-1], seed=1)
    error = ValueError if isinstance(threads, int) and threads is not True else TypeError
    assert_refused(
        lambda: net.SGD(data, 1, 5, 0.1, threads=threads),
        error,
        "threads must be an integer of at least 1",
        network=net,
        examples=data,
    )
