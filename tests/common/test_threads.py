"""Helper threads: interrupted at any step they end when closed; results come in order."""

from __future__ import annotations

import functools
import itertools
import os
import threading
import time

import numpy as np
import pytest
from interrupting import in_time, interrupted
from waiting import running_threads, wait_until

from fastnn.common import threads as module
from fastnn.common.threads import Threads, map_in_threads


def run_twice(threads):
    threads.run(str)
    threads.run(str)


def run_and_close(threads):
    threads.run(str)
    threads.close()


@pytest.mark.parametrize("work", [run_twice, run_and_close])
def test_threads_that_are_interrupted_at_any_step_end_when_they_are_closed(work):
    before = running_threads()
    for step in itertools.count():
        threads = Threads(2)
        outcome = in_time(functools.partial(interrupted, functools.partial(work, threads), step))
        assert outcome != "lost"
        in_time(threads.close)
        wait_until(lambda: running_threads() <= before)
        if outcome == "late":
            break
    assert step > 10


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


def test_threads_end_when_no_call_comes_and_start_anew_with_the_next():
    before = running_threads()
    threads = Threads(2)
    for _ in range(2):
        called = []
        threads.run(called.append)
        assert sorted(called) == [0, 1, 2]
        wait_until(lambda: running_threads() <= before)
    in_time(threads.close)


def test_calls_that_come_as_threads_are_about_to_end_are_answered(monkeypatch):
    monkeypatch.setattr(module, "_LONGEST_REST", 0.001)
    threads = Threads(2)
    for pause in np.random.default_rng(1).uniform(0, 0.002, 500):
        called = []
        in_time(functools.partial(threads.run, called.append))
        assert sorted(called) == [0, 1, 2]
        time.sleep(pause)
    threads.close()


def test_only_one_object_may_let_its_threads_rest():
    first, second = Threads(2), Threads(2)
    first.run(str)
    wait_until(lambda: len(module._RUNNING) == 2)
    assert first.may_rest()
    second.run(str)
    wait_until(lambda: len(module._RUNNING) == 4)
    assert not second.may_rest() and not first.may_rest()
    first.close()
    assert second.may_rest()
    second.close()


def test_a_thread_that_is_known_to_have_done_its_work_is_not_waited_for():
    threads, go_on, came_back = Threads(1), threading.Event(), []

    def call(rank):
        if rank:
            go_on.wait(300)
            came_back.append(rank)

    threads.run(call, lambda: True)
    assert came_back == []
    go_on.set()
    assert threads.run(str) == "0"
    assert came_back == [1]
    threads.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks on this system")
@pytest.mark.filterwarnings("ignore:.*use of fork")
def test_a_fork_of_the_process_has_threads_of_its_own():
    threads = Threads(2)
    threads.run(str)
    child = os.fork()
    if child == 0:
        called = []
        threads.run(called.append)
        threads.close()
        os._exit(0 if sorted(called) == [0, 1, 2] else 1)
    assert in_time(lambda: os.waitpid(child, 0))[1] == 0
    threads.close()


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


def test_helpers_wait_off_the_processor_of_the_thread_that_called_and_then_go_anywhere(monkeypatch):
    steps = []
    monkeypatch.setattr(module, "processor_in_use", lambda: 7)
    monkeypatch.setattr(module, "leave_processor", lambda number: None)
    monkeypatch.setattr(module, "be_woken_off", lambda number: steps.append(number) or {number})
    monkeypatch.setattr(module, "go_anywhere", steps.append)
    helpers = Threads(1)
    helpers.run(lambda rank: steps.append("call") if rank else None)
    wait_until(lambda: 7 in steps)
    helpers.close()
    assert steps[-3:] == ["call", 7, {7}]


def test_helpers_leave_the_processor_of_the_thread_that_calls(monkeypatch):
    left = []
    monkeypatch.setattr(module, "processor_in_use", lambda: 7)
    monkeypatch.setattr(module, "leave_processor", left.append)
    helpers = Threads(2)
    helpers.run(lambda rank: rank)
    helpers.close()
    assert left == [7, 7]
