"""
Learning rates
==============

The cost on the training data with three learning rates: too small, right, too large.
"""

from matplotlib import pyplot

from fastnn import mnist_loader, network2
from fastnn.plots.style import look, new_axes

training_data, _, _ = mnist_loader.load_data_wrapper()
ax = new_axes(pyplot.figure(layout="constrained"))
for place, eta in enumerate((0.025, 0.25, 2.5)):
    net = network2.Network([784, 30, 10], seed=1)
    history = net.SGD(
        *(training_data[:5000], 30, 10, eta),
        monitor_training_cost=True,
        seed=1,
        verbose=False,
    )
    color, linestyle, _ = look(place)
    ax.plot(history.training_cost, color=color, linestyle=linestyle, label=f"eta = {eta}")
ax.set_yscale("log")
ax.set_xlabel("epoch")
ax.set_ylabel("cost on the training data")
ax.legend(frameon=False)
