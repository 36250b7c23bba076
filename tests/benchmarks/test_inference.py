"""The race of outputs tells how long each program takes, and whether they agree."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import inference
from fastnn import LogLikelihoodCost, Network

pytestmark = [pytest.mark.thorough, pytest.mark.compiled]


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(inference, "PAUSE", 0.0)


def test_all_programs_compute_the_outputs_of_the_network():
    network = Network([6, 5, 3], LogLikelihoodCost, seed=1)
    rows = np.random.default_rng(1).standard_normal((40, 6))
    calls = inference.calls_of(network, rows)
    wanted = network.outputs(rows)
    compared = [
        call() for name, call in calls.items() if name.split()[1][:4] not in ("pred", "accu")
    ]
    assert len(compared) >= 2
    for outputs in compared:
        np.testing.assert_allclose(outputs, wanted, atol=1e-9)
    np.testing.assert_array_equal(calls["fastnn predict"](), wanted.argmax(axis=1))


def test_the_table_has_a_row_for_each_call(capsys):
    assert inference.main(["--sizes", "6,5,3", "--examples", "50", "--repeats", "1"]) == 0
    printed = capsys.readouterr().out
    for name in ("fastnn outputs", "fastnn predict", "fastnn accuracy", "outputs apart"):
        assert name in printed


def test_programs_that_disagree_end_with_status_1(monkeypatch, capsys):
    monkeypatch.setattr(
        inference, "calls_of", lambda network, rows: {"wrong one": lambda: np.ones((50, 3)) * 2}
    )
    assert inference.main(["--sizes", "6,5,3", "--examples", "50", "--repeats", "1"]) == 1


def test_memory_is_that_of_the_call():
    assert inference.peak_of(lambda: np.ones(10**6)) == pytest.approx(8e6, rel=0.01)
