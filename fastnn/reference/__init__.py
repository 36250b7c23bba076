"""network2 in plain NumPy: one example at a time, with every step written out.

The compiled code is tested and timed against this package. So it does the book's arithmetic in the
book's order and nothing else, needs only NumPy and the standard library, and imports nothing of the
rest of fastnn.

Equation numbers are those of *Neural Networks and Deep Learning*: BP1 to BP4 are the four equations
of backpropagation (chapter 2), and plain numbers are the numbered equations of the text.
"""

from .activations import sigmoid, sigmoid_prime
from .costs import (
    COSTS,
    Cost,
    CrossEntropyCost,
    LogLikelihoodCost,
    PoissonCost,
    QuadraticCost,
    vectorized_result,
)
from .files import load
from .gradients import average_gradient, layer_speeds
from .history import History
from .network import Network
from .optimisers import Adam
from .stopping import Halving

__all__ = [
    "COSTS",
    "Adam",
    "Cost",
    "CrossEntropyCost",
    "Halving",
    "History",
    "LogLikelihoodCost",
    "Network",
    "PoissonCost",
    "QuadraticCost",
    "average_gradient",
    "layer_speeds",
    "load",
    "sigmoid",
    "sigmoid_prime",
    "vectorized_result",
]
