"""Architectures: the work that an example is, and what kernels have to know of the layers."""

from __future__ import annotations

import numpy as np
import pytest
from builders import Softplus

from fastnn import CrossEntropyCost
from fastnn.model.activations import activation_codes
from fastnn.model.architecture import Architecture

SIZES = [20, 17, 12, 5]


def architecture(*hidden):
    return Architecture(SIZES, np.dtype(float), CrossEntropyCost, [*hidden, "sigmoid"])


def test_the_weights_of_all_layers_are_counted():
    assert architecture("relu", "relu").weight_count() == 20 * 17 + 17 * 12 + 12 * 5


@pytest.mark.parametrize(
    ("hidden", "dropout", "keep"),
    [
        (("relu", "sigmoid"), (), (False, False, False)),
        (("relu", "relu"), (0.0, 0.5), (False, True, False)),
        ((Softplus, "relu"), (), (True, False, False)),
    ],
    ids=["names", "dropout", "a class"],
)
def test_kernels_keep_slopes_where_outputs_do_not_tell_them(hidden, dropout, keep):
    codes = activation_codes([*hidden, "sigmoid"])
    frozen = (False, False, False)
    assert architecture(*hidden).layers(dropout) == (tuple(SIZES), codes, keep, frozen)


def test_kernels_are_told_which_layers_stay_as_they_are():
    assert architecture("relu", "relu").layers((), (0, 2)).frozen == (True, False, True)
