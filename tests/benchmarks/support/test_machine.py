"""The foot of each table."""

import numpy as np

from benchmarks.support import machine


def test_the_machine_is_described_in_two_lines():
    processor, system = machine.describe_machine()
    assert processor.startswith(f"CPU: {machine.cpu_model()}, ")
    assert "Python" in system


def test_versions_are_those_installed():
    assert machine.version("numpy") == np.__version__
    assert machine.version("no-such-distribution") == "not installed"


def test_what_others_compute_is_told_apart_from_this_program(monkeypatch):
    seconds = {"busy": 100.0, "own": 10.0, "clock": 1.0}
    monkeypatch.setattr(machine, "_busy_seconds", lambda: seconds["busy"])
    monkeypatch.setattr(machine, "_own_seconds", lambda: seconds["own"])
    monkeypatch.setattr(machine.time, "perf_counter", lambda: seconds["clock"])
    monkeypatch.setattr(machine.os, "cpu_count", lambda: 2)
    others = machine.Others()
    seconds.update(busy=113.0, own=20.0, clock=11.0)
    assert others.share() == 3.0 / 20.0
    seconds.update(busy=None)
    assert machine.Others().share() is None
