"""An epoch that does not come to its end leaves all as it was before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastnn.model.description import Arrays


@contextmanager
def whole_or_undone(run: Any, *, may_be_written: bool) -> Iterator[None]:
    """Undo what a `Run` does meanwhile, if anything is raised before its end.

    But what a user's own method raises, in a step or when it measures, ends training as in
    network2: with the network, the order and the generator as they are at that moment.

    Parameters
    ----------
    run : Run
    may_be_written : bool
        Whether functions of the user's are called, which may write into the network's arrays.
    """
    history, network = run.history, run.network
    lists: list[list[Any]] = [*history, history.layer_speeds, history.epoch_seconds]
    lengths = [len(figures) for figures in lists]
    parameters = None
    if not run.has_own_parameters:
        parameters = network.weights, network.biases
        if may_be_written:
            parameters = copies(*parameters)
    kept = run.order, run.best, history.best_epoch
    state = run.generator.getstate()
    try:
        yield
    except BaseException:
        for figures, length in zip(lists, lengths, strict=True):
            del figures[length:]
        if run.ended_by_user:
            run.order = run.trainer.order.copy()
            raise
        if parameters is not None:
            network.weights, network.biases = parameters
        run.order, run.best, history.best_epoch = kept
        run.generator.setstate(state)
        raise


def copies(weights: Arrays, biases: Arrays) -> tuple[Arrays, Arrays]:
    """Copy weights and biases, which a user's functions may write into."""
    return [w.copy() for w in weights], [b.copy() for b in biases]
