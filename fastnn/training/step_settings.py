"""From the options of `SGD` to what a trainer needs to know of them."""

from __future__ import annotations

from fastnn.engine.trainer import StepSettings
from fastnn.training.options import Options


def step_settings(options: Options, n: int, epochs_to_come: int) -> StepSettings:
    """Return what the trainer needs to know of the options, for n training examples."""
    return StepSettings(
        mini_batch_size=min(options.mini_batch_size, n),
        lmbda=options.lmbda,
        n=n,
        l1=options.l1,
        rule=options.rule,
        dropout=options.dropout,
        frozen_layers=options.frozen_layers,
        shuffle=options.shuffle,
        threads=options.threads,
        stay_finite=options.on_divergence == "raise",
        epochs=epochs_to_come,
    )
