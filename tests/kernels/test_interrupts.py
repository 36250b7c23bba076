"""Signals that are heard after a block, and not lost in it."""

import signal
import threading

import pytest

from fastnn.kernels.interrupts import interrupts_later


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_is_heard_once_after_the_block():
    done = []
    with pytest.raises(KeyboardInterrupt), interrupts_later():
        press_ctrl_c()
        press_ctrl_c()
        done.append("all")
    assert done == ["all"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_without_ctrl_c_nothing_happens():
    with interrupts_later():
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_ones_own_is_called_after_the_block():
    heard = []
    before = signal.signal(signal.SIGINT, lambda *which: heard.append(len(heard)))
    try:
        with interrupts_later():
            press_ctrl_c()
            assert heard == []
        assert heard == [0]
    finally:
        signal.signal(signal.SIGINT, before)


def fail(*_):
    raise TimeoutError


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="there are no such signals")
def test_other_signals_that_have_handlers_are_heard_too_in_their_order():
    heard = []
    handlers = {
        signal.SIGALRM: fail,
        signal.SIGUSR1: lambda number, frame: heard.append((number, type(frame).__name__)),
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        with pytest.raises(TimeoutError), interrupts_later():
            for number in (signal.SIGALRM, signal.SIGUSR1, signal.SIGALRM):
                signal.raise_signal(number)
            heard.append("the end of the block")
        assert heard == ["the end of the block", (signal.SIGUSR1, "frame")]
        assert {number: signal.getsignal(number) for number in handlers} == handlers
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_what_the_block_raised_is_the_context_of_what_a_handler_raises():
    error = ValueError("in the block")
    with pytest.raises(KeyboardInterrupt) as caught, interrupts_later():
        press_ctrl_c()
        raise error
    assert caught.value.__context__ is error


def test_a_handler_that_the_block_sets_stays():
    def other(*_):
        pass

    before = signal.getsignal(signal.SIGINT)
    try:
        with interrupts_later():
            signal.signal(signal.SIGINT, other)
        assert signal.getsignal(signal.SIGINT) is other
    finally:
        signal.signal(signal.SIGINT, before)


def test_in_another_thread_signals_are_left_as_they_are():
    seen = []

    def work():
        with interrupts_later():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]
