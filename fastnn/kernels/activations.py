"""What neurons make of their weighted inputs z, and its slope, on vector registers.

A new activation is a code, a line in `activation` and one in `slope`; `fastnn/activations.py` gives
it its name.
"""

from __future__ import annotations

from numba import types

from .compiling import implements, inlined
from .simd import select_greater, splat
from .simd.functions import sigmoid, tanh

# A user's own activations have the codes from CUSTOM on.
SIGMOID, TANH, RELU, IDENTITY, SOFTMAX, CUSTOM = range(6)


@inlined
def activation(code, z):
    """a = f(z), lane by lane; z itself where f is not a function of single neurons."""
    if code == SIGMOID:
        a = sigmoid(z)
    elif code == TANH:
        a = tanh(z)
    elif code == RELU:
        zero = splat(z, 0.0)
        a = select_greater(zero, z, zero, z)
    else:
        a = z
    return a


@inlined
def slope(code, a):
    """f'(z), lane by lane, from a = f(z); of softmax how each output depends on its own z."""
    one = splat(a, 1.0)
    if code in (SIGMOID, SOFTMAX):
        result = a * (one - a)
    elif code == TANH:
        result = one - a * a
    elif code == RELU:
        zero = splat(a, 0.0)
        result = select_greater(a, zero, one, zero)
    else:
        result = one
    return result


def _no_custom(custom, code, z):
    return z, z


def _call_custom(custom, code, z):
    return custom(code, z)


def custom_activation(custom, code, z):
    """f(z) and f'(z) of one neuron; `custom` is compiled from what the user wrote, or 0."""
    form = _call_custom if callable(custom) else _no_custom
    return form(custom, code, z)


@implements(custom_activation)
def _custom_activation_overload(custom, code, z):
    return _no_custom if isinstance(custom, types.Integer) else _call_custom
