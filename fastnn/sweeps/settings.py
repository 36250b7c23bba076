"""Settings of a sweep in the form in which equal ones are equal, and as a file of results has them.

Who types ``lmbda=0`` and who leaves out 0.0 mean the same networks, and so do "relu" and ["relu"].
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from fastnn.common.checks import describe, float_type, layer_sizes, shortened
from fastnn.model.costs import COSTS, usual_output
from fastnn.model.definitions import definition_of
from fastnn.optimisers import NAMES, arguments_for, kernel_rule
from fastnn.training.options import DEFAULTS, OPTIONS

_NAMED = 3  # things that cannot be seen, which a message names

# How own code is written down: with the version of its digests, which earlier ones do not have.
_CODE = "code 2-"


def checked_settings(settings: Mapping[str, Any], cost: Any = None) -> dict[str, Any]:
    """Return settings as they are once checked, each in the plainest of the forms that it may have.

    A value that is wrong stays as it is: that is for the checks of networks and options.

    Parameters
    ----------
    settings : mapping of str to object
        By name: values as they may be given, or as a file of results holds them.
    cost : class or str, optional
        The cost, or what a file calls it, where it is not among the settings.
    """
    checked = {}
    for name, value in settings.items():
        try:
            checked[name] = _checked(name, value)
        except (TypeError, ValueError):
            checked[name] = value
    cost = checked.get("cost", cost)
    if isinstance(cost, str):
        cost = _COSTS.get(cost, cost)
    if "output" in checked and cost is not None and checked["output"] == usual_output(cost):
        checked["output"] = None
    return checked


def groups(settings: Iterable[Mapping[str, Any]]) -> list[list[int]]:
    """Return the places of equal settings together, in the order in which each comes first.

    Named tuples are equal only if their types agree: what they do is in these.
    """
    together: list[list[int]] = []
    places: dict[Any, list[int]] = {}
    unhashable: list[tuple[Any, list[int]]] = []
    for place, one in enumerate(settings):
        known = _with_types(one)
        try:
            same = places.setdefault(known, [])
        except TypeError:
            same = next((found for other, found in unhashable if _are_equal(other, known)), [])
            if not same:
                unhashable.append((known, same))
        if not same:
            together.append(same)
        same.append(place)
    return together


def _are_equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except Exception:  # an object whose comparisons are arrays, say
        return False


def _with_types(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple((name, _with_types(value[name])) for name in sorted(value))
    if isinstance(value, (set, frozenset)):
        return frozenset(value)
    if isinstance(value, (list, tuple)):
        return type(value), tuple(map(_with_types, value))
    return value


def plain_settings(
    settings: Mapping[str, Any], cost: Any = None, where: str = "{}"
) -> dict[str, Any]:
    """Return checked settings as JSON has them.

    Those of a file that an earlier version has written, as they were typed, become the same.

    Parameters
    ----------
    settings, cost
        As for `checked_settings`.
    where : str, optional
        What errors call a setting, with {} for its name.

    Raises
    ------
    ValueError
        If a number is not finite; or if a setting reads what cannot be seen, so that one that does
        something else would look the same.
    """
    checked = checked_settings(settings, cost)
    return {name: _plain(where.format(name), value) for name, value in checked.items()}


def is_code_of_earlier_version(plain: Any) -> bool:
    """Say whether a setting in a file is code whose digest an earlier version has made."""
    return isinstance(plain, str) and plain.startswith("code ") and not plain.startswith(_CODE)


def _checked(name: str, value: Any) -> Any:
    if name == "sizes":
        return layer_sizes(value)
    if name == "dtype":
        return float_type(value).name
    if name == "activation":
        return _one_for_all(value, "sigmoid")
    if name == "optimizer":
        return _rule_in_words(value)
    if name not in OPTIONS:
        return value
    checked = OPTIONS[name].check(name, value)
    return _one_for_all(checked, DEFAULTS[name]) if name == "dropout" else checked


def _one_for_all(value: Any, usual: Any) -> Any:
    """Return the value of all hidden layers, if it is the same for each; of none, the usual one."""
    if not isinstance(value, (list, tuple)):
        return value
    entries = list(value)
    if any(entry != entries[0] for entry in entries):
        return entries
    return entries[0] if entries else usual


def _rule_in_words(optimizer: Any) -> Any:
    """Return the name of a rule with its usual numbers; any other as it is once checked."""
    if isinstance(optimizer, list) and optimizer and isinstance(optimizer[0], str):  # of a file
        kind = optimizer[0].rpartition(".")[2]
        optimizer = arguments_for(kind, optimizer[1:])["optimizer"]
    rule = kernel_rule(optimizer, 0.0, False)
    usual = {_with_types(kernel_rule(name, 0.0, False)): name for name in NAMES}
    return usual.get(_with_types(rule), rule)


def _plain(name: str, value: Any) -> Any:
    """Return a setting for JSON: classes and functions by name, named tuples with their type's.

    Other classes, functions and objects than fastnn's come with a digest of all that they do.
    """
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if isinstance(value, (list, tuple, range)):
        entries = [_plain(name, entry) for entry in value]
        kinds = (list, tuple, range)
        return entries if type(value) in kinds else [_name_of_definition(type(value)), *entries]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} must be finite where results are kept, got {value}")
    if isinstance(value, (bool, int, float, str, type(None))):
        return value
    if isinstance(value, dict):  # of a file that no version has written
        raise ValueError(f"{name} must be no dict, got {describe(value)}")
    return _name_of_definition(value, name)


def _name_of_definition(value: Any, name: str = "it") -> str:
    named = value if hasattr(value, "__qualname__") else type(value)
    module = getattr(named, "__module__", type(named).__module__)  # some methods have none
    known_as = f"{module}.{named.__qualname__}"
    if known_as.startswith("fastnn."):
        return known_as
    digest, unseen = definition_of(value)
    if unseen:
        raise ValueError(
            f"{name} must be known by all that it does where results are kept, but "
            f"{shortened(known_as)} reads what cannot be seen: {', '.join(unseen[:_NAMED])}; "
            "put the value into a variable or an argument"
        )
    return f"{_CODE}{digest[:8]} of {known_as}"


# The built-in costs by what a file calls them.
_COSTS = {_name_of_definition(cost): cost for cost in COSTS.values()}
