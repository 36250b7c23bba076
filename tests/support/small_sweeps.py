"""Sweeps of small networks, the same networks trained alone, and what of both must agree."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from builders import seed_generators
from sweep_schedules import SETTINGS, SIZES, evaluation_data, training_data

from fastnn import Network, train_many


def sweep(seeds=(1, 2), data=None, **settings):
    return train_many(
        SIZES,
        training_data() if data is None else data,
        seeds=seeds,
        **{**SETTINGS, "evaluation_data": evaluation_data(), **settings},
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
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def results_of(rows):
    """Return what must not depend on how a network was trained."""
    return [(row.settings, row.seed, row.history.evaluation_accuracy, row.error) for row in rows]
