"""The arguments of `SGD`, checked before anything is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from fastnn.common.checks import describe, flag, fraction, integer, not_negative, real
from fastnn.common.threads import threads_available
from fastnn.optimisers import kernel_rule
from fastnn.schedules import check_schedule, figure_of


class Options(NamedTuple):
    """How to train and what to watch: everything that `SGD` is asked for except the data."""

    epochs: int
    mini_batch_size: int
    eta: float
    lmbda: float
    monitor_evaluation_cost: bool
    monitor_evaluation_accuracy: bool
    monitor_training_cost: bool
    monitor_training_accuracy: bool
    monitor_layer_speeds: bool
    rule: Any  # of kernels/optimisers.py; None for plain gradient descent
    l1: float
    dropout: tuple[float, ...]  # a rate for each hidden layer, or none
    shuffle: bool
    threads: int
    schedule: Any
    early_stopping_n: int | None
    callback: Callable[..., Any] | None
    verbose: bool
    progress: bool
    on_divergence: str  # "raise" or "continue"


def check_options(
    *,
    hidden_layers: int,
    has_evaluation_data: bool,
    epochs: Any,
    mini_batch_size: Any,
    eta: Any,
    lmbda: Any,
    l1: Any,
    momentum: Any,
    nesterov: Any,
    optimizer: Any,
    dropout: Any,
    shuffle: Any,
    monitor_layer_speeds: Any,
    progress: Any,
    threads: Any,
    schedule: Any,
    early_stopping_n: Any,
    callback: Any,
    on_divergence: Any,
    **others: bool,
) -> Options:
    """Check the arguments of `SGD`; those in `others`, network2's and `verbose`, may be anything.

    Raises
    ------
    TypeError, ValueError
        If one is wrong, or they do not go together.
    """
    for name in ("monitor_evaluation_cost", "monitor_evaluation_accuracy"):
        if others[name] and not has_evaluation_data:
            raise ValueError(f"{name} needs evaluation_data, got none")
    check_schedule("schedule", schedule)
    figure = figure_of(schedule)
    if figure is not None and not others[f"monitor_{figure}"]:
        data, what = figure.split("_")
        raise ValueError(
            f"schedule={type(schedule).__name__}() goes by the {what} on {data} data: it needs "
            f"monitor_{figure}=True"
        )
    if early_stopping_n is not None:
        early_stopping_n = integer("early_stopping_n", early_stopping_n, smallest=1)
        if not (others["monitor_evaluation_accuracy"] or others["monitor_evaluation_cost"]):
            raise ValueError(
                "early_stopping_n goes by the figures on evaluation data: it needs "
                "monitor_evaluation_accuracy=True or monitor_evaluation_cost=True"
            )
    return Options(
        epochs=integer("epochs", epochs, smallest=0),
        mini_batch_size=integer("mini_batch_size", mini_batch_size, smallest=1),
        eta=real("eta", eta),
        lmbda=real("lmbda", lmbda),
        rule=kernel_rule(optimizer, momentum, nesterov),
        l1=not_negative("l1", l1),
        dropout=_dropout_rates(dropout, hidden_layers),
        shuffle=flag("shuffle", shuffle),
        monitor_layer_speeds=flag("monitor_layer_speeds", monitor_layer_speeds),
        progress=flag("progress", progress),
        threads=check_threads(threads),
        schedule=schedule,
        early_stopping_n=early_stopping_n,
        callback=check_callback(callback),
        on_divergence=_check_divergence(on_divergence),
        **others,
    )


def check_threads(threads: Any) -> int:
    """How many threads to use at most: all there are, or fewer where that is asked for."""
    available = threads_available()
    if threads is None:
        return available
    return min(integer("threads", threads, smallest=1), available)


def check_callback(callback: Any) -> Any:
    """Return `callback` if it is a function or None."""
    if callback is not None and not callable(callback):
        raise TypeError(
            f"callback must be a function of epoch, network and history, got {describe(callback)}"
        )
    return callback


def _check_divergence(on_divergence: Any) -> str:
    if on_divergence not in ("raise", "continue"):
        raise (ValueError if isinstance(on_divergence, str) else TypeError)(
            f'on_divergence must be "raise" or "continue", got {describe(on_divergence)}'
        )
    return str(on_divergence)


def _dropout_rates(dropout: Any, hidden_layers: int) -> tuple[float, ...]:
    """A rate for each hidden layer; none at all if nothing is dropped anywhere."""
    if isinstance(dropout, (list, tuple)):
        if len(dropout) != hidden_layers:
            raise ValueError(
                f"dropout must be one rate, or one for each of {hidden_layers} hidden layers, "
                f"got {len(dropout)}"
            )
        rates = tuple(fraction(f"dropout[{i}]", rate) for i, rate in enumerate(dropout))
    else:
        rates = (fraction("dropout", dropout),) * hidden_layers
    return rates if any(rates) else ()
