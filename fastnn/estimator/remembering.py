"""What a solver remembers from one call of `partial_fit` to the next.

Estimators hold it as plain data, so that a pickle does not depend on the classes of one version.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from fastnn.estimator.learning_rate import LearningRate
from fastnn.estimator.trainer import Memory
from fastnn.estimator.warning import warn
from fastnn.kernels import optimisers as kernel

_RULES = {rule.__name__: rule for rule in (kernel.Adam, kernel.Momentum, kernel.Nesterov)}

# Raise this number when the data below, or the kernels' layout of the arrays, changes.
_FORM = 1


class Solver(NamedTuple):
    """The first call's rule and learning rate, and what they remember."""

    rule: Any
    rate: LearningRate
    memory: Memory | None = None  # None before the first epoch


def stored(solver: Solver, sizes: list[int]) -> dict[str, Any]:
    """Return as plain data what a solver remembers of a network with layers of these sizes."""
    assert solver.memory is not None  # training has begun
    return {
        "form": _FORM,
        "rule": type(solver.rule).__name__,
        "numbers": [float(number) for number in solver.rule],
        "rate": solver.rate.stored(),
        "sizes": list(sizes),
        "steps": int(solver.memory.steps),
        "arrays": list(solver.memory.arrays),
    }


def recalled(data: Any, sizes: list[int]) -> Solver | None:
    """Return the solver that `stored` described, or None if there is none.

    Raises
    ------
    ValueError
        If it has trained layers of other sizes.

    Warns
    -----
    UserWarning
        If another version of fastnn has stored it, which this one cannot read.
    """
    if data is None:
        return None
    if not isinstance(data, dict) or data.get("form") != _FORM:
        warn(
            "What the solver remembers of earlier calls is of another version of fastnn: it "
            "starts anew, from the present weights."
        )
        return None
    if data["sizes"] != sizes:
        raise ValueError(
            f"the layers must have {data['sizes']} neurons, which the solver remembers, to go on "
            f"with partial_fit, got {sizes}. `fit` with warm_start=True begins with a new solver."
        )
    rule = _RULES[data["rule"]](*data["numbers"])
    memory = Memory(data["steps"], tuple(data["arrays"]))
    return Solver(rule, LearningRate.of(data["rate"]), memory)
