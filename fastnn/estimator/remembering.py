"""What a solver remembers from one call of `partial_fit` to the next.

Estimators hold it as plain data, so that a pickle does not depend on the classes of one version.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fastnn.estimator.learning_rate import LearningRate
from fastnn.estimator.trainer import Memory
from fastnn.estimator.warning import warn
from fastnn.kernels import optimisers as kernel
from fastnn.kernels.layout import with_padding, without_padding

_RULES = {rule.__name__: rule for rule in (kernel.Adam, kernel.Momentum, kernel.Nesterov)}

# An estimator holds all the kernels' room, in their layout; a pickle only what the rule remembers,
# without the padding. Raise a number when its data change, and `_FORM` when that layout does.
_FORM = 1
_PICKLED_FORM = 2


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


def pickled(data: Any) -> Any:
    """Return what `stored` has made in the form for pickles, and anything else as it is."""
    if not isinstance(data, dict) or data.get("form") != _FORM:
        return data
    # After the room for the gradient, which `Momentum` alone remembers; it has that again.
    arrays = data["arrays"][1 : 1 + max(1, kernel.RULES[_RULES[data["rule"]]].remembers)]
    arrays = [without_padding(data["sizes"], array) for array in arrays]
    return {**data, "form": _PICKLED_FORM, "arrays": arrays}


def recalled(data: Any, sizes: list[int]) -> Solver | None:
    """Return the solver that `stored` or `pickled` described, or None if there is none.

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
    if not isinstance(data, dict) or data.get("form") not in (_FORM, _PICKLED_FORM):
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
    arrays = data["arrays"]
    if data["form"] == _PICKLED_FORM:
        kept = [with_padding(sizes, array) for array in arrays]
        gradient = np.zeros_like(kept[0]) if kernel.RULES[type(rule)].remembers else kept[0]
        arrays = kernel.Room(gradient, kept[0], kept[1] if len(kept) > 1 else gradient)
    memory = Memory(data["steps"], tuple(arrays))
    return Solver(rule, LearningRate.of(data["rate"]), memory)
