"""What several tests of sweeps watch."""

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
