"""Rules for a step down the gradient, by name, and their numbers."""

from __future__ import annotations

from typing import Any

from fastnn.common.checks import describe, flag, fraction, positive, wrong_choice
from fastnn.kernels.optimisers import (
    RULES,
    Adam,
    Momentum,
    Nesterov,
)

__all__ = [
    "NAMES",
    "Adam",
]

_BY_NAME = {row.name: rule for rule, row in RULES.items() if row.name is not None}
_CHECKS = {"fraction": fraction, "positive": positive}

NAMES = ("sgd", *_BY_NAME)
"""What `optimizer` may be called."""


def arguments_for(rule: str, numbers: list[Any]) -> dict[str, Any]:
    """The arguments of `SGD` from which `kernel_rule` makes the rule of this name and numbers.

    Parameters
    ----------
    rule : str
        The name of its class.
    numbers : list of float
        Its numbers, in their order.

    Returns
    -------
    dict
        `optimizer`, `momentum` and `nesterov`.

    Raises
    ------
    ValueError
        If there is no such rule.
    """
    if rule in ("Momentum", "Nesterov"):
        return {"optimizer": "sgd", "momentum": numbers[0], "nesterov": rule == "Nesterov"}
    for known in _BY_NAME.values():
        if rule == known.__name__:
            return {"optimizer": known(*numbers), "momentum": 0.0, "nesterov": False}
    names = ", ".join(known.__name__ for known in RULES)
    raise ValueError(f"its rule must be one of {names}, got {describe(rule)}")


def kernel_rule(optimizer: Any, momentum: Any, nesterov: Any) -> Any:
    """Turn arguments of `SGD` into a rule as kernels take it.

    Parameters
    ----------
    optimizer, momentum, nesterov
        As for `SGD`, unchecked.

    Returns
    -------
    named tuple or None
        None for plain gradient descent.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or they do not go together.
    """
    mu = fraction("momentum", momentum)
    if flag("nesterov", nesterov) and mu == 0.0:
        raise ValueError("nesterov needs a momentum above 0, got momentum=0.0")
    if isinstance(optimizer, str) and optimizer == "sgd":
        if mu == 0.0:
            return None
        return Nesterov(mu) if nesterov else Momentum(mu)
    if isinstance(optimizer, str) and optimizer in _BY_NAME:
        optimizer = _BY_NAME[optimizer]()
    rule: Any = next((known for known in RULES if isinstance(optimizer, known)), None)
    if rule not in _BY_NAME.values():
        names = ", ".join(map(repr, NAMES))
        classes = " or ".join(f"{known.__name__}(...)" for known in _BY_NAME.values())
        raise wrong_choice(optimizer, f"optimizer must be {names} or an {classes}")
    if mu != 0.0:
        raise ValueError(
            f"momentum is for optimizer='sgd' only, got momentum={mu} with {rule.__name__}"
        )
    named = zip(RULES[rule].ranges, optimizer._asdict().items(), strict=True)
    return rule(*(_CHECKS[range_](name, number) for range_, (name, number) in named))
