"""A network is trained by one call at a time."""

import gc
import threading

import pytest

from fastnn.engine import exclusive
from fastnn.engine.exclusive import TrainedAlone


class Thing:
    """Stands for a network."""


BUSY = "the network is being trained already"


def test_a_second_call_is_refused_while_the_first_goes_on():
    network = Thing()
    with TrainedAlone(network):
        for _ in range(2):
            with pytest.raises(RuntimeError, match=BUSY), TrainedAlone(network):
                pass
    with TrainedAlone(network):
        pass


def test_a_call_in_another_thread_is_refused_too():
    network, refused = Thing(), []

    def train():
        try:
            with TrainedAlone(network):
                pass
        except RuntimeError as problem:
            refused.append(str(problem))

    with TrainedAlone(network):
        thread = threading.Thread(target=train)
        thread.start()
        thread.join()
    assert len(refused) == 1
    assert refused[0].startswith(BUSY)


def test_other_networks_may_be_trained_meanwhile():
    with TrainedAlone(Thing()), TrainedAlone(Thing()):
        pass


def test_an_interrupt_that_is_kept_keeps_no_network(monkeypatch):
    class Interrupted(dict):
        def setdefault(self, key, value):
            super().setdefault(key, value)
            raise KeyboardInterrupt

    monkeypatch.setattr(exclusive, "_TRAINED", Interrupted())
    with pytest.raises(KeyboardInterrupt) as kept, TrainedAlone(Thing()):
        pass
    assert kept.value.__traceback__ is not None
    assert not exclusive._TRAINED


def test_a_call_that_fails_leaves_the_network_free_and_nothing_behind():
    gc.collect()
    before, network = dict(exclusive._TRAINED), Thing()
    with pytest.raises(LookupError), TrainedAlone(network):
        raise LookupError
    with TrainedAlone(network):
        pass
    assert before == exclusive._TRAINED
