"""
A curve from noisy points
=========================

One input, one identity output, the quadratic cost.
"""

import numpy as np
from matplotlib import pyplot

import fastnn
from fastnn.plots.style import look, new_axes

rng = np.random.default_rng(1)
x = rng.uniform(-1, 1, (300, 1))
y = np.sin(4 * x) + rng.normal(0, 0.15, x.shape)

net = fastnn.Network(
    [1, 30, 30, 1], fastnn.QuadraticCost, activation="tanh", output="identity", seed=1
)
net.SGD(fastnn.Dataset(x, y), 300, 10, 0.005, optimizer="adam", seed=1, verbose=False)

grid = np.linspace(-1, 1, 200)[:, np.newaxis]
ax = new_axes(pyplot.figure(layout="constrained"))
ax.plot(x, y, ".", color=look(5).color, label="examples")
ax.plot(grid, net.predict(grid), color=look(3).color, linewidth=2, label="network")
ax.set_xlabel("x")
ax.set_ylabel("y")
ax.legend(frameon=False)
