"""What several tests of sweeps watch."""

import multiprocessing
import signal
import sys
from concurrent.futures import ProcessPoolExecutor

import pytest

from fastnn.sweeps import worker


@pytest.fixture
def trained(monkeypatch):
    """The seeds of the networks that are trained, in the order in which they are begun."""
    begun = []
    train_network = worker.train_network

    def noting(task, *arguments):
        begun.append(task.seed)
        return train_network(task, *arguments)

    monkeypatch.setattr(worker, "train_network", noting)
    return begun


@pytest.fixture
def forked():
    """One worker, which has the code of the moment at which it gets its first network."""
    if sys.platform != "linux":
        pytest.skip("processes do not fork here")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        yield pool


@pytest.fixture
def ctrl_c():
    """Ctrl-C does what it does in a terminal, whatever runs the tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
