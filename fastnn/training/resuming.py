"""Go on with a run that was interrupted, from its checkpoint."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeVar

from fastnn.engine.single_calls import SingleCalls
from fastnn.model.bare_model import network_of
from fastnn.model.history import History
from fastnn.training.checked_options import renew_options
from fastnn.training.checkpoints import generators_kept_on_failure, keep_checkpoints, restore
from fastnn.training.options import RENEWABLE
from fastnn.training.overrides import refuse_activations_of_python, refuse_overridden
from fastnn.training.run import Run
from fastnn.training.stored_runs import read_checkpoint

Resumed = TypeVar("Resumed", bound=SingleCalls)


def resume_run(
    kind: type[Resumed],
    filename: str | os.PathLike[str],
    given: Mapping[str, Any],
) -> tuple[Resumed, History]:
    """Do what `network2.resume` does.

    Parameters
    ----------
    kind : type
        The class of the network to make.
    filename : str or path-like
        The checkpoint.
    given : mapping of str to object
        The other arguments of `network2.resume` by name.

    Raises
    ------
    OSError, TypeError, ValueError
        As `network2.resume`.
    """
    asked = {name: given[name] for name in RENEWABLE}
    stored = read_checkpoint(filename, given["cost"], given["activation"])
    for name in ("epochs", "schedule"):
        if asked[name] is None:  # as in the stored run
            del asked[name]
    options = renew_options(stored.options, asked)
    evaluation_data, speed_data = given["evaluation_data"], given["speed_data"]
    stored.check_given(
        options,
        schedule=given["schedule"],
        evaluation_data=evaluation_data,
        speed_data=speed_data,
    )
    with generators_kept_on_failure():
        network = network_of(kind, stored.network)
        refuse_overridden(network, "resume cannot go on with")
        refuse_activations_of_python(network, "resume cannot go on with")
        data = given["training_data"], evaluation_data, speed_data
        run = Run(
            network,
            options,
            *data,
            sample_weight=stored.sample_weight,
            history=stored.history,
            arrange=stored.arranged,
        )
        restore(run, stored)
        keep_checkpoints(run, filename, given["checkpoint_every"])
    return network, run.go()
