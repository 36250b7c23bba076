"""Rules for a step down the gradient, by name, and their numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

from fastnn.common.checks import describe, flag, fraction, positive
from fastnn.kernels import optimisers as kernel


class Adam(NamedTuple):
    """Adam: steps scaled by running means of gradient and squared gradient (Kingma and Ba 2015).

    The form at the end of the paper's section 2, as in scikit-learn: with g the mean gradient of
    the mini-batch, m1 = b1 m1 + (1 - b1) g, m2 = b2 m2 + (1 - b2) g^2, and in step t a weight
    changes by -eta sqrt(1 - b2^t) / (1 - b1^t) m1 / (sqrt(m2) + epsilon).

    Parameters
    ----------
    beta1, beta2 : float, optional
        b1 and b2, from 0 to below 1.
    epsilon : float, optional
        Above 0.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8


NAMES = ("sgd", "adam")
"""What `optimizer` may be called."""


def arguments_for(rule: str, numbers: list[Any]) -> dict[str, Any]:
    """The arguments of `SGD` from which `kernel_rule` makes the rule of this name and numbers.

    Raises ValueError if there is no such rule.
    """
    if rule in ("Momentum", "Nesterov"):
        return {"optimizer": "sgd", "momentum": numbers[0], "nesterov": rule == "Nesterov"}
    if rule == "Adam":
        return {"optimizer": Adam(*numbers), "momentum": 0.0, "nesterov": False}
    raise ValueError(f"its rule must be one of Momentum, Nesterov, Adam, got {describe(rule)}")


def kernel_rule(optimizer: Any, momentum: Any, nesterov: Any) -> Any:
    """Turn arguments of `SGD` into a rule as kernels take it; None for plain gradient descent.

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
        return kernel.Nesterov(mu) if nesterov else kernel.Momentum(mu)
    if isinstance(optimizer, str) and optimizer == "adam":
        optimizer = Adam()
    if not isinstance(optimizer, Adam):
        raise (ValueError if isinstance(optimizer, str) else TypeError)(
            f"optimizer must be 'sgd', 'adam' or an Adam(...), got {describe(optimizer)}"
        )
    if mu != 0.0:
        raise ValueError(f"momentum is for optimizer='sgd' only, got momentum={mu} with Adam")
    return kernel.Adam(
        fraction("beta1", optimizer.beta1),
        fraction("beta2", optimizer.beta2),
        positive("epsilon", optimizer.epsilon),
    )
