"""Check that wrong input is refused, and that nothing has changed."""

import contextlib
import io
import pickle
import random

import numpy as np
import pytest


def assert_refused(action, error, *words, network=None, examples=()):
    """Check that an action is refused with a clear error, and that nothing has changed.

    Parameters
    ----------
    action : callable without arguments
        It must raise an `error`, and print nothing.
    error : type
        No subclass will do.
    *words : str
        The message holds each of them.
    network : Network, optional
        All that it holds stays the same, bit for bit.
    examples : list, optional
        The same objects stay in the same order, with the same values.
    """
    before = _state(network, examples)
    with (
        contextlib.redirect_stdout(io.StringIO()) as printed,
        contextlib.redirect_stderr(printed),
        pytest.raises(error) as caught,
    ):
        action()
    message = str(caught.value)
    assert type(caught.value) is error
    assert [word for word in words if word not in message] == [], message
    assert "\n" not in message
    assert len(message) < 300
    assert _state(network, examples) == before
    assert printed.getvalue() == ""


def _state(network, examples):
    """All that a refusal must leave unchanged, including both random generators."""
    return (
        pickle.dumps(vars(network) if network else None),
        [id(example) for example in examples],
        pickle.dumps(list(examples)),
        random.getstate(),
        pickle.dumps(np.random.get_state()),
    )
