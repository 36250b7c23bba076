"""One thread or a team: the faster way is learnt by trying both."""

from __future__ import annotations

import pytest
from forced_teams import trained

from fastnn.engine import faster_way, short_calls
from fastnn.engine.faster_way import Choice


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
    assert ways[2:100].count(0) == 4  # after 4, 32, 64 and 96 calls, as below
    assert ways[102:].count(1) == 4


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


@pytest.mark.parametrize(("speed", "tried"), [(40, [2, 4, 32, 64, 96, 128]), (10, [2, 4, 64, 128])])
def test_a_team_that_is_far_slower_is_tried_twice_and_then_left_alone_for_long(speed, tried):
    choice = Choice()
    ways = []
    for _ in range(128):
        ways.append(choice.next())
        assert choice.trying == (len(ways) in (1, *tried))
        choice.note(ways[-1], (100, speed)[ways[-1]], 1.0)
    assert [call for call, way in enumerate(ways, 1) if way == 1] == tried


@pytest.mark.parametrize("factor", [5, 50, 500])
def test_trials_that_are_whole_calls_take_a_small_share_of_the_time(factor):
    choice, seconds = Choice(), [0.0, 0.0]
    for _ in range(100 * factor):
        way = choice.next()
        took = (1.0, factor)[way]
        choice.note(way, 1, took)
        seconds[way] += took
    assert seconds[1] < 0.2 * seconds[0]


def test_one_thread_that_had_to_compile_is_soon_tried_again():
    choice = Choice()
    for way, seconds in ((0, 2.0), (1, 0.01)):
        assert choice.next() == way
        choice.note(way, 100, seconds)
    ways = [choice.next()]
    assert [*ways, choice.next()] == [1, 0]
    choice.note(0, 100, 0.001)
    assert [choice.next() for _ in range(3)] == [0, 0, 0]


def test_one_thread_whose_first_trial_found_nothing_in_a_cache_is_soon_tried_again():
    choice = Choice()
    for way, amount in ((0, 370), (1, 2_000)):
        assert choice.next() == way
        choice.note(way, amount, 1.0)
    ways = []
    for _ in range(6):  # two processors that turn out to be one core
        ways.append(choice.next())
        choice.note(ways[-1], (1_600, 1_200)[ways[-1]], 1.0)
    assert ways == [1, 0, 0, 0, 0, 1]


def test_a_short_call_that_is_no_trial_changes_no_mind():
    choice = Choice()
    for way in (0, 1, 1, 0):
        assert choice.next() == way
        choice.note(way, (100, 300)[way], 1e-3)
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
    assert ways.count(0) <= 5


def test_runs_of_one_call_are_compared_with_each_other():
    choice = Choice()
    ways = []
    for _ in range(64):
        choice.begin()
        ways.append(choice.next())
        choice.note(ways[-1], (100, 300)[ways[-1]], 1.0)
    assert ways == [0, 1, 1, 0, *[1] * 27, 0, *[1] * 31, 0]


@pytest.mark.compiled
def test_trials_are_short(many_processors, monkeypatch):
    calls = []
    note = Choice.note

    def watched(self, way, amount, seconds):
        calls.append((self.trying, amount))
        note(self, way, amount, seconds)

    monkeypatch.setattr(Choice, "note", watched)
    monkeypatch.setattr(short_calls, "_LONGEST_CALL", 1.0)
    monkeypatch.setattr(faster_way, "_TRIAL_SECONDS", 0.0)
    monkeypatch.setattr(faster_way, "_LONGER_TRIAL_SECONDS", 0.0)
    trained(2)
    whole = faster_way.TRIAL + 6  # up to the end of a mini-batch of 7
    assert max(length for trying, length in calls if trying) <= whole
    assert max(length for _, length in calls) > whole


def test_a_trial_lasts_two_milliseconds_and_eight_if_the_two_ways_are_near():
    choice = Choice()
    for way, amount in ((0, 1e6), (1, 0.1e6)):
        assert choice.trial() == max(faster_way.TRIAL, way * 2000)
        assert choice.next() == way
        choice.note(way, amount, 1.0)
    assert choice.trial() == 2000
    choice.note(1, 0.6e6, 1.0)  # as two threads are to one, at best
    assert choice.trial() == 2000
    choice.note(1, 0.9e6, 1.0)
    assert choice.trial() == 8000


def test_a_rate_is_known_once_both_ways_have_been_tried():
    choice = Choice()
    rates = [choice.rate()]
    for way, amount in ((0, 200), (1, 300), (1, 100)):
        assert choice.next() == way
        choice.note(way, amount, 2.0)
        rates.append(choice.rate())
    assert rates == [0.0, 0.0, 150.0, 100.0]


def test_a_later_team_takes_as_many_examples_at_once_as_earlier_ones_did_in_that_time(
    many_processors, monkeypatch
):
    trained(2)
    lengths = []
    note = Choice.note

    def watched(self, way, amount, seconds):
        lengths.append(amount)
        note(self, way, amount, seconds)

    monkeypatch.setattr(Choice, "note", watched)
    monkeypatch.setattr(Choice, "rate", lambda self: 1e9)
    monkeypatch.setattr(short_calls, "_FIRST_CALL", 1)
    trained(2)
    assert lengths[0] > 1


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
