"""A program that prints what kernels options need beyond those that are compiled ahead of time.

It runs with NUMBA_DISABLE_JIT=1: then kernels are plain functions, and nothing need be compiled to
see what they are called with. The calls of single examples are not seen, which go another way then:
to NumPy, or with a cost of one's own to kernels that take no functions of Python.
"""

import functools
import inspect
import itertools
import sys
import tempfile
import warnings
from pathlib import Path

import numba
import numpy as np

from fastnn import Dataset, LogLikelihoodCost, Network, QuadraticCost, gradients, schedules
from fastnn.cli import compile_ahead
from fastnn.estimator import MLPClassifier, MLPRegressor
from fastnn.optimisers import NAMES

# Arguments of `SGD` that select what is computed, together. Further ones than these are found by
# the test: each must stand here.
WEIGHTS = np.linspace(0.0, 2.0, compile_ahead._EXAMPLES)
WATCHED = {"evaluation_data": True, "monitor_evaluation_accuracy": True}
OPTIONS = [
    *({"optimizer": name} for name in NAMES),
    {"momentum": 0.5},
    {"momentum": 0.5, "nesterov": True, "l1": 0.1, "lmbda": 1.0},
    {"dropout": 0.5},
    {"frozen_layers": [0]},
    {"sample_weight": WEIGHTS},
    {"sample_weight": WEIGHTS, "optimizer": "adam", "frozen_layers": [1], "dropout": [0.5]},
    {"mini_batch_size": 200},
    {"mini_batch_size": 100, "epochs": 5},
    {"mini_batch_size": 100, "epochs": 5, "sample_weight": WEIGHTS},
    {**WATCHED, "monitor_evaluation_cost": True},
    {**WATCHED, "monitor_training_cost": True, "monitor_training_accuracy": True},
    {**WATCHED, "early_stopping_n": 1, "schedule": schedules.Halving(n=1)},
    {"monitor_layer_speeds": True, "speed_data": True},
    {"shuffle": False, "threads": 2, "seed": 1, "callback": lambda epoch, network, history: None},
    {"checkpoint": True, "checkpoint_every": 1, "on_divergence": "continue"},
]
# Numbers of hidden layers, and arguments of `Network`.
NETWORKS = [
    ([], {}),
    ([4, 4], {"activation": "tanh"}),
    ([4], {"activation": "relu", "cost": LogLikelihoodCost}),
    ([4], {"output": "identity"}),
]


def kernels():
    """Yield each name of a kernel in a module: module, name and kernel."""
    for module in [module for name, module in sys.modules.items() if name.startswith("fastnn")]:
        for name, value in list(vars(module).items()):
            inner = getattr(value, "__wrapped__", None)
            home = getattr(value, "__globals__", {}).get("__name__", "")
            by_errstate = home == "contextlib" or home.startswith("numpy")  # NumPy 1.26, 2
            if by_errstate and getattr(inner, "__module__", "").startswith("fastnn.kernels"):
                yield module, name, value


def record():
    """Note calls of kernels from now on; return the set of their names and types."""
    seen = set()

    def noting(kernel):
        @functools.wraps(kernel)
        def call(*arguments, **named):
            given = inspect.signature(kernel).bind(*arguments, **named).arguments.values()
            seen.add((kernel.__name__, str(tuple(map(numba.typeof, given)))))
            return kernel(*arguments, **named)

        return call

    noted = {}
    for module, name, kernel in kernels():
        setattr(module, name, noted.setdefault(kernel, noting(kernel)))
    return seen


def train(dtype, form, hidden=(4,), made_with=None, vectors=False, **options):
    data = compile_ahead._dataset(form)
    if vectors:
        random = np.random.RandomState(1)
        data = Dataset(compile_ahead._FORMS[form](random), random.rand(len(data), 3))
    made_with = {"cost": QuadraticCost, **(made_with or {})}
    net = Network([data.inputs.shape[1], *hidden, 3], dtype=dtype, **made_with)
    for name in ("evaluation_data", "speed_data"):
        if name in options:
            options[name] = data
    with tempfile.TemporaryDirectory() as folder:
        if "checkpoint" in options:
            options["checkpoint"] = Path(folder, "run.npz")
        arguments = {"epochs": 1, "mini_batch_size": 10, "eta": 0.01, **options}
        net.SGD(data, **arguments, verbose=False)
    return net, data


def use(dtype, form):
    """Call what a trained network has besides `SGD`."""
    net, data = train(dtype, form)
    net.predict(data.inputs)
    net.accuracy(data)
    net.total_cost(data, 0.1)
    for measure in (gradients.average_gradient, gradients.layer_speeds, gradients.mean_slopes):
        measure(net, data)


def fit(dtype, solver, order, **options):
    random = np.random.RandomState(1)
    rows = np.asarray(random.rand(compile_ahead._EXAMPLES, 20), dtype, order=order)
    for kind, wanted in (
        (MLPClassifier, random.randint(3, size=len(rows))),
        (MLPClassifier, random.randint(2, size=(len(rows), 3))),
        (MLPRegressor, random.rand(len(rows))),
    ):
        made = kind(hidden_layer_sizes=(4,), max_iter=2, solver=solver, **options)
        made.fit(rows, wanted, sample_weight=WEIGHTS).predict(rows)


def calls():
    """Yield everything that documented options lead to: a name and a function."""
    for dtype, form in itertools.product(compile_ahead._TYPES, ("images", "sparse64", "dense32")):
        for options in OPTIONS:
            yield f"{dtype}, {form}: {options}", functools.partial(train, dtype, form, **options)
        for hidden, made_with in NETWORKS:
            name = f"{dtype}, {form}: {hidden} {made_with}"
            yield name, functools.partial(train, dtype, form, hidden, made_with)
        for options in ({}, {"momentum": 0.5}, {**WATCHED, "monitor_evaluation_cost": True}):
            name = f"{dtype}, {form}, desired outputs of any numbers: {options}"
            yield name, functools.partial(train, dtype, form, vectors=True, **options)
        yield f"{dtype}, {form}: methods", functools.partial(use, dtype, form)
    for dtype, solver in itertools.product(compile_ahead._TYPES, ("adam", "sgd", "lbfgs")):
        for order in "CF":
            yield f"{dtype}, {solver}, {order}", functools.partial(fit, dtype, solver, order)


def main():
    warnings.simplefilter("ignore")  # few epochs do not converge
    seen = record()
    for job, *arguments in compile_ahead._jobs():
        if job is not compile_ahead._single_calls_with_own_cost:
            job(*arguments)
    print(len(seen), "kernels are compiled ahead of time")
    for name, call in calls():
        before = set(seen)
        call()
        for kernel, types in seen - before:
            print(f"{name} needs {kernel} for {types}")


if __name__ == "__main__":
    main()
