"""Ctrl-C at every step of training in threads: it is heard, and no thread waits for ever."""

from __future__ import annotations

import gc
import itertools
import sys

import pytest
from builders import assert_same_bits
from forced_teams import Together, go_by, trained
from interrupting import in_time, interrupted
from waiting import running_threads, wait_until

from fastnn.engine.exclusive import TrainedAlone


@pytest.mark.compiled
def test_training_in_threads_may_be_interrupted_at_any_step(many_processors, monkeypatch):
    go_by(monkeypatch, Together)
    # Python drops what is raised as a generator is deleted, or in a call that a weak reference asks
    # for, as Numba's look-up of types does; it then calls this.
    dropped = []
    monkeypatch.setattr(
        sys, "unraisablehook", lambda lost: dropped.append(f"{lost.err_msg} {lost.object!r}")
    )
    before = running_threads()
    whole = trained(3)
    lost = 0
    gc.freeze()  # what other tests left need not be searched at every step
    for step in itertools.count(0, 13):
        outcome = in_time(lambda step=step: interrupted(lambda: trained(3), step))
        if outcome == "late":
            break
        lost += outcome == "lost"
        gc.collect()
        wait_until(lambda: running_threads() <= before)
    gc.unfreeze()
    assert step > 500
    assert lost == len(dropped)
    assert all("generator" in name or "_on_type_disposal" in name for name in dropped), dropped
    assert_same_bits(trained(3), whole)


def test_a_network_whose_training_was_interrupted_at_any_step_is_trained_again():
    network = object()

    def train():
        with TrainedAlone(network):
            pass

    for step in itertools.count():
        outcome = interrupted(train, step)
        assert outcome != "lost"
        with TrainedAlone(network), pytest.raises(RuntimeError, match="trained already"):
            train()
        if outcome == "late":
            break
    assert step > 3
