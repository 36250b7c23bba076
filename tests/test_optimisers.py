"""Rules by name: what kernels are given for them, and the way back, for checkpoints.

What is refused is in training/test_checked_options.py, the steps themselves in promises/.
"""

import pytest

from fastnn import optimisers
from fastnn.kernels import optimisers as kernel
from fastnn.optimisers import Adam

RULES = {
    "plain": (("sgd", 0.0, False), None),
    "momentum": (("sgd", 0.5, False), kernel.Momentum(0.5)),
    "nesterov": (("sgd", 0.5, True), kernel.Nesterov(0.5)),
    "adam": (("adam", 0.0, False), kernel.Adam(0.9, 0.999, 1e-8)),
    "adam with numbers": ((Adam(0.5, 0.75, 0.1), 0.0, False), kernel.Adam(0.5, 0.75, 0.1)),
}


@pytest.mark.parametrize("name", RULES)
def test_arguments_of_sgd_become_a_rule(name):
    arguments, rule = RULES[name]
    made = optimisers.kernel_rule(*arguments)
    assert type(made) is type(rule)
    assert made == rule


@pytest.mark.parametrize("name", [name for name in RULES if name != "plain"])
def test_a_rule_becomes_arguments_from_which_the_same_rule_is_made(name):
    _, rule = RULES[name]
    again = optimisers.arguments_for(type(rule).__name__, list(rule))
    assert optimisers.kernel_rule(**again) == rule


def test_no_other_rule_is_known():
    with pytest.raises(ValueError, match=r"^its rule must be one of Momentum, .*Newton"):
        optimisers.arguments_for("Newton", [])


def test_every_name_of_an_optimiser_but_that_of_plain_steps_has_a_rule():
    plain, *others = optimisers.NAMES
    assert optimisers.kernel_rule(plain, 0.0, False) is None
    made = [optimisers.kernel_rule(name, 0.0, False) for name in others]
    assert [kernel.RULES[type(rule)].name for rule in made] == others
    assert "adam" in others
