"""
Three spirals
=============

Which class the network gives each point of the plane.
"""

import numpy as np
from matplotlib import pyplot
from matplotlib.colors import ListedColormap

import fastnn
from fastnn.plots.style import look, new_axes

rng = np.random.default_rng(1)
label = np.repeat(np.arange(3), 200)
radius = np.tile(np.linspace(0.05, 1, 200), 3)
angle = 4 * radius + label * 2 * np.pi / 3 + rng.normal(0, 0.12, label.shape)
points = np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])

net = fastnn.Network(
    [2, 40, 40, 3], fastnn.LogLikelihoodCost, activation="relu", initializer="he", seed=1
)
net.SGD(fastnn.Dataset(points, label), 200, 10, 0.003, optimizer="adam", seed=1, verbose=False)

side = np.linspace(-1.1, 1.1, 250)
grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
colors = ListedColormap([look(place).color for place in range(3)])
ax = new_axes(pyplot.figure(figsize=(4.2, 4.2), layout="constrained"))
answers = net.predict(grid).reshape(250, 250)
ax.contourf(side, side, answers, levels=[-0.5, 0.5, 1.5, 2.5], colors=colors.colors, alpha=0.3)
ax.scatter(*points.T, c=label, cmap=colors, s=8)
ax.set_aspect("equal")
