"""Warnings that users can silence as they silence scikit-learn's."""

from __future__ import annotations

import sys
import warnings


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn in the name of scikit-learn's module of perceptrons.

    scikit-learn warns with ``stacklevel=1``, so its warnings belong to the module that trains.
    Users silence them with ``warnings.filterwarnings("ignore", module="sklearn")``. That filter
    looks at the module's name, hence the warnings here bear the same one. The file and the line
    they show are the caller's.

    Parameters
    ----------
    message : str
        What to say.
    category : type of Warning, optional
        Its class.
    """
    caller = sys._getframe(1)
    warnings.warn_explicit(
        message,
        category,
        caller.f_code.co_filename,
        caller.f_lineno,
        module="sklearn.neural_network._multilayer_perceptron",
        # Where Python remembers which warnings it has shown already.
        registry=caller.f_globals.setdefault("__warningregistry__", {}),
    )
