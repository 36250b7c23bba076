"""Sweeps of small networks, the same networks trained alone, and what of both must agree."""

import multiprocessing
import multiprocessing.forkserver
import os
from concurrent.futures import ProcessPoolExecutor

from builders import seed_generators
from sweep_schedules import (
    MARKER,
    SETTINGS,
    SIZES,
    evaluation_data,
    look_for,
    settings_beside,
    training_data,
)

from fastnn import Network, train_many


def sweep(seeds=(1, 2), data=None, **settings):
    usual = settings_beside(settings.get("grid"))
    return train_many(
        SIZES,
        training_data() if data is None else data,
        seeds=seeds,
        **{**usual, "evaluation_data": evaluation_data(), **settings},
    )


def alone(seed, network=None, **settings):
    """Train as a script does, with the global generators."""
    seed_generators(seed)
    net = Network(SIZES, **(network or {}))
    settings = {**SETTINGS, "monitor_evaluation_accuracy": True, **settings}
    history = net.SGD(
        training_data(), evaluation_data=evaluation_data(), threads=1, verbose=False, **settings
    )
    return net, history


def process_pool(workers):
    """A pool of workers that begin at once, as they are forked from what has imported it all."""
    return ProcessPoolExecutor(
        workers,
        multiprocessing.get_context(quick_method()),
        look_for,
        (os.environ.get(MARKER),),  # what they are forked from may be older
    )


def quick_method(*modules):
    """Return how processes are started soonest that inherit nothing of this one.

    What they are forked from has imported what a sweep needs and, if it is new, these modules.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return "spawn"
    multiprocessing.set_forkserver_preload(["fastnn.sweeps.executors", *modules])
    multiprocessing.forkserver.ensure_running()  # before dask asks it for other modules
    return "forkserver"


def results_of(rows):
    """Return what must not depend on how a network was trained."""
    return [(row.settings, row.seed, row.history.evaluation_accuracy, row.error) for row in rows]
