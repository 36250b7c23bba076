"""What a script changes between short calls of `SGD` on a network and data."""

from __future__ import annotations

import warnings

import numpy as np


def write_into_weights(module, net, pairs, arguments):
    net.weights[0][1, 1] = 3.0
    net.biases[0] -= 0.25


def assign_weights(module, net, pairs, arguments):
    net.weights = [np.asfortranarray(2.0 * w) for w in net.weights]
    net.biases[0] = net.biases[0] + 1.0


def turn_weights_over(module, net, pairs, arguments):
    """The same array, in the order of its transpose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        net.weights[0].strides = net.weights[0].strides[::-1]


def other_numbers_of_the_same_bits(module, net, pairs, arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        net.biases[0].dtype = np.int64
    net.biases[0][:] = 3


def other_eta(module, net, pairs, arguments):
    arguments["eta"] = 0.5
