"""Ctrl-C at every step of what threads do: it is heard, and nobody waits for ever."""

from __future__ import annotations

import functools
import gc
import itertools
import sys
import threading
import time

import pytest
from builders import assert_same_bits
from forced_teams import Together, go_by, trained
from waiting import running_threads, wait_until

from fastnn.common.threads import Threads, map_in_threads
from fastnn.engine.exclusive import trained_alone


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
