"""Values that differ by context and by thread: which of them a description of code is of."""

import contextvars
import threading

from fastnn.model.definitions import code_of, definition_of
from fastnn.model.of_context import in_this_context


def test_a_context_variable_may_have_no_value_a_default_or_one_that_was_set():
    assert in_this_context(contextvars.ContextVar("none")) == ()
    rate = contextvars.ContextVar("rate", default=None)
    assert in_this_context(rate) == (None,)
    rate.set(0.5)
    assert in_this_context(rate) == (0.5,)


def test_a_context_variable_counts_by_its_value_where_that_is_read():
    rate, epochs = contextvars.ContextVar("rate"), contextvars.ContextVar("epochs", default=0)

    def it(epoch):
        epochs.set(epoch)
        return rate.get()

    found = [definition_of(it), code_of(it)]
    epochs.set(3)
    assert [definition_of(it), code_of(it)] == found
    rate.set(0.5)
    assert definition_of(it).digest != found[0].digest
    assert code_of(it).digest != found[1].digest
    assert definition_of(it).unseen == ()


def test_an_attribute_of_a_thread_counts_as_a_new_thread_has_it():
    class Rates(threading.local):
        def __init__(self, rate):
            self.rate = rate

    found = []
    for rate in 0.5, 0.25:
        rates = Rates(rate)
        found.append(definition_of(lambda epoch, rates=rates: rates.rate))
        rates.rate = 1.0
        assert definition_of(lambda epoch, rates=rates: rates.rate) == found[-1]
    assert found[0].digest != found[1].digest
