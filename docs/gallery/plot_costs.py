"""
Two costs on one output that is badly wrong
===========================================

With the quadratic cost, a saturated neuron learns slowly at first; with the cross-entropy it does
not (the book's chapter 3).
"""

import numpy as np
from matplotlib import pyplot

import fastnn
from fastnn.plots.style import look, new_axes

data = fastnn.Dataset(np.ones((1, 1)), np.zeros((1, 1)))
ax = new_axes(pyplot.figure(layout="constrained"))
for place, cost in enumerate((fastnn.QuadraticCost, fastnn.CrossEntropyCost)):
    net = fastnn.Network([1, 1], cost)
    net.weights, net.biases = [np.array([[2.0]])], [np.array([[2.0]])]
    outputs = []
    for _ in range(300):
        outputs.append(net.feedforward([[1.0]]).item())
        net.SGD(data, 1, 1, 0.15, verbose=False)
    color, linestyle, _ = look(place)
    ax.plot(outputs, color=color, linestyle=linestyle, label=cost.__name__)
ax.set_xlabel("epoch")
ax.set_ylabel("output (0 is right)")
ax.legend(frameon=False)
