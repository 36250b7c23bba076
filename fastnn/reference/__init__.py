"""The plain NumPy ``network2``: every example on its own, every step written out.

The package is the oracle that the compiled code is tested against and the baseline that it is
timed against, so it does the book's arithmetic in the book's order and nothing else: it needs
NumPy and the standard library, and knows nothing of the rest of fastnn.

Equation numbers are those of *Neural Networks and Deep Learning*: BP1 to BP4 are the four
equations of backpropagation (chapter 2), plain numbers are numbered equations of the text.
"""

from .activations import sigmoid, sigmoid_prime
from .costs import (
    COSTS,
    Cost,
    CrossEntropyCost,
    LogLikelihoodCost,
    QuadraticCost,
    vectorized_result,
)
from .gradients import average_gradient, layer_speeds
from .history import History
from .network import Network, load
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
    "QuadraticCost",
    "average_gradient",
    "layer_speeds",
    "load",
    "sigmoid",
    "sigmoid_prime",
    "vectorized_result",
]
