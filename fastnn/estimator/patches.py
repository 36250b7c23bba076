"""What scripts put in the place of scikit-learn's own functions and classes, which is refused.

They do so in the module that trains its perceptrons: an activation of one's own under a name that
is there, a loss, an optimiser.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

_MODULE = "sklearn.neural_network._multilayer_perceptron"
_OPTIMISERS = {"adam": "AdamOptimizer", "sgd": "SGDOptimizer"}


def check_activations(names: list[str]) -> None:
    """Raise ValueError if scikit-learn would predict with an activation of the user's own.

    Parameters
    ----------
    names : list of str
        scikit-learn's names of the activations that are used.
    """
    # Where nobody has imported the module, nobody has patched it.
    if _MODULE in sys.modules:
        _refuse(_entries("ACTIVATIONS", names))


def check_training(
    hidden: list[str], output: str, loss: str, solver: str, *, early_stopping: bool
) -> None:
    """Raise ValueError if scikit-learn would train with a function or class of the user's own.

    Parameters
    ----------
    hidden : list of str
        scikit-learn's name of the activation of each hidden layer.
    output : str
        That of the output layer's activation.
    loss : str
        That of the loss, as the parameter has it.
    solver : str
        That of the solver.
    early_stopping : bool
        Whether examples are held out.
    """
    if _MODULE not in sys.modules:
        return
    both = (loss, output) == ("log_loss", "logistic")
    patched = [
        *_entries("ACTIVATIONS", [*hidden[:1], output]),
        *_entries("DERIVATIVES", hidden[:1]),
        *_entries("LOSS_FUNCTIONS", ["binary_log_loss" if both else loss]),
    ]
    if solver in _OPTIMISERS:
        patched += _parts_of_class(_OPTIMISERS[solver])
    if early_stopping:
        split = getattr(sys.modules[_MODULE], "train_test_split", None)
        if split is not None and not _is_of("sklearn.", split):
            patched.append("train_test_split")
    _refuse(patched)


def _refuse(patched: Any) -> None:
    names = [f"{_MODULE}.{name}" for name in patched]
    if names:
        raise ValueError(
            f"{' and '.join(names)} would have no effect: it is not scikit-learn's own, and "
            "fastnn's compiled kernels call nothing of that module. An activation or a cost of "
            "one's own goes into fastnn.Network; for anything else use the estimator of "
            "sklearn.neural_network."
        )


def _entries(table: str, names: list[str]) -> Iterator[str]:
    """Name the entries of one of the module's tables that are not scikit-learn's.

    No function of scikit-learn's stands under two names there. One that does has been put under
    the name that it does not bear; and a derivative is no activation.
    """
    entries = getattr(sys.modules[_MODULE], table, None)
    if entries is None:  # this scikit-learn has no such table
        return
    functions = list(entries.values())
    for name in names:
        function = entries.get(name)
        theirs = _is_of("sklearn.neural_network.", function)
        if theirs and functions.count(function) > 1:
            own_name = function.__name__.removeprefix("inplace_")
            theirs = own_name.startswith(name.split("_")[0])
        if theirs and table == "ACTIVATIONS":
            theirs = not function.__name__.endswith("_derivative")
        if not theirs:
            yield f"{table}[{name!r}]"


def _parts_of_class(name: str) -> Iterator[str]:
    """Name an optimiser's class if it is not scikit-learn's, or else those of its methods."""
    optimiser = getattr(sys.modules[_MODULE], name, None)
    if optimiser is None:
        return
    module = getattr(optimiser, "__module__", None)
    named = getattr(optimiser, "__name__", None)
    if (module, named) != ("sklearn.neural_network._stochastic_optimizers", name):
        yield name
        return
    for kind in optimiser.__mro__[:-1]:
        for method, function in vars(kind).items():
            special = method.startswith("__") and method != "__init__"
            if not special and callable(function) and not _is_of("sklearn.", function):
                yield f"{name}.{method}"


def _is_of(package: str, function: Any) -> bool:
    """Say whether the code of a function is in a package: a wrapper of the user's own is not.

    `functools.wraps` copies names and `__module__`, but not this.
    """
    return str(getattr(function, "__globals__", {}).get("__name__")).startswith(package)
