"""The lengths of the compiled calls that work is cut into, on which no bit depends."""

from __future__ import annotations

import pytest
from whole_runs import LARGE, assert_same_results, train

from fastnn.engine import prepared, short_calls
from fastnn.engine.short_calls import ShortCalls


class Clock:
    """Work that takes a fixed time per example, and a clock that it moves."""

    def __init__(self, seconds):
        self.seconds, self.now, self.calls = seconds, 0.0, []

    def perf_counter(self):
        return self.now

    def work(self, begin, stop):
        self.calls.append(stop - begin)
        self.now += (stop - begin) * self.seconds
        return stop


@pytest.fixture
def lengths(monkeypatch):
    """Return a function that runs work and returns how many examples each call took."""

    def run(examples, seconds, weights=1000):
        clock = Clock(seconds)
        monkeypatch.setattr(short_calls, "time", clock)
        ShortCalls(weights).run(examples, clock.work)
        assert sum(clock.calls) == examples
        return clock.calls

    return run


def test_fast_work_soon_goes_on_in_long_calls(lengths):
    first, second, third, *_ = lengths(1_000_000, 1e-6)
    assert first <= 1024
    assert second == 16 * first
    assert third * 1e-6 > short_calls._LONGEST_CALL / 4


@pytest.mark.parametrize("seconds", [1e-9, 3e-8, 1e-6, 1.7e-5, 4e-5])
def test_no_call_after_the_first_lasts_longer_than_the_longest(lengths, seconds):
    calls = lengths(200_000, seconds)
    assert max(calls[1:]) * seconds <= short_calls._LONGEST_CALL


def test_work_that_is_slower_than_was_guessed_goes_on_in_short_calls(lengths):
    calls = lengths(5_000, 1e-3)
    assert calls[-2] * 1e-3 <= short_calls._LONGEST_CALL
    assert calls == sorted(calls, reverse=True)


def test_a_large_network_begins_with_short_calls(lengths):
    assert lengths(1000, 1e-3, weights=10_000_000)[0] == 2
    assert lengths(1000, 1e-3, weights=100_000_000)[0] == 1


def test_examples_that_take_no_time_at_all_are_no_trouble(lengths):
    assert len(lengths(1_000_000, 0.0)) < 10


@pytest.mark.parametrize("mini_batch_size", [1, 10, LARGE])
def test_compiled_calls_of_any_length_give_the_same_bits(
    data, held_out, mini_batch_size, monkeypatch
):
    results = [train(list(data), held_out, mini_batch_size)]
    for length in (1, 7, 64, 10_000):

        class Steps:
            def __init__(self, weights, before_call=None):
                pass

            def expect(self, rate):
                pass

            def takes_at_once(self, examples, length=length):
                return examples <= length

            def run(self, end, call, length=length):
                position = 0
                while position < end:
                    position = call(position, min(position + length, end))

        monkeypatch.setattr(prepared, "ShortCalls", Steps)
        results.append(train(list(data), held_out, mini_batch_size))
    assert_same_results(results)


@pytest.mark.parametrize("mini_batch_size", [10, LARGE])
@pytest.mark.parametrize("seconds", [0.0, 1e-5, 3600.0])
def test_slow_and_fast_machines_give_the_same_bits(
    data, held_out, mini_batch_size, seconds, monkeypatch
):
    results = [train(list(data), held_out, mini_batch_size)]
    monkeypatch.setattr(short_calls, "_LONGEST_CALL", seconds)
    results.append(train(list(data), held_out, mini_batch_size))
    assert_same_results(results)


@pytest.mark.parametrize("seconds", [1e-9, 1e-6, 1e-3, 1.0])
def test_calls_end_with_whole_blocks_however_long_they_take(monkeypatch, seconds):
    clock = Clock(seconds)
    monkeypatch.setattr(short_calls, "time", clock)
    ShortCalls(1000).run(1000, clock.work, block=64)
    *whole, last = clock.calls
    assert not any(length % 64 for length in whole)
    assert sum(clock.calls) == 1000
    assert last % 64 == 1000 % 64


@pytest.mark.parametrize(("rate", "first"), [(0.0, 1024), (1e4, 1024), (1e5, 2500), (1e9, 50_000)])
def test_the_first_call_lasts_half_the_longest_where_a_rate_is_known(monkeypatch, rate, first):
    clock = Clock(1e-9)
    monkeypatch.setattr(short_calls, "time", clock)
    calls = ShortCalls(1000)
    calls.expect(rate)
    calls.run(50_000, clock.work)
    assert clock.calls[0] == first
